package workflow

import (
	"strings"
	"testing"
	"unicode"
)

// The codes of the vocabularies and of docs/workflows.md, transcribed by hand.
var codes = map[string]string{
	"age_band":               "0_5 6_12 13_17 adult unknown",
	"gender":                 "feminine masculine transgender_feminine transgender_masculine non_conforming unknown",
	"trafficking_status":     "possible_victim actual_victim not_a_victim",
	"exploitation_types":     "forced_labour sexual_exploitation child_labour forced_marriage servitude forced_military organ_removal forced_begging forced_adoption surrogacy other",
	"protection_flags":       "possible_refugee asylum_seeker stateless unaccompanied separated irregular_migrant internally_displaced",
	"services":               "safe_house medical psychosocial legal_assistance livelihoods child_protection education registration food cash_assistance family_tracing international_protection voluntary_return interpretation other",
	"urgency":                "emergency urgent normal",
	"decision_reason":        "additional_services_required migration_or_change_of_location other",
	"audiences":              "judge prosecutor paralegal lawyer police criminal_investigator financial_investigator labour_inspector social_worker ngo_worker migration_officer border_guard municipal_official trade_unionist mayor",
	"topics":                 "legal_framework definitions identification assistance non_punishment investigation_and_prosecution victims_rights sentencing compensation international_protection_and_return technology labour_exploitation child_trafficking referral victim_interviewing financing_and_sustainability multi_stakeholder_participation judicial_errors_and_misconceptions",
	"tier":                   "frontline contact_person specialised",
	"mode":                   "onsite online blended",
	"follow_up_theme":        "legislative_and_policy_frameworks financing_and_sustainability multi_stakeholder_participation",
	"level":                  "reaction learning behaviour results",
	"organisation_type":      "ngo law_enforcement health central_government local_government immigration legal_service business school intergovernmental university training_centre",
	"service_status":         "active inactive defunct temporarily_closed",
	"basis":                  "consent assent_with_caregiver best_interest_override vital_interest",
	"given_by":               "individual caregiver individual_and_caregiver none other",
	"purposes":               "referral statistics research follow_up",
	"withheld":               "subject_code gender trafficking_status exploitation_types citizenships subdivision languages protection_flags summary narrative actions_taken contact",
	"priority":               "low normal high",
	"training_reject_reason": "out_of_scope duplicate insufficient_information no_funding other",
	"referral_reject_reason": "out_of_scope duplicate insufficient_information not_a_trafficking_case other",
	"withdraw_reason":        "no_longer_needed found_elsewhere person_declined lapsed other",
	"transfer_reason":        "wrong_desk workload language conflict_of_interest other",
	"hold_reason":            "awaiting_person awaiting_documents security other",
	"reschedule_reason":      "partner participants venue security other",
	"reopen_reason":          "new_information appeal error other",
	"legal_hold_reason":      "court_order investigation complaint audit other",
	"erasure_reason":         "person_asked no_longer_needed error other",
	"decline_reason":         "no_capacity out_of_area not_eligible wrong_service conflict_of_interest unsafe other",
	"return_reason":          "no_capacity out_of_area not_eligible wrong_service conflict_of_interest unsafe person_declined person_unreachable moved_away other",
	"revoke_reason":          "consent_revoked request_withdrawn matched_elsewhere error other",
	"case_outcome":           "helped partly_helped service_unavailable declined_by_person unreachable not_eligible referred_elsewhere other",
	"training_outcome":       "objectives_met partly_met not_met cancelled other",
	"assignment_outcome":     "helped partly_helped service_unavailable declined_by_person unreachable not_eligible referred_elsewhere no_show objectives_met partly_met not_met cancelled other",
	"verdict":                "same_person different_person",
	"routed_by":              "rule language country default",
	"weekday":                "monday tuesday wednesday thursday friday saturday sunday",
	"role":                   "requester referrer admin partner auditor",
}

func TestVocabulariesHaveThePromisedCodes(t *testing.T) {
	for name, want := range codes {
		if got := strings.Join(Codes(name), " "); got != want {
			t.Errorf("%s:\n%s\npromised\n%s", name, got, want)
		}
	}
	seen := map[string]bool{}
	for _, v := range Vocabularies() {
		if codes[v.Name] == "" || seen[v.Name] || v.Source == "" {
			t.Errorf("the vocabulary %q is promised nowhere, or twice here, or of no source", v.Name)
		}
		seen[v.Name] = true
	}
	if Codes("weather") != nil {
		t.Error("there are codes of an unknown vocabulary")
	}
}

// Every term reads in four languages, each in its own script, no two alike.
func TestEveryTermIsTranslated(t *testing.T) {
	for _, v := range Vocabularies() {
		used := map[string]string{}
		codesSeen := map[string]bool{}
		for _, term := range v.Terms {
			if !snake.MatchString(term.Code) || codesSeen[term.Code] {
				t.Errorf("%s: %q is not snake_case, or there twice", v.Name, term.Code)
			}
			codesSeen[term.Code] = true
			if len(term.Labels) != 4 {
				t.Errorf("%s: %s is in %d languages", v.Name, term.Code, len(term.Labels))
			}
			for _, language := range []string{"en", "fr", "es", "ko"} {
				label := term.Labels[language]
				hangul := strings.IndexFunc(label, func(r rune) bool { return unicode.Is(unicode.Hangul, r) }) >= 0
				switch key := language + label; {
				case label == "" || strings.TrimSpace(label) != label || strings.Contains(label, "_"):
					t.Errorf("%s: %s reads %q in %s", v.Name, term.Code, label, language)
				case hangul != (language == "ko"):
					t.Errorf("%s: %s reads %q in %s: not its script", v.Name, term.Code, label, language)
				case used[key] != "":
					t.Errorf("%s: %s and %s both read %q in %s", v.Name, used[key], term.Code, label, language)
				default:
					used[key] = term.Code
				}
			}
		}
	}
}

// Who finds no fitting reason or outcome says so in words of their own.
func TestReasonsAndOutcomesEndWithOther(t *testing.T) {
	lists := 0
	for _, v := range Vocabularies() {
		if strings.HasSuffix(v.Name, "_reason") || strings.HasSuffix(v.Name, "_outcome") {
			lists++
			if last := v.Terms[len(v.Terms)-1].Code; last != "other" {
				t.Errorf("%s ends with %s", v.Name, last)
			}
		}
	}
	if lists != 16 {
		t.Errorf("%d lists of reasons and outcomes", lists)
	}
}

// Who is not known to be an adult counts as a child.
func TestWhoMayBeAChildIsOne(t *testing.T) {
	for _, band := range append(Codes("age_band"), "") {
		if IsChild(band) != (band != "adult") {
			t.Errorf("%q counts as a child: %v", band, IsChild(band))
		}
	}
}
