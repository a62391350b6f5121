package handlers

import (
	"fmt"
	"testing"
	"time"
)

// state fails unless a record is in a state.
func (s *service) state(path, want string) answered {
	s.t.Helper()
	got := s.as("network").do("GET", path, "").want(200)
	if got.str("state") != want {
		s.t.Fatalf("it is %s, want %s: %s", got.str("state"), want, got.body)
	}
	return got
}

// places are those left of a service of the network.
func (s *service) places(name string) float64 {
	s.t.Helper()
	row := s.services[name]
	left, _ := s.as("admin").do("GET", fmt.Sprintf("/v1/organisations/%s/services/%s", row.OrganisationID, row.ID), "").at("capacity", "available").(float64)
	return left
}

func (s *service) approvedTraining() string {
	s.t.Helper()
	path := s.as("jurist").create("/v1/training-requests", fmt.Sprintf(aTraining, "")).header.Get("Location")
	s.as("admin").fire(path, "take", "").want(200)
	s.as("admin").fire(path, "approve", `, "priority": "low"`).want(200)
	return path
}

func (s *service) offered(path, who string) string {
	s.t.Helper()
	service := map[string]string{"iom": "child_protection", "unhcr": "international_protection"}[who]
	return s.as("admin").offer(path, s.as(who).user.OrganisationID.String(), service).want(201).header.Get("Location")
}

const aSchedule = `, "starts_at": "2012-09-10T02:00:00Z", "ends_at": "2012-09-11T09:00:00Z", "mode": "online", "link": "https://example.org/room"`

// What an assignment does moves its training, and the other way round.
func TestEffectsOnATraining(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.approvedTraining()

	// The last open offer ends unaccepted: back to the desk.
	first, second := s.offered(path, "unitar"), s.offered(path, "ewha")
	s.as("unitar").fire(first, "decline", `, "reason": {"code": "unsafe"}`).want(200)
	s.state(path, "offered")
	s.as("admin").fire(second, "revoke", `, "reason": {"code": "error"}`).want(200)
	s.state(path, "approved")

	// Accepted: matched, the others revoked, a place taken; returned: all undone.
	first, second = s.offered(path, "unitar"), s.offered(path, "ewha")
	full := s.places("unitar/investigation_and_prosecution")
	s.as("unitar").fire(first, "accept", "").want(200)
	s.state(path, "matched")
	if got := s.state(second, "revoked"); got.str("reason") != "matched_elsewhere" {
		t.Errorf("%s", got.body)
	}
	if s.places("unitar/investigation_and_prosecution") != full-1 {
		t.Error("no place was taken")
	}
	s.as("ewha").do("GET", path, "").want(404)
	s.as("unitar").fire(path, "schedule", aSchedule).want(200)
	s.as("unitar").fire(first, "return", `, "reason": {"code": "moved_away"}`).want(200)
	if got := s.state(path, "approved"); got.has("schedule") {
		t.Errorf("the schedule of the one that returned it stays: %s", got.body)
	}
	if s.places("unitar/investigation_and_prosecution") != full {
		t.Error("the place was not given back")
	}

	// Delivered: started, and no way back; closed: completed with its outcome.
	first = s.offered(path, "unitar")
	s.as("unitar").fire(first, "accept", "").want(200)
	s.as("unitar").fire(path, "schedule", aSchedule).want(200)
	s.as("unitar").fire(path, "deliver", `, "participants": 3, "delivered_on": "2199-01-01"`).want(409, "delivered_in_future")
	s.as("unitar").fire(path, "deliver", `, "participants": 3, "delivered_on": "2012-09-01"`).want(409, "delivered_before_start")
	s.as("unitar").fire(path, "deliver", `, "participants": 3, "delivered_on": "2012-09-11"`).want(200)
	s.state(first, "in_progress")
	s.as("unitar").fire(first, "return", `, "reason": {"code": "unsafe"}`).want(409, "already_delivered")
	s.as("admin").fire(first, "revoke", `, "reason": {"code": "error"}`).want(409, "already_delivered")
	s.as("jurist").fire(path, "evaluate", `, "levels": [{"level": "results", "score": 5}]`).want(422)
	s.as("admin").fire(path, "close", `, "outcome": "partly_met"`).want(200)
	if got := s.state(first, "completed"); got.str("outcome") != "partly_met" {
		t.Errorf("%s", got.body)
	}
	if s.places("unitar/investigation_and_prosecution") != full {
		t.Error("the place was not given back")
	}

	// Reopened: what was done before no longer counts.
	s.as("admin").fire(path, "reopen", `, "reason": {"code": "appeal"}`).want(200)
	s.as("admin").fire(path, "approve", `, "priority": "high"`).want(200)
	first = s.offered(path, "unitar")
	s.as("jurist").fire(path, "withdraw", `, "reason": {"code": "other"}`).want(422)
	s.as("jurist").fire(path, "withdraw", `, "reason": {"code": "no_longer_needed"}`).want(200)
	if got := s.state(first, "revoked"); got.str("reason") != "request_withdrawn" {
		t.Errorf("%s", got.body)
	}
	s.agrees()
}

func TestEffectsOnACase(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.openCase("")
	s.as("admin").offer(path, s.iom.ID.String(), "child_protection").want(201)
	s.as("admin").offer(path, s.iom.ID.String(), "child_protection").want(409, "already_assigned")
	s.as("admin").fire(path, "close", `, "outcome": "helped"`).want(409, "assignments_live")
	iom := s.as("iom").do("GET", "/v1/assignments", "").list("items")[0].(map[string]any)["id"].(string) //nolint:forcetypeassert // a test
	first, second := assignments+iom, s.offered(path, "unhcr")

	// The first acceptance begins, the second leaves it; the last end reopens the search.
	s.as("iom").fire(first, "accept", "").want(200)
	s.state(path, "in_service")
	s.as("unhcr").fire(second, "accept", "").want(200)
	s.as("iom").fire(first, "return", `, "reason": {"code": "unsafe"}`).want(200)
	s.state(path, "in_service")
	s.as("unhcr").fire(second, "return", `, "reason": {"code": "unsafe"}`).want(200)
	s.state(path, "open")

	// On hold an acceptance leaves it on hold; resumed, it is where its assignments are.
	first = s.offered(path, "iom")
	s.as("admin").fire(path, "hold", `, "reason": {"code": "security"}, "until": "2012-01-01T00:00:00Z"`).want(422)
	s.as("admin").fire(path, "hold", fmt.Sprintf(`, "reason": {"code": "security"}, "until": %q`, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))).want(200)
	s.as("admin").offer(path, s.unhcr.ID.String(), "international_protection").want(409, "wrong_state")
	s.as("iom").fire(first, "accept", "").want(200)
	s.state(path, "on_hold")
	s.as("admin").fire(path, "resume", "").want(200)
	s.state(path, "in_service")

	// One that completed keeps it in service; it can close.
	s.as("iom").fire(first, "start", "").want(200)
	s.as("iom").fire(first, "hold", `, "reason": {"code": "awaiting_person"}`).want(200)
	s.as("iom").fire(first, "resume", "").want(200)
	s.as("iom").fire(first, "complete", `, "outcome": "helped"`).want(422)
	s.as("iom").fire(first, "complete", `, "outcome": "helped", "note": "He has a home."`).want(200)
	s.state(path, "in_service")
	second = s.offered(path, "unhcr")
	s.as("unhcr").fire(second, "decline", `, "reason": {"code": "other", "note": "Not ours."}`).want(200)
	s.state(path, "in_service")
	s.as("admin").fire(path, "close", `, "outcome": "other", "note": "He moved on."`).want(200)
	s.state(path, "closed")
	s.agrees()
}

// The clock's moves, each once, whoever ticks and however late.
func TestTheClock(t *testing.T) {
	t.Parallel()
	s := start(t)
	tick := func(want int) {
		t.Helper()
		made := make(chan int, 2)
		for range 2 { // two nodes at once
			go func() {
				n, err := s.clerk.Tick(t.Context())
				if err != nil {
					t.Error(err)
				}
				made <- n
			}()
		}
		if got := <-made + <-made; got != want {
			t.Errorf("the clock made %d moves, want %d", got, want)
		}
	}
	training, idle, path := s.approvedTraining(), s.as("jurist").create("/v1/training-requests", fmt.Sprintf(aTraining, "")).header.Get("Location"), s.openCase("")
	offer := s.offered(training, "unitar")
	s.as("admin").fire(idle, "take", "").want(200)
	s.as("admin").fire(idle, "request_information", `, "question": "Who?"`).want(200)
	taken := s.offered(path, "iom")
	s.as("iom").fire(taken, "accept", "").want(200)
	s.as("admin").fire(path, "hold", fmt.Sprintf(`, "reason": {"code": "security"}, "until": %q`, time.Now().Add(24*time.Hour).UTC().Format(time.RFC3339))).want(200)
	tick(0)
	s.now.advance(25 * time.Hour)
	tick(1)
	s.state(path, "in_service")
	s.now.advance(14 * 24 * time.Hour)
	s.as("unitar").fire(offer, "accept", "").want(409, "offer_closed")
	tick(1)
	s.state(offer, "expired")
	s.state(training, "approved")
	s.now.advance(30 * 24 * time.Hour)
	tick(1)
	if got := s.state(idle, "withdrawn"); got.str("reason") != "lapsed" {
		t.Errorf("%s", got.body)
	}
	tick(0)
	if got := s.as("jurist").do("GET", idle+"/events", "").list("items"); got[len(got)-1].(map[string]any)["by"] != "clock" { //nolint:forcetypeassert // a test
		t.Errorf("%v", got)
	}
	s.agrees()
}
