package handlers

import (
	"fmt"
	"testing"
	"time"

	"onward/workflow"
)

// lives leads an assignment to each of its states; who moves it is its partner.
var lives = map[workflow.State][]string{
	workflow.Offered: nil, workflow.Accepted: {"accept"}, workflow.InProgress: {"accept", "start"}, workflow.OnHold: {"accept", "start", "hold"},
	workflow.Completed: {"accept", "start", "complete"}, workflow.Declined: {"decline"}, workflow.Returned: {"accept", "return"},
	workflow.Revoked: {"revoke"}, workflow.Lapsed: nil,
}

// lead brings a new assignment of a new case into a state.
func (s *service) lead(to workflow.State) (path, at string) {
	s.t.Helper()
	path = s.openCase("")
	at = s.offered(path, "iom")
	for _, do := range lives[to] {
		who := "iom"
		if do == "revoke" {
			who = "admin"
		}
		s.as(who).fire(at, do, s.carrying(rowOf(workflow.Action(do)))).want(200)
	}
	if to == workflow.Lapsed {
		s.now.advance(73 * time.Hour)
		_, err := s.clerk.Tick(s.t.Context())
		s.must(err)
	}
	return path, at
}

// rowOf is the row by which a person does something with an assignment.
func rowOf(do workflow.Action) workflow.Row {
	for _, r := range workflow.Assignment.Rows {
		if r.Do == do && r.By&(workflow.Partner|workflow.Admin) != 0 {
			return r
		}
	}
	return workflow.Row{}
}

// ofAssignment says what each person is to an assignment of IOM's.
func ofAssignment() map[string]*workflow.Role {
	partner, admin := workflow.Partner, workflow.Admin
	return map[string]*workflow.Role{
		"iom": &partner, "admin": &admin, "network": &admin,
		"unhcr": nil, "bystander": nil, "referrer": nil, "jurist": nil, "stranger": nil, "auditor": nil, "admin of Geneva": nil,
	}
}

// Each state × action × role of an assignment: what the table does not allow
// is refused as it says and changes nothing, and what it allows goes where it
// says.
func TestMovesOfAnAssignment(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.widen("iom/child_protection")
	if len(lives) != len(workflow.Assignment.States) {
		t.Errorf("ways to %d of %d states", len(lives), len(workflow.Assignment.States))
	}
	_, lapsed := s.lead(workflow.Lapsed) // first: its clock moves everyone's
	for state := range lives {
		path, at := "", lapsed
		if state != workflow.Lapsed {
			path, at = s.lead(state)
		}
		s.state(at, string(state))
		before := ""
		if path != "" {
			before = s.trace(path)
		}
		for who, as := range ofAssignment() {
			s.illegal(workflow.Assignment, at, state, who, as)
		}
		s.as("nobody").fire(at, "accept", "").want(401, "unauthenticated")
		if path != "" && s.trace(path) != before {
			t.Errorf("%s: what was refused left a trace: %s, then %s", state, before, s.trace(path))
		}
	}
	for _, r := range workflow.Assignment.Rows {
		for _, from := range r.From {
			for _, as := range (r.By & (workflow.Partner | workflow.Admin)).Each() {
				if from == workflow.New || r.Door != workflow.Transitions {
					continue
				}
				path, at := s.lead(from)
				who := map[workflow.Role]string{workflow.Partner: "iom", workflow.Admin: "network"}[as]
				if len(r.Needs) > 0 {
					s.as(who).fire(at, string(r.Do), "").want(422, "invalid")
				}
				got := s.as(who).fire(at, string(r.Do), s.carrying(r)).want(200)
				if got.str("state") != string(r.To) {
					t.Errorf("%s %s: %s", from, r.Do, got.body)
				}
				s.logged(path, got, fmt.Sprint(workflow.Assignment.EventOf(r), " ", from, " ", r.To, " ", as))
			}
		}
	}
	s.agrees()
}
