package handlers

import (
	"fmt"
	"strings"
	"testing"
)

// heard is what the log of a request tells somebody: each event by name, and as
// what it was done.
func (p *person) heard(path string) (names []string, log answered) {
	p.s.t.Helper()
	log = p.do("GET", path+"/events?limit=200", "").want(200)
	for _, e := range log.list("items") {
		e, _ := e.(map[string]any)
		names = append(names, fmt.Sprint(e["name"], " ", e["by"]))
	}
	return names, log
}

// Who is asked second hears of a training what the first did, from its own
// offer on: the time of an offer before it would tell that somebody was asked.
func TestTheLogTellsNoPosition(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.approvedTraining()
	plan := s.as("admin").plan(path, "", s.unitar.ID, s.ewha.ID)
	first := at(s.steps(plan, "live", "offered", "waiting"), 0)
	a, _ := s.as("unitar").heard(path)
	s.as("unitar").fire(first, "decline", declined).want(200)
	second := at(s.steps(plan, "live", "declined", "offered"), 1)
	b, log := s.as("ewha").heard(path)
	if fmt.Sprint(a) != "[assignment.offered admin]" || fmt.Sprint(b) != fmt.Sprint(a) {
		t.Errorf("the first hears %v, the second %v: %s", a, b, log.body)
	}
	s.as("ewha").fire(second, "accept", "").want(200)
	if b, log = s.as("ewha").heard(path); fmt.Sprint(b) != "[assignment.offered admin assignment.accepted partner training.matched effect]" {
		t.Errorf("it does not hear how its own training goes on: %s", log.body)
	}
}

// Whose offer was revoked because somebody else took the training, and who is
// offered it again when that one leaves, is told of no person of theirs, nor of
// what went on without it.
func TestWhoTookItIsNotTold(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.approvedTraining()
	s.offered(path, "ewha")
	won := s.offered(path, "unitar")
	s.as("unitar").fire(won, "accept", "").want(200)
	s.as("unitar").fire(won, "return", `, "reason": {"code": "no_capacity"}`).want(200)
	again := s.offered(path, "ewha")
	got, log := s.as("ewha").heard(path)
	log.silent("the log", s.as("unitar").user.ID.String(), s.as("admin").user.ID.String(), s.unitar.ID.String())
	if fmt.Sprint(got) != "[assignment.offered admin assignment.revoked effect assignment.offered admin]" {
		t.Errorf("%s", log.body)
	}
	s.as("ewha").fire(again, "accept", "").want(200)
	if _, log = s.as("ewha").heard(path); strings.Count(string(log.body), s.as("ewha").user.ID.String()) != 1 {
		t.Errorf("it is not told what its own person did: %s", log.body)
	}
}
