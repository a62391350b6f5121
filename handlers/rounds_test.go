package handlers

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// names are the events of a request, in order; of its assignments too if all.
func (s *service) names(path string, all bool) (names []string) {
	s.t.Helper()
	for _, e := range s.as("network").do("GET", path+"/events?limit=200", "").want(200).list("items") {
		e, _ := e.(map[string]any)
		if name, _ := e["name"].(string); all || e["record_kind"] != "assignment" {
			names = append(names, name)
		}
	}
	return names
}

// Reopened, a case begins a new round: what earlier assignments did no longer
// counts, and the same organisation can be asked again.
func TestANewRound(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.openCase("")
	first := s.offered(path, "iom")
	for _, do := range []string{"accept", "start"} {
		s.as("iom").fire(first, do, "").want(200)
	}
	s.as("iom").fire(first, "complete", `, "outcome": "helped", "note": "n"`).want(200)
	s.as("admin").fire(path, "close", `, "outcome": "helped"`).want(200)
	s.as("admin").fire(path, "reopen", `, "reason": {"code": "appeal"}`).want(200)
	s.hides("iom", path) // which completed it, in a round that is over
	if got := s.as("iom").do("GET", first, "").want(200); strings.Contains(string(got.body), "MNL-0412") || len(s.as("iom").walk("/v1/case-referrals", 200)) > 0 {
		t.Errorf("the partner of an earlier round reads %s", got.body)
	}
	if got := s.state(path, "in_triage"); got.has("outcome") {
		t.Errorf("the outcome of the first round stays: %s", got.body)
	}
	s.as("admin").fire(path, "open", `, "urgency": "urgent", "services": ["child_protection"]`).want(200)
	again := s.offered(path, "iom")
	s.as("iom").fire(again, "accept", "").want(200)
	s.state(path, "in_service")
	s.as("iom").fire(again, "return", `, "reason": {"code": "unsafe"}`).want(200)
	s.state(path, "open") // in this round nothing was completed
	s.state(first, "completed")
	s.as("admin").fire(path, "hold", `, "reason": {"code": "security"}, "until": "2199-01-01T00:00:00Z"`).want(200)
	s.as("admin").fire(path, "resume", "").want(200)
	s.state(path, "open")
	want := []string{
		"referral.submitted", "referral.taken", "referral.opened", "referral.offer_made", "referral.begun", "referral.closed", "referral.reopened",
		"referral.opened", "referral.offer_made", "referral.begun", "referral.search_reopened", "referral.held", "referral.resumed",
	}
	if got := s.names(path, false); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}

	// A training likewise, and nothing of the old schedule and results is left.
	path = s.reach("/v1/training-requests", ways["/v1/training-requests"]["evaluated"])
	s.as("admin").fire(path, "close", `, "outcome": "objectives_met"`).want(200)
	s.as("admin").fire(path, "reopen", `, "reason": {"code": "appeal"}`).want(200)
	for _, member := range []string{"schedule", "delivery", "evaluation", "outcome", "levels", "participants", "delivered_on"} {
		if got := s.state(path, "in_triage"); got.has(member) {
			t.Errorf("%s of the first round stays: %s", member, got.body)
		}
	}
	s.as("admin").fire(path, "approve", `, "priority": "low"`).want(200)
	s.as("unitar").fire(s.offered(path, "unitar"), "decline", `, "reason": {"code": "unsafe"}`).want(200)
	s.state(path, "approved")
	s.agrees()
}

// A place that was taken comes back on every way out, once; an offer that was
// never accepted gives nothing back.
func TestPlacesComeBack(t *testing.T) {
	t.Parallel()
	s := start(t)
	const of = "iom/child_protection"
	full := s.places(of)
	for name, end := range map[string]func(path, at string){
		"return": func(_, at string) { s.as("iom").fire(at, "return", `, "reason": {"code": "unsafe"}`).want(200) },
		"revoke": func(_, at string) { s.as("admin").fire(at, "revoke", `, "reason": {"code": "error"}`).want(200) },
		"on hold": func(_, at string) {
			s.start(at)
			s.hold(at)
			s.as("iom").fire(at, "return", `, "reason": {"code": "unsafe"}`).want(200)
		},
		"complete": func(_, at string) {
			s.start(at)
			s.as("iom").fire(at, "complete", `, "outcome": "helped", "note": "n"`).want(200)
		},
		"withdraw": func(path, at string) {
			s.start(at)
			s.as("referrer").fire(path, "withdraw", `, "reason": {"code": "person_declined"}`).want(200)
		},
		"revoke_consent": func(path, at string) {
			s.start(at)
			s.hold(at)
			s.as("referrer").fire(path, "revoke_consent", "").want(200)
		},
	} {
		path := s.openCase("")
		at := s.offered(path, "iom")
		s.as("iom").fire(at, "accept", "").want(200)
		if s.places(of) != full-1 {
			t.Errorf("%s: %v places after it was accepted, want %v", name, s.places(of), full-1)
		}
		end(path, at)
		if s.places(of) != full {
			t.Errorf("%s: %v places after the end, want %v", name, s.places(of), full)
		}
	}
	// One place short of the maximum: what was only offered gives none back.
	row := s.services[of]
	service := fmt.Sprintf("/v1/organisations/%s/services/%s", row.OrganisationID, row.ID)
	s.as("admin").do("PATCH", service, fmt.Sprintf(`{"capacity": {"available": %v}}`, full-1), "If-Match: *").want(200)
	path := s.openCase("")
	s.as("iom").fire(s.offered(path, "iom"), "decline", `, "reason": {"code": "unsafe"}`).want(200)
	s.as("admin").fire(s.offered(path, "iom"), "revoke", `, "reason": {"code": "error"}`).want(200)
	s.offered(path, "iom")
	s.as("referrer").fire(path, "withdraw", `, "reason": {"code": "person_declined"}`).want(200)
	if s.places(of) != full-1 {
		t.Errorf("%v places, want %v", s.places(of), full-1)
	}
	s.agrees()
}

func (s *service) start(at string) { s.as("iom").fire(at, "start", "").want(200) }

func (s *service) hold(at string) {
	s.as("iom").fire(at, "hold", `, "reason": {"code": "security"}`).want(200)
}

// A case that goes to another desk takes along what its partners did in earlier
// rounds: that desk sees it, and the first one no longer does.
func TestATransferTakesAssignmentsAlong(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.openCase("")
	at := s.offered(path, "iom")
	s.as("iom").fire(at, "decline", `, "reason": {"code": "no_capacity"}`).want(200)
	s.as("referrer").fire(path, "withdraw", `, "reason": {"code": "person_declined"}`).want(200)
	s.as("admin").fire(path, "reopen", `, "reason": {"code": "appeal"}`).want(200)
	s.as("admin").fire(path, "transfer", fmt.Sprintf(`, "desk": %q, "reason": {"code": "language"}`, s.geneva.ID)).want(200)
	for who, sees := range map[string]bool{"admin": false, "admin of Geneva": true, "network": true, "iom": true} {
		status := map[bool]int{true: 200, false: 404}[sees]
		s.as(who).do("GET", at, "").want(status)
		if listed := len(s.as(who).walk("/v1/assignments", 50)) > 0; listed != sees {
			t.Errorf("%s has it in the list: %v", who, listed)
		}
	}
	if got := s.as("admin of Geneva").do("GET", path+"/assignments", "").want(200).list("items"); len(got) != 1 {
		t.Errorf("Geneva sees %v", got)
	}
	s.agrees()
}

// The accepted assignment of a training ends before it was delivered: from
// matched and from scheduled, by its partner and by the desk.
func TestUnmatch(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.approvedTraining()
	full := s.places("unitar/investigation_and_prosecution")
	for i, end := range []func(at string){
		func(at string) { s.as("unitar").fire(at, "return", `, "reason": {"code": "unsafe"}`).want(200) },
		func(at string) { s.as("admin").fire(at, "revoke", `, "reason": {"code": "error"}`).want(200) },
	} {
		for _, scheduled := range []bool{false, true} {
			at := s.offered(path, "unitar")
			s.as("unitar").fire(at, "accept", "").want(200)
			if scheduled {
				s.as("unitar").fire(path, "schedule", aSchedule).want(200)
				s.as("admin").fire(path, "reschedule", aSchedule+`, "reason": {"code": "partner"}`).want(200)
			}
			if i == 0 { // by then it may be under way
				s.as("unitar").fire(at, "start", "").want(200)
			}
			end(at)
			if got := s.state(path, "approved"); got.has("schedule") {
				t.Errorf("the schedule stays: %s", got.body)
			}
			s.as("unitar").do("GET", path, "").want(404)
		}
	}
	if got := s.places("unitar/investigation_and_prosecution"); got != full {
		t.Errorf("%v places, want %v", got, full)
	}

	// Two offers are open: one that ends leaves it offered. The match moves the
	// training first, so that the revocation of the rest unmatches nothing.
	first, second := s.offered(path, "unitar"), s.offered(path, "ewha")
	s.as("ewha").fire(second, "decline", `, "reason": {"code": "unsafe"}`).want(200)
	s.state(path, "offered")
	second = s.offered(path, "ewha")
	s.as("unitar").fire(first, "accept", "").want(200)
	all := s.names(path, true)
	tail := all[len(all)-3:]
	if want := []string{"assignment.accepted", "training.matched", "assignment.revoked"}; !slices.Equal(tail, want) {
		t.Errorf("the last events are %v, want %v", tail, want)
	}
	s.as("ewha").fire(second, "accept", "").want(409, "wrong_state")

	// Its partner completes it by itself once it is delivered; closing finds nothing left to end.
	s.as("unitar").fire(path, "schedule", aSchedule).want(200)
	s.as("unitar").fire(path, "deliver", `, "participants": 3, "delivered_on": "2012-09-11"`).want(200)
	s.as("unitar").fire(first, "complete", `, "outcome": "helped", "note": "n"`).want(200)
	s.as("admin").fire(path, "close", `, "outcome": "partly_met"`).want(200)
	if got := s.state(first, "completed"); got.str("outcome") != "helped" {
		t.Errorf("closing writes over what its partner said: %s", got.body)
	}
	s.agrees()
}

// A hold ends by hand in the state that the assignments say.
func TestHoldAndResume(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.openCase("")
	hold := fmt.Sprintf(`, "reason": {"code": "security"}, "until": %q`, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	resumes := func(to string) {
		t.Helper()
		s.as("admin").fire(path, "hold", hold).want(200)
		for i := range s.as("admin").do("GET", path, "").list("actions") {
			got := s.as("admin").do("GET", path, "")
			if got.str("actions", i, "action") == "resume" && got.str("actions", i, "to") != to {
				t.Errorf("resume is announced to %s, want %s", got.str("actions", i, "to"), to)
			}
		}
		s.as("admin").fire(path, "resume", "").want(200)
		if got := s.state(path, to); got.str("due_at") != "" && to == "in_service" {
			t.Errorf("%s", got.body)
		}
	}
	resumes("open")
	first, second := s.offered(path, "iom"), s.offered(path, "unhcr")
	resumes("open") // only offered
	s.as("iom").fire(first, "accept", "").want(200)
	resumes("in_service")
	// On hold, what ends leaves it on hold; resumed, it looks again.
	s.as("admin").fire(path, "hold", hold).want(200)
	s.as("iom").fire(first, "return", `, "reason": {"code": "unsafe"}`).want(200)
	s.state(path, "on_hold")
	s.as("admin").fire(path, "resume", "").want(200)
	s.state(path, "open")
	s.as("unhcr").fire(second, "accept", "").want(200)
	s.as("unhcr").fire(second, "start", "").want(200)
	s.as("unhcr").fire(second, "complete", `, "outcome": "helped", "note": "n"`).want(200)
	resumes("in_service") // one completed
	third := s.offered(path, "iom")
	s.as("iom").fire(third, "accept", "").want(200)
	s.as("iom").fire(third, "return", `, "reason": {"code": "unsafe"}`).want(200)
	s.state(path, "in_service") // the search is not reopened: one completed
	s.agrees()
}
