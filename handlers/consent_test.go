package handlers

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// consentCase is a submitted and opened case with one consent.
func (s *service) consentCase(consent string) string {
	s.t.Helper()
	path := s.as("referrer").create("/v1/case-referrals", fmt.Sprintf(`{"subject_code": "MNL-1", "age_band": "13_17", "country": "PH", "languages": ["tl"],
		"services": ["child_protection"], "urgency": "urgent", "summary": "s", "consents": [%s]}`, consent)).header.Get("Location")
	s.as("admin").fire(path, "take", "").want(200)
	s.as("admin").fire(path, "open", `, "urgency": "urgent", "services": ["child_protection"]`).want(200)
	return path
}

const given = `"basis": "consent", "given_by": "individual", "given_at": "2012-03-29T09:00:00Z", "purposes": ["referral"]`

// No offer leaves without a consent that covers it.
func TestOffersNeedConsent(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, tc := range []struct {
		name, consent, code string
		status              int
	}{
		{"any partner, any service", `{` + given + `}`, "", 201},
		{"this partner", `{` + given + `, "organisations": ["` + s.iom.ID.String() + `"]}`, "", 201},
		{"another partner", `{` + given + `, "organisations": ["` + s.unhcr.ID.String() + `"]}`, "consent_missing", 409},
		{"this service", `{` + given + `, "services": ["child_protection"]}`, "", 201},
		{"another service", `{` + given + `, "services": ["medical"]}`, "consent_missing", 409},
		{"another purpose", `{"basis": "consent", "given_by": "individual", "given_at": "2012-03-29T09:00:00Z", "purposes": ["statistics"]}`, "consent_missing", 409},
		{"an override that nobody approved", anOverride, "override_unapproved", 409},
	} {
		path := s.consentCase(tc.consent)
		got := s.as("admin").offer(path, s.iom.ID.String(), "child_protection")
		if got.status != tc.status || got.str("code") != tc.code {
			t.Errorf("%s: %d %s", tc.name, got.status, got.body)
		}
	}
	s.as("referrer").do("POST", "/v1/case-referrals", `{"subject_code": "MNL-1", "age_band": "adult", "country": "PH", "services": ["medical"], "urgency": "normal", "summary": "s"}`).want(409, "consent_missing")
	path := s.as("referrer").create("/v1/case-referrals", `{"subject_code": "MNL-1", "age_band": "adult", "country": "PH", "services": ["medical"], "urgency": "normal", "summary": "s", "draft": true}`).header.Get("Location")
	s.as("referrer").fire(path, "submit", "").want(409, "consent_missing")
	s.as("referrer").do("POST", path+"/consents", aConsent).want(201)
	s.as("referrer").fire(path, "submit", "").want(200)
}

func TestConsentExpires(t *testing.T) {
	t.Parallel()
	s := start(t)
	soon := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	path := s.consentCase(`{` + given + `, "expires_at": "` + soon + `"}`)
	offer := s.as("admin").offer(path, s.iom.ID.String(), "child_protection").want(201).header.Get("Location")
	s.summary("iom", offer, []string{"age_band", "country", "languages", "urgency", "summary"})
	s.now.advance(2 * time.Hour)
	s.as("iom").fire(offer, "accept", "").want(409, "consent_expired")
	s.summary("iom", offer, nil) // what can't be accepted needn't be known
	s.as("admin").offer(path, s.bystanders.ID.String(), "child_protection").want(409, "consent_expired")
	s.as("referrer").do("POST", path+"/consents", aConsent).want(201)
	s.as("iom").fire(offer, "accept", "").want(200)
}

// One who says less later meant it for those who know already: a newer consent
// that reaches a partner takes from it what it withholds, one that does not
// reach it, or is over, takes nothing, and none gives back.
func TestANewerConsentTakesAway(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.as("referrer").create("/v1/case-referrals", aCanaryCase).header.Get("Location") // which withholds gender and actions_taken
	s.as("admin").fire(path, "take", "").want(200)
	s.as("admin").fire(path, "open", `, "urgency": "urgent", "services": ["child_protection"]`).want(200)
	at := s.offered(path, "iom")
	s.as("iom").fire(at, "accept", "").want(200)
	sees := func(want bool, members ...string) {
		t.Helper()
		got := s.as("iom").do("GET", path, "").want(200)
		for _, m := range members {
			if got.has(m) != want {
				t.Errorf("%s is shown: %v\n%s", m, got.has(m), got.body)
			}
		}
	}
	consents := func(more string) {
		t.Helper()
		s.as("referrer").do("POST", path+"/consents", `{`+given+more+`}`).want(201)
	}
	sees(true, "narrative", "citizenships")
	consents(`, "withheld": ["narrative"], "organisations": ["` + s.unhcr.ID.String() + `"]`)
	consents(`, "withheld": ["narrative"], "services": ["medical"]`)
	consents(`, "withheld": ["narrative"], "expires_at": "2012-04-29T09:00:00Z"`)
	s.as("referrer").do("POST", path+"/consents", `{"basis": "vital_interest", "given_by": "none", "given_at": "2012-03-29T09:00:00Z", "purposes": ["referral"], "reason": "r", "withheld": ["narrative"]}`).want(201)
	sees(true, "narrative", "citizenships")
	consents(`, "withheld": ["narrative"]`)
	sees(false, "narrative", "gender", "actions_taken")
	sees(true, "citizenships", "contact")
	if got := s.as("iom").do("GET", at, "").want(200); strings.Contains(string(got.body), "CANARY narrative") {
		t.Errorf("%s", got.body)
	}
	consents(``)
	consents(`, "withheld": ["citizenships"], "services": ["child_protection"]`)
	sees(false, "narrative", "gender", "actions_taken", "citizenships")
	s.as("referrer").do("GET", path, "").want(200)
	s.shows("referrer", path, allFields)
}

// The two overrides need a reason, and an admin who neither recorded the
// consent nor makes the offer.
func TestOverridesNeedASecondAdmin(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.consentCase(aConsentOfOthers(s))
	override := func(who string) string {
		return s.as(who).do("POST", path+"/consents", anOverride).want(201).str("id")
	}
	approve := func(who, id string) answered {
		return s.as(who).do("POST", path+"/override-approvals", fmt.Sprintf(`{"consent_id": %q, "note": "It is so."}`, id))
	}
	s.as("referrer").do("POST", path+"/consents", `{"basis": "best_interest_override", "given_by": "none", "given_at": "2012-03-29T09:00:00Z", "purposes": ["referral"]}`).want(422)
	s.as("referrer").do("POST", path+"/consents", `{"basis": "consent", "given_by": "none", "given_at": "2012-03-29T09:00:00Z", "purposes": ["referral"]}`).want(422)
	s.as("referrer").do("POST", path+"/consents", `{"basis": "consent", "given_by": "individual", "given_at": "2199-03-29T09:00:00Z", "purposes": ["referral"]}`).want(422)

	own := override("admin")
	approve("admin", own).want(409, "same_person")
	s.as("admin").offer(path, s.iom.ID.String(), "child_protection").want(409, "override_unapproved")
	approve("admin of Geneva", own).want(404)
	approve("network", own).want(201)
	approve("network", own).want(409, "already_approved")
	s.as("network").offer(path, s.iom.ID.String(), "child_protection").want(409, "override_unapproved")
	s.as("admin").offer(path, s.iom.ID.String(), "child_protection").want(201)
	if got := s.as("referrer").do("GET", path+"/override-approvals", "").list("items"); len(got) != 1 {
		t.Errorf("%v", got)
	}
	approve("network", s.as("referrer").do("POST", path+"/consents", aConsent).want(201).str("id")).want(409, "no_override")
	approve("network", path[len(referrals):]).want(422)
}

// aConsentOfOthers is a consent that does not cover IOM.
func aConsentOfOthers(s *service) string {
	return `{` + given + `, "organisations": ["` + s.unhcr.ID.String() + `"]}`
}

// Revocation ends every consent, every live assignment and all access at once;
// a new consent is a new referral that names the old one.
func TestRevokeConsent(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.openCase("")
	completed := s.as("admin").offer(path, s.bystanders.ID.String(), "child_protection").want(201).header.Get("Location")
	s.as("bystander").fire(completed, "accept", "").want(200)
	s.as("bystander").fire(completed, "start", "").want(200)
	s.as("bystander").fire(completed, "complete", `, "outcome": "helped", "note": "Done."`).want(200)
	s.as("bystander").do("GET", path, "").want(200)
	taken := s.as("admin").offer(path, s.iom.ID.String(), "child_protection").want(201).header.Get("Location")
	offered := s.as("admin").offer(path, s.unhcr.ID.String(), "international_protection").want(201).header.Get("Location")
	s.as("iom").fire(taken, "accept", "").want(200)
	s.as("referrer").fire(path, "revoke_consent", "").want(200)
	s.hides("iom", path)
	s.ended("bystander", path, completed) // who completed it reads no longer either
	for who, at := range map[string]string{"iom": taken, "unhcr": offered} {
		if got := s.as(who).do("GET", at, "").want(200); got.str("state") != "revoked" || got.str("reason") != "consent_revoked" {
			t.Errorf("%s", got.body)
		}
	}
	if got := s.as("referrer").do("GET", path+"/consents", ""); got.str("items", 0, "ended_at") == "" {
		t.Errorf("%s", got.body)
	}
	s.as("admin").fire(path, "reopen", `, "reason": {"code": "appeal"}`).want(409, "wrong_state")
	follows := fmt.Sprintf(`, "follows": %q`, path[len(referrals):])
	if got := s.as("referrer").create("/v1/case-referrals", fmt.Sprintf(aReferral, follows)); got.str("follows") != path[len(referrals):] {
		t.Errorf("%s", got.body)
	}
	s.as("stranger").do("POST", "/v1/case-referrals", fmt.Sprintf(aReferral, follows)).want(422)
	s.agrees()
}

// An override is listed for review until somebody else approved it, and who
// may approve is a second admin of its desk, or the network's.
func TestOverridesAreListedForReview(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.addPerson("second admin", s.unitar, &s.jeju.ID, "admin")
	for _, basis := range []string{"vital_interest", "best_interest_override"} {
		override := fmt.Sprintf(`{"basis": %q, "given_by": "none", "given_at": "2012-03-29T09:00:00Z", "purposes": ["referral"], "reason": "He is in danger."}`, basis)
		path := s.consentCase(override) // recorded by the referrer
		consent := s.as("admin").do("GET", path+"/consents", "").want(200)
		if consent.at("items", 0, "needs_approval") != true || consent.at("items", 0, "approval") != nil {
			t.Errorf("%s is not listed for review: %s", basis, consent.body)
		}
		body := fmt.Sprintf(`{"consent_id": %q}`, consent.str("items", 0, "id"))
		s.as("referrer").do("POST", path+"/override-approvals", body).want(403, "wrong_role")
		s.as("stranger").do("POST", path+"/override-approvals", body).want(404)
		s.as("admin").do("POST", path+"/override-approvals", body).want(201)
		s.as("admin").offer(path, s.iom.ID.String(), "child_protection").want(409, "override_unapproved") // approver and offerer are two
		at := s.as("second admin").offer(path, s.iom.ID.String(), "child_protection").want(201).header.Get("Location")
		s.as("iom").fire(at, "accept", "").want(200)
		consent = s.as("referrer").do("GET", path+"/consents", "").want(200)
		if consent.at("items", 0, "needs_approval") != false || consent.str("items", 0, "approval", "approved_by") != s.as("admin").user.ID.String() {
			t.Errorf("the approval does not show: %s", consent.body)
		}
		s.as("iom").do("GET", path+"/consents", "").want(403, "wrong_role")
		s.as("iom").do("GET", path, "").want(200).silent("a partner's case", "He is in danger.")
		names := s.names(path, false)
		if !slices.Contains(names, "referral.override_approved") {
			t.Errorf("the log is %v", names)
		}
	}
	s.agrees()
}

// What passes on is what the consent that covers an assignment says, of
// several the one that reaches its organisation and service.
func TestWhichConsentCounts(t *testing.T) {
	t.Parallel()
	s := start(t)
	iom, unhcr := s.iom.ID.String(), s.unhcr.ID.String()
	path := s.as("referrer").create("/v1/case-referrals", fmt.Sprintf(`{"subject_code": "MNL-1", "age_band": "13_17", "gender": "masculine", "country": "PH", "languages": ["tl"],
		"services": ["child_protection"], "urgency": "urgent", "summary": "s", "narrative": "n", "consents": [
		{%s, "organisations": [%q], "services": ["child_protection"], "withheld": ["narrative"]}, {%s, "organisations": [%q], "withheld": ["gender"]}]}`, given, iom, given, unhcr)).header.Get("Location")
	s.as("admin").fire(path, "take", "").want(200)
	s.as("admin").fire(path, "open", `, "urgency": "urgent", "services": ["child_protection"]`).want(200)
	before := s.trace(path)
	s.as("admin").offer(path, iom, "voluntary_return").want(409, "consent_missing")
	s.as("admin").offer(path, s.bystanders.ID.String(), "child_protection").want(409, "consent_missing")
	if after := s.trace(path); after != before {
		t.Errorf("a refused offer left a trace: %s, then %s", before, after)
	}
	for who, hidden := range map[string]string{"iom": "narrative", "unhcr": "gender"} {
		s.as(who).fire(s.offered(path, who), "accept", "").want(200)
		for _, member := range []string{"narrative", "gender"} {
			if got := s.as(who).do("GET", path, "").want(200); got.has(member) == (member == hidden) {
				t.Errorf("%s sees %s: %v", who, member, got.has(member))
			}
		}
	}
	// A consent that ends between offer and acceptance blocks it, whoever gave it.
	soon := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	s.as("admin").do("POST", path+"/consents", fmt.Sprintf(`{%s, "services": ["voluntary_return"], "expires_at": %q}`, given, soon)).want(201)
	at := s.as("admin").offer(path, iom, "voluntary_return").want(201).header.Get("Location")
	s.now.advance(59 * time.Minute)
	if got := s.as("iom").do("GET", at, ""); got.at("actions", 0, "blocked_by") != nil {
		t.Errorf("acceptance is blocked before its time: %s", got.body)
	}
	s.now.advance(2 * time.Minute)
	if got := s.as("iom").do("GET", at, ""); got.str("actions", 0, "blocked_by") != "consent_expired" {
		t.Errorf("acceptance is not announced as blocked: %s", got.body)
	}
	s.as("iom").fire(at, "accept", "").want(409, "consent_expired")
	s.agrees()
}

// Whatever its assignments are at, revocation ends them all, with their reason.
func TestRevocationEndsEveryState(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.openCase("")
	ways := map[string][]string{"offered": nil, "accepted": {"accept"}, "in_progress": {"accept", "start"}, "on_hold": {"accept", "start", "hold"}}
	at := map[string]string{}
	people := map[string]*person{}
	for state, way := range ways {
		of := s.addOrganisation("Partner "+state, "ngo")
		s.addService(state, of, "medical", "PH")
		people[state] = s.addPerson(state, of, nil, "partner")
		at[state] = s.as("admin").offer(path, of.ID.String(), "medical").want(201).header.Get("Location")
		for _, do := range way {
			people[state].fire(at[state], do, map[string]string{"hold": `, "reason": {"code": "security"}`}[do]).want(200)
		}
	}
	s.as("admin").do("POST", path+"/consents", aConsent).want(201)
	s.as("admin").fire(path, "revoke_consent", "").want(200)
	for state, p := range people {
		if got := s.state(at[state], "revoked"); got.str("reason") != "consent_revoked" {
			t.Errorf("%s: %s", state, got.body)
		}
		s.hides(state, path)
		p.fire(at[state], "start", "").want(409, "wrong_state")
	}
	consents := s.as("referrer").do("GET", path+"/consents", "").want(200)
	for i := range consents.list("items") {
		if consents.str("items", i, "ended_at") == "" {
			t.Errorf("a consent goes on: %s", consents.body)
		}
	}
	if len(consents.list("items")) != 2 {
		t.Errorf("%s", consents.body)
	}
	s.as("referrer").do("POST", path+"/consents", aConsent).want(409, "wrong_state")
	s.as("admin").offer(path, s.iom.ID.String(), "child_protection").want(409, "wrong_state")
	s.as("iom").do("GET", path, "").want(404)
	s.agrees()
}
