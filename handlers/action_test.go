package handlers

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"onward/workflow"
)

// can is what a record says that its caller can do: `do→to(needs)!blocked`.
func (x answered) can() string {
	x.t.Helper()
	var all []string
	for i := range x.list("actions") {
		one := x.str("actions", i, "action") + "→" + x.str("actions", i, "to")
		if needs := x.list("actions", i, "needs"); len(needs) > 0 {
			one += strings.ReplaceAll(fmt.Sprint(needs), " ", ",")
		}
		if code := x.str("actions", i, "blocked_by"); code != "" {
			one += "!" + code
		}
		all = append(all, one)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// blocked is what stands in the way of an action; "-" if it isn't announced.
func (x answered) blocked(do string) string {
	x.t.Helper()
	for i := range x.list("actions") {
		if x.str("actions", i, "action") == do {
			return x.str("actions", i, "blocked_by")
		}
	}
	return "-"
}

const (
	withdraw = "withdraw→withdrawn[reason]"
	reopen   = "reopen→in_triage[reason]"
	when     = "starts_at|sessions,ends_at|sessions,mode,place|link"
)

// buttons is what docs/workflows.md lets each one do in each state, written
// out by hand: owner, desk and partner; "-": it is not there for them.
var buttons = map[string]map[workflow.State][3]string{
	"/v1/training-requests": {
		workflow.Draft:                {"delete→draft edit→draft submit→submitted " + withdraw, withdraw, "-"},
		workflow.Submitted:            {withdraw, "take→in_triage " + withdraw, "-"},
		workflow.InTriage:             {withdraw, "approve→approved[priority] edit→in_triage reject→rejected[reason] request_information→information_requested[question] transfer→submitted[desk,reason] " + withdraw, "-"},
		workflow.InformationRequested: {"edit→information_requested provide_information→in_triage[answer] " + withdraw, withdraw, "-"},
		workflow.Approved:             {withdraw, "delist→approved enlist→approved[organisation_id] offer→offered[organisation_id] plan_offers→approved[organisations] " + withdraw, "-"},
		workflow.Offered:              {withdraw, "cancel_plan→offered delist→offered enlist→offered[organisation_id] offer→offered[organisation_id] plan_offers→offered[organisations] " + withdraw, ""},
		workflow.Matched:              {withdraw, "schedule→scheduled[" + when + "] " + withdraw, "schedule→scheduled[" + when + "]"},
		workflow.Scheduled: {
			withdraw, "deliver→delivered[participants,delivered_on] reschedule→scheduled[" + when + ",reason] " + withdraw,
			"deliver→delivered[participants,delivered_on] reschedule→scheduled[" + when + ",reason]",
		},
		workflow.Delivered: {"evaluate→evaluated[levels,objectives]", "close→closed[outcome] evaluate→evaluated[levels,objectives]", ""},
		workflow.Evaluated: {"", "close→closed[outcome]", ""},
		workflow.Closed:    {"", reopen, ""},
		workflow.Rejected:  {"", reopen, "-"},
		workflow.Withdrawn: {"", reopen, "-"},
	},
	"/v1/case-referrals": {
		workflow.Draft:                {ofCase("draft", "delete→draft edit→draft", "submit→submitted"), ofCase("draft", "", ""), "-"},
		workflow.Submitted:            {ofCase("submitted", "", ""), onDesk("submitted", ofCase("submitted", "approve_override→submitted", "take→in_triage")), "-"},
		workflow.InTriage:             {ofCase("in_triage", "", ""), onDesk("in_triage", ofCase("in_triage", "approve_override→in_triage edit→in_triage open→open[urgency,services] reject→rejected[reason] request_information→information_requested[question]", "transfer→submitted[desk,reason]")), "-"},
		workflow.InformationRequested: {ofCase("information_requested", "edit→information_requested provide_information→in_triage[answer]", ""), onDesk("information_requested", ofCase("information_requested", "approve_override→information_requested", "")), "-"},
		workflow.Open:                 {ofCase("open", "", ""), onDesk("open", ofCase("open", "approve_override→open cancel_plan→open close→closed[outcome] hold→on_hold[reason,until] offer→open[organisation_id,service] plan_offers→open[organisations,service] enlist→open[organisation_id,service] delist→open", "")), "-"},
		workflow.InService:            {ofCase("in_service", "", ""), onDesk("in_service", ofCase("in_service", "approve_override→in_service cancel_plan→in_service close→closed[outcome]!assignments_live hold→on_hold[reason,until] offer→in_service[organisation_id,service] plan_offers→in_service[organisations,service] enlist→in_service[organisation_id,service] delist→in_service", "")), ""},
		workflow.OnHold:               {ofCase("on_hold", "", ""), onDesk("on_hold", ofCase("on_hold", "approve_override→on_hold cancel_plan→on_hold delist→on_hold resume→open", "")), "-"},
		workflow.Closed:               {"", onDesk("closed", ended("closed", reopen)), "-"},
		workflow.Rejected:             {"", onDesk("rejected", ended("rejected", reopen)), "-"},
		workflow.ConsentRevoked:       {"", onDesk("consent_revoked", ended("consent_revoked", "")), "-"},
		workflow.Withdrawn:            {"", onDesk("withdrawn", ended("withdrawn", reopen)), "-"},
	},
}

// ofCase is what owner and desk share of a case, and what each has besides,
// before and after it by the alphabet.
func ofCase(state, before, after string) string {
	all := []string{"add_consent→" + state, before, "revoke_consent→consent_revoked", after, withdraw}
	return strings.Join(slices.DeleteFunc(all, func(s string) bool { return s == "" }), " ")
}

// onDesk is what an admin has in every state but draft, besides.
func onDesk(state, besides string) string {
	all := append(strings.Fields(besides), "link_duplicate→"+state, "set_legal_hold→"+state+"[reason]", "lift_legal_hold→"+state+"!no_legal_hold")
	slices.Sort(all)
	return strings.Join(all, " ")
}

// ended is what an admin has once a case is at an end, besides.
func ended(state, besides string) string {
	return "request_erasure→" + state + " erase→" + state + "!erasure_not_requested " + besides
}

// What a record says can be done is what docs/workflows.md says, for each
// state and whoever reads it, in the list as in the GET of one.
func TestActions(t *testing.T) {
	t.Parallel()
	s := start(t)
	for collection, states := range buttons {
		readers := [3]string{"jurist", "admin", "unitar"}
		if collection == "/v1/case-referrals" {
			readers = [3]string{"referrer", "admin", "iom"}
		}
		if len(states) != len(ways[collection]) {
			t.Errorf("%d of %d states", len(states), len(ways[collection]))
		}
		for state, want := range states {
			path := s.reach(collection, ways[collection][state])
			for i, who := range readers {
				got := s.as(who).do("GET", path, "")
				if want[i] == "-" {
					got.want(404, "not_found")
					continue
				}
				if got.want(200).can() != want[i] {
					t.Errorf("%s in %s, %s:\n%s, want\n%s", collection, state, who, got.can(), want[i])
				}
				list := s.as(who).do("GET", collection+"?q="+got.str("reference"), "").want(200)
				if fmt.Sprint(list.at("items", 0, "actions")) != fmt.Sprint(got.at("actions")) {
					t.Errorf("%s in %s, %s: the list says %s, the record %s", collection, state, who, list.body, got.body)
				}
			}
		}
	}
	ends := [2]string{"", ""}
	for state, want := range map[workflow.State][2]string{ // partner, desk
		workflow.Offered:    {"accept→accepted decline→declined[reason]", "revoke→revoked[reason]"},
		workflow.Accepted:   {"return→returned[reason] start→in_progress", "revoke→revoked[reason]"},
		workflow.InProgress: {"complete→completed[outcome,note] hold→on_hold[reason] return→returned[reason]", "revoke→revoked[reason]"},
		workflow.OnHold:     {"resume→in_progress return→returned[reason]", "revoke→revoked[reason]"},
		workflow.Declined:   ends, workflow.Returned: ends, workflow.Completed: ends, workflow.Revoked: ends,
	} {
		_, at := s.lead(state)
		for i, who := range []string{"iom", "admin"} {
			if got := s.as(who).do("GET", at, "").want(200); got.can() != want[i] {
				t.Errorf("an assignment in %s, %s: %s, want %s", state, who, got.can(), want[i])
			}
		}
	}
}

// What stands in the way is announced, and nothing else is.
func TestWhatStandsInTheWay(t *testing.T) {
	t.Parallel()
	s := start(t)
	is := func(who, path, do, want string) {
		t.Helper()
		if got := s.as(who).do("GET", path, "").want(200).blocked(do); got != want {
			t.Errorf("%s is blocked by %q for %s, want %q", do, got, who, want)
		}
	}
	bare := s.as("jurist").create("/v1/training-requests", `{"draft": true}`).header.Get("Location")
	is("jurist", bare, "submit", "incomplete")
	is("admin", bare, "submit", "-")
	draft := s.as("referrer").create("/v1/case-referrals", `{"draft": true}`).header.Get("Location")
	is("referrer", draft, "submit", "incomplete")
	whole, _, _ := strings.Cut(fmt.Sprintf(aReferral, ""), `"consents"`)
	s.as("referrer").do("PATCH", draft, strings.TrimSuffix(strings.TrimSpace(whole), ",")+"}", "If-Match: *").want(200)
	is("referrer", draft, "submit", "consent_missing")
	s.as("referrer").create(draft+"/consents", aConsent)
	is("referrer", draft, "submit", "")

	for consent, code := range map[string]string{
		aConsent: "", anOverride: "override_unapproved",
		strings.Replace(aConsent, `"referral"]`, `"referral"], "expires_at": "`+time.Now().Add(time.Hour).UTC().Format(time.RFC3339)+`"`, 1): "consent_expired",
	} {
		path := s.consentCase(consent)
		if code == "consent_expired" {
			is("admin", path, "offer", "")
			s.now.advance(2 * time.Hour)
		}
		is("admin", path, "offer", code)
		is("referrer", path, "offer", "-")
	}

	path := s.openCase("")
	is("admin", path, "close", "")
	at := s.offered(path, "iom")
	is("admin", path, "close", "assignments_live")
	is("iom", at, "accept", "")
	last := s.services["iom/child_protection"]
	service := fmt.Sprintf("/v1/organisations/%s/services/%s", s.iom.ID, last.ID)
	s.as("admin").do("PATCH", service, `{"capacity": {"available": 0}}`, "If-Match: *").want(200)
	is("iom", at, "accept", "no_capacity")
	is("iom", at, "decline", "")
	s.as("admin").do("PATCH", service, `{"capacity": {"available": 1}}`, "If-Match: *").want(200)
	s.now.advance(73 * time.Hour)
	is("iom", at, "accept", "offer_closed")

	matched := s.reach("/v1/training-requests", toMatched)
	at = assignments + s.as("unitar").items("/v1/assignments?state=accepted")[0].str("id")
	s.as("unitar").fire(at, "start", "").want(200)
	is("unitar", at, "complete", "not_delivered")
	is("unitar", at, "return", "")
	s.as("unitar").fire(matched, "schedule", aSchedule).want(200)
	s.as("unitar").fire(matched, "deliver", `, "participants": 3, "delivered_on": "2012-09-11"`).want(200)
	is("unitar", at, "complete", "")
	is("unitar", at, "return", "already_delivered")
	is("admin", at, "revoke", "already_delivered")
}
