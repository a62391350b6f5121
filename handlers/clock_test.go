package handlers

import (
	"fmt"
	"testing"
	"time"
)

// ticks makes the clock's moves until there are none, and tells how many.
func (s *service) ticks() (all int) {
	s.t.Helper()
	for {
		n, err := s.clerk.Tick(s.t.Context())
		s.must(err)
		if n == 0 {
			return all
		}
		all += n
	}
}

// Nobody ticked for a month: everything is made up, each thing once, and each
// record is where its last move says.
func TestAClockThatSlept(t *testing.T) {
	t.Parallel()
	s := start(t)
	in := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(time.RFC3339) }
	hold := func(d time.Duration) string {
		return fmt.Sprintf(`, "reason": {"code": "security"}, "until": %q`, in(d))
	}
	// Of a case that is on hold and whose offer runs out, both end.
	both := s.openCase("")
	offer := s.offered(both, "iom")
	s.as("admin").fire(both, "hold", hold(24*time.Hour)).want(200)
	// A case in service whose last offer runs out stays in service.
	busy := s.openCase("")
	s.as("iom").fire(s.offered(busy, "iom"), "accept", "").want(200)
	late := s.offered(busy, "unhcr")
	// Of two offers of a training, the last to run out sends it back.
	training := s.approvedTraining()
	first := s.as("admin").do("POST", training+"/assignments", fmt.Sprintf(`{"organisation_id": %q, "respond_by": %q}`, s.unitar.ID, in(time.Hour))).want(201).header.Get("Location")
	second := s.offered(training, "ewha")
	// What waits for an answer: a training lapses, a case never.
	asked := s.reach("/v1/training-requests", ways["/v1/training-requests"]["information_requested"])
	person := s.reach("/v1/case-referrals", ways["/v1/case-referrals"]["information_requested"])

	if n := s.ticks(); n != 0 {
		t.Errorf("%d moves before the time", n)
	}
	s.now.advance(2 * time.Hour)
	if n := s.ticks(); n != 1 {
		t.Errorf("%d moves, want the first offer's end alone", n)
	}
	s.state(first, "expired")
	s.state(training, "offered")
	s.now.advance(60 * 24 * time.Hour)
	if n := s.ticks(); n != 5 {
		t.Errorf("%d moves, want 5", n)
	}
	s.state(offer, "expired")
	s.state(both, "open")
	s.state(late, "expired")
	s.state(busy, "in_service")
	s.state(second, "expired")
	s.state(training, "approved")
	s.state(asked, "withdrawn")
	s.state(person, "information_requested")
	if n := s.ticks(); n != 0 {
		t.Errorf("%d moves after everything was made up", n)
	}
	// What ran out is in the queue again.
	waits := map[string]bool{}
	for _, w := range s.as("admin").do("GET", "/v1/queue?limit=200", "").want(200).list("items") {
		w, _ := w.(map[string]any)
		id, _ := w["id"].(string)
		waits[id] = true
	}
	if !waits[training[len("/v1/training-requests/"):]] || !waits[both[len(referrals):]] || waits[busy[len(referrals):]] {
		t.Errorf("the queue is %v", waits)
	}
	s.as("referrer").fire(person, "provide_information", `, "answer": "a"`).want(200)
	s.as("jurist").fire(asked, "provide_information", `, "answer": "a"`).want(409, "wrong_state")
	s.agrees()
}

// Nobody but the clock does what is the clock's.
func TestTheClocksMovesAreItsOwn(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.openCase("")
	at := s.offered(path, "iom")
	asked := s.reach("/v1/training-requests", ways["/v1/training-requests"]["information_requested"])
	s.now.advance(40 * 24 * time.Hour)
	for who, record := range map[string]string{"iom": at, "admin": at, "network": at} {
		s.as(who).fire(record, "expire", "").want(403, "wrong_role")
	}
	for _, who := range []string{"jurist", "admin", "network"} {
		s.as(who).fire(asked, "lapse", "").want(403, "wrong_role")
		s.as(who).fire(asked, "unmatch", "").want(403, "wrong_role")
	}
	s.as("admin").fire(path, "reopen_search", "").want(403, "wrong_role")
}
