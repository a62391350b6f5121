package handlers

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
)

// crowded adds an organisation that has no place left, and gives its id.
func (s *service) crowded() string {
	s.t.Helper()
	full := s.addOrganisation("A full house", "ngo")
	s.addService("full", full, "child_protection", "PH")
	s.addService("full", full, "investigation_and_prosecution", "PK")
	s.addPerson("full", full, nil, "partner")
	s.room("full/child_protection", 0)
	s.room("full/investigation_and_prosecution", 0)
	return full.ID.String()
}

// room sets how many places a service has left.
func (s *service) room(name string, left int) {
	s.t.Helper()
	row := s.services[name]
	s.as("admin").do("PATCH", fmt.Sprintf("/v1/organisations/%s/services/%s", row.OrganisationID, row.ID), fmt.Sprintf(`{"capacity": {"available": %d, "maximum": 5}}`, left), "If-Match: *").want(200)
}

// enlist puts a request on a waiting list and gives the path of the entry.
func (p *person) enlist(path, service, organisation string) string {
	p.s.t.Helper()
	return path + "/waiting/" + p.do("POST", path+"/waiting", awaited(service, organisation)).want(201).str("id")
}

func awaited(service, organisation string) string {
	if service == "" {
		return fmt.Sprintf(`{"organisation_id": %q}`, organisation)
	}
	return fmt.Sprintf(`{"organisation_id": %q, "service": %q}`, organisation, service)
}

// waits gives an entry, and fails unless it is in a state.
func (s *service) waits(entry, state string) map[string]any {
	s.t.Helper()
	of, id, _ := strings.Cut(entry, "/waiting/")
	for _, x := range s.as("admin").do("GET", of+"/waiting", "").want(200).list("items") {
		if x, _ := x.(map[string]any); x["id"] == id {
			if x["state"] != state {
				s.t.Fatalf("the entry is %v, want %s", x, state)
			}
			return x
		}
	}
	s.t.Fatalf("there is no entry %s", entry)
	return nil
}

const care = "child_protection"

// A place that is left is offered to one at a time: by urgency, then to who
// waits the longest; while an offer from the list is open, that place is
// spoken for.
func TestAWaitingList(t *testing.T) {
	t.Parallel()
	s := start(t)
	full := s.crowded()
	first, second, third := s.openCase(""), s.openCase(""), s.openCase("")
	a, b, c := s.as("admin").enlist(first, care, full), s.as("admin").enlist(second, care, full), s.as("admin").enlist(third, care, full)
	s.column("UPDATE case_referrals SET urgency = 'emergency' WHERE id = '" + third[len(referrals):] + "' RETURNING id")
	s.as("admin").do("POST", first+"/waiting", awaited(care, full)).want(409, "already_waiting")
	s.as("admin").do("POST", first+"/waiting", awaited(care, s.iom.ID.String())).want(409, "has_capacity")
	s.as("admin").do("POST", first+"/waiting", awaited("food", full)).want(409, "service_not_offered")
	for entry, position := range map[string]float64{c: 1, a: 2, b: 3} {
		if x := s.waits(entry, "waiting"); x["position"] != position {
			t.Errorf("%v, want position %v", x, position)
		}
	}
	if n := s.ticks(); n != 0 {
		t.Errorf("%d moves while it is full", n)
	}
	row := s.services["full/"+care]
	count := fmt.Sprintf("/v1/organisations/%s/services/%s/waiting", row.OrganisationID, row.ID)
	for _, who := range []string{"full", "admin", "admin of Geneva"} {
		if got := s.as(who).do("GET", count, "").want(200); string(got.body) != `{"waiting":3}` {
			t.Errorf("%s is told %s", who, got.body)
		}
	}
	s.as("iom").do("GET", count, "").want(403, "wrong_role")

	s.room("full/"+care, 1)
	if n := s.ticks(); n != 1 {
		t.Errorf("%d offers of one place", n)
	}
	offer := fmt.Sprint(assignments, s.waits(c, "offered")["assignment_id"])
	s.waits(a, "waiting")
	s.ends(third, "referral.offer_made clock", "assignment.offered clock")
	s.as("full").fire(offer, "accept", "").want(200)
	if n := s.ticks(); n != 0 {
		t.Errorf("%d offers of no place", n)
	}
	// It comes back: the next has its turn.
	s.as("full").fire(offer, "return", `, "reason": {"code": "moved_away"}`).want(200)
	if n := s.ticks(); n != 1 {
		t.Errorf("%d offers of the place that came back", n)
	}
	s.as("full").fire(fmt.Sprint(assignments, s.waits(a, "offered")["assignment_id"]), "decline", declined).want(200)
	s.ticks()
	s.waits(b, "offered")
	s.agrees()
}

// Whose consent has ended by its turn leaves the list with the reason, and the
// next has the place; who is withdrawn or on hold has no turn.
func TestATurnThatCannotBe(t *testing.T) {
	t.Parallel()
	s := start(t)
	full := s.crowded()
	lapsed, gone, held, next := s.openCase(""), s.openCase(""), s.openCase(""), s.openCase("")
	s.column("UPDATE consents SET expires_at = now() + interval '1 hour' WHERE referral_id = '" + lapsed[len(referrals):] + "' RETURNING id")
	a, b, c, d := s.as("admin").enlist(lapsed, care, full), s.as("admin").enlist(gone, care, full), s.as("admin").enlist(held, care, full), s.as("admin").enlist(next, care, full)
	s.as("referrer").fire(gone, "withdraw", `, "reason": {"code": "no_longer_needed"}`).want(200)
	s.as("admin").fire(held, "hold", fmt.Sprintf(`, "reason": {"code": "security"}, "until": %q`, time.Now().Add(48*time.Hour).UTC().Format(time.RFC3339))).want(200)
	if x := s.waits(b, "ended"); x["reason"] != "withdrawn" {
		t.Errorf("%v", x)
	}
	s.now.advance(2 * time.Hour)
	s.room("full/"+care, 1)
	s.ticks()
	if x := s.waits(a, "ended"); x["reason"] != "consent_expired" {
		t.Errorf("%v", x)
	}
	s.ends(lapsed, "referral.delisted clock")
	if x := s.waits(c, "waiting"); x["position"] != nil {
		t.Errorf("on hold it has a turn: %v", x)
	}
	s.waits(d, "offered")
	s.as("full").do("GET", lapsed, "").want(404)
	if n := len(s.as("full").do("GET", "/v1/assignments", "").want(200).list("items")); n != 1 {
		t.Errorf("it was offered %d", n)
	}
	s.agrees()
}

// Two clocks at once, and a place for one.
func TestOnePlaceForMany(t *testing.T) {
	t.Parallel()
	s := start(t)
	full := s.crowded()
	for range 5 {
		s.as("admin").enlist(s.approvedTraining(), "", full)
	}
	s.room("full/investigation_and_prosecution", 2)
	var done sync.WaitGroup
	for range 8 {
		done.Go(func() {
			if _, err := s.clerk.Tick(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	if n := s.column("SELECT count(*) FROM assignments"); n != "2" {
		t.Errorf("%s offers of two places", n)
	}
	s.agrees()
}

// An entry is its desk's: nobody else sees it, and it ends once.
func TestAnEntryIsItsDesks(t *testing.T) {
	t.Parallel()
	s := start(t)
	full := s.crowded()
	path, other := s.openCase(""), s.approvedTraining()
	made := s.as("admin").do("POST", path+"/waiting", awaited(care, full)).want(201)
	training := s.as("admin").enlist(other, "", full)
	entry := path + "/waiting/" + made.str("id")
	for who, status := range map[string]int{"full": 404, "iom": 404, "stranger": 404, "admin of Geneva": 404, "referrer": 403} {
		s.as(who).do("GET", path+"/waiting", "").want(status)
		s.as(who).do("DELETE", entry, "", "If-Match: *").want(status)
		s.as(who).do("POST", path+"/waiting", awaited(care, full)).want(status)
	}
	for _, p := range []string{path, other} {
		s.as("admin").do("POST", p+"/waiting", awaited(map[string]string{path: care}[p], full), `If-Match: "999"`).want(412)
	}
	s.as("admin").do("DELETE", entry, "").want(428)
	s.as("admin").do("DELETE", entry, "", `If-Match: "7"`).want(412)
	s.as("admin").do("DELETE", path+"/waiting/"+uuid.NewString(), "", "If-Match: *").want(404)
	s.as("admin").do("DELETE", other+"/waiting/"+made.str("id"), "", "If-Match: *").want(404)
	s.as("admin").do("DELETE", entry, "", "If-Match: "+made.header.Get("ETag")).want(204)
	s.as("admin").do("DELETE", entry, "", "If-Match: *").want(409, "not_waiting")
	s.ends(path, "referral.delisted admin")
	s.as("admin").do("DELETE", training, "", "If-Match: *").want(204)
	s.as("admin").do("DELETE", training, "", "If-Match: *").want(409, "not_waiting")
	// Matched elsewhere, it waits no longer.
	training = s.as("admin").enlist(other, "", full)
	s.as("unitar").fire(s.offered(other, "unitar"), "accept", "").want(200)
	if x := s.waits(training, "ended"); x["reason"] != "matched" {
		t.Errorf("%v", x)
	}
	s.agrees()
}
