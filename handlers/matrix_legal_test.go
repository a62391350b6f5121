package handlers

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"onward/workflow"
)

// byMember is what a test sends for a need that is no code.
var byMember = map[string]string{
	"question": `"q"`, "answer": `"a"`, "note": `"n"`, "place|link": `"Lahore"`, "participants": "3", "delivered_on": `"2012-09-11"`,
	"starts_at|sessions": `"2012-09-10T02:00:00Z"`, "ends_at|sessions": `"2012-09-11T09:00:00Z"`, "until": `"2199-01-01T00:00:00Z"`,
	"levels": `[{"level": "reaction", "score": 4}], "objectives": [{"index": 0, "met": true}, {"index": 1, "met": false}]`,
}

// carrying is what a row needs, as members of a body.
func (s *service) carrying(r workflow.Row) string {
	var all strings.Builder
	for _, n := range r.Needs {
		member, _, _ := strings.Cut(n.Member, "|")
		value := byMember[n.Member]
		switch {
		case n.Member == "reason":
			value = fmt.Sprintf(`{"code": %q}`, workflow.Codes(n.Of)[0])
		case n.Member == "services":
			value = fmt.Sprintf(`[%q]`, workflow.Codes(n.Of)[0])
		case n.Of != "":
			value = fmt.Sprintf("%q", workflow.Codes(n.Of)[0])
		case n.Member == "desk":
			value = fmt.Sprintf("%q", s.geneva.ID)
		case value == "":
			s.t.Fatalf("the test does not know what to send for %s", n.Member)
		}
		fmt.Fprintf(&all, ", %q: %s", member, value)
	}
	return all.String()
}

// refusedThere are legal moves that a guard refuses on the way that a test has
// to their state.
var refusedThere = map[string]string{
	"in_service close": "assignments_live", "on_hold resume to in_service": "", "lift_legal_hold": "no_legal_hold",
}

// Every legal move of a request that somebody asks for, by everyone who may:
// it goes where the table says, and is one event more.
func TestLegalMoves(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.widen("unitar/investigation_and_prosecution")
	s.widen("iom/child_protection")
	for collection, flow := range map[string]*workflow.Workflow{"/v1/training-requests": workflow.Training, "/v1/case-referrals": workflow.Referral} {
		for _, r := range flow.Rows {
			for _, from := range r.From {
				for _, as := range (r.By &^ (workflow.Clock | workflow.Effect)).Each() {
					if r.Door == workflow.Transitions {
						s.legal(collection, flow, r, from, as)
					}
				}
			}
		}
	}
	s.agrees()
}

// widen gives a service of the network more places than a test can take.
func (s *service) widen(name string) {
	s.t.Helper()
	row := s.services[name]
	s.as("admin").do("PATCH", fmt.Sprintf("/v1/organisations/%s/services/%s", row.OrganisationID, row.ID), `{"capacity": {"available": 500, "maximum": 500}}`, "If-Match: *").want(200)
}

func (s *service) legal(collection string, flow *workflow.Workflow, r workflow.Row, from workflow.State, as workflow.Role) {
	s.t.Helper()
	who := map[workflow.Role]string{workflow.Owner: "jurist", workflow.Admin: "admin", workflow.Partner: "unitar"}[as]
	if as == workflow.Owner && flow == workflow.Referral {
		who = "referrer"
	}
	to := r.To
	if to == workflow.Same {
		to = from
	}
	name := fmt.Sprintf("%s %s", from, r.Do)
	if r.Do == workflow.Resume {
		name += " to " + string(to)
	}
	refused, isRefused := refusedThere[name]
	if always, ok := refusedThere[string(r.Do)]; ok {
		refused, isRefused = always, true
	}
	if isRefused && refused == "" {
		return // another row of the same action holds there
	}
	path := s.reach(collection, ways[collection][from])
	before := s.as(who).do("GET", path, "").want(200)
	if len(r.Needs) > 0 {
		s.as(who).fire(path, string(r.Do), "").want(map[bool]int{false: 422, true: 409}[isRefused])
	}
	got := s.as(who).fire(path, string(r.Do), s.carrying(r))
	if isRefused {
		got.want(409, refused)
		return
	}
	got.want(200)
	if got.str("state") != string(to) || got.at("version") != before.at("version").(float64)+1 { //nolint:forcetypeassert // a test
		s.t.Errorf("%s by %s: %s", name, as, got.body)
	}
	needs := workflow.Members(r.Needs)
	if r.Do == workflow.Evaluate {
		needs = append(needs, "objectives") // which were promised
	}
	announced := fmt.Sprint(map[string]any{"action": r.Do, "to": to, "blocked_by": nil, "needs": needs})
	if !slices.ContainsFunc(before.list("actions"), func(a any) bool { return fmt.Sprint(a) == announced }) {
		s.t.Errorf("%s was not announced to %s as %s: %s", name, as, announced, before.body)
	}
	s.logged(path, got, fmt.Sprint(flow.EventOf(r), " ", from, " ", to, " ", as))
}

// logged fails unless the event of a change says what it should.
func (s *service) logged(path string, after answered, want string) {
	s.t.Helper()
	for _, e := range s.as("network").do("GET", path+"/events?limit=200", "").list("items") {
		e, _ := e.(map[string]any)
		if e["seq"] == after.at("version") && e["record"] == after.str("id") {
			if said := fmt.Sprint(e["name"], " ", e["from"], " ", e["to"], " ", e["by"]); said != want {
				s.t.Errorf("it is logged as %q, want %q", said, want)
			}
			return
		}
	}
	s.t.Errorf("%s is not in the log", want)
}
