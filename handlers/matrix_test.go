package handlers

import (
	"fmt"
	"slices"
	"testing"

	"onward/workflow"
)

// stride is an action on the way to a state, on the request or (at) on the
// assignment that was offered last.
type stride struct {
	who, do, more string
	at            bool
}

// ways leads to every state of the two kinds of request.
var ways = map[string]map[workflow.State][]stride{
	"/v1/training-requests": {
		workflow.Draft:                nil,
		workflow.Submitted:            {{"jurist", "submit", "", false}},
		workflow.InTriage:             {{"jurist", "submit", "", false}, {"admin", "take", "", false}},
		workflow.InformationRequested: {{"jurist", "submit", "", false}, {"admin", "take", "", false}, {"admin", "request_information", `, "question": "q"`, false}},
		workflow.Approved:             toApproved,
		workflow.Offered:              append(slices.Clone(toApproved), stride{"admin", "offer", "unitar", false}),
		workflow.Matched:              toMatched,
		workflow.Scheduled:            append(slices.Clone(toMatched), stride{"unitar", "schedule", aSchedule, false}),
		workflow.Delivered:            toDelivered,
		workflow.Evaluated:            append(slices.Clone(toDelivered), stride{"jurist", "evaluate", `, "levels": [{"level": "reaction", "score": 1}], "objectives": [{"index": 0, "met": true}, {"index": 1, "met": true}]`, false}),
		workflow.Closed:               append(slices.Clone(toDelivered), stride{"admin", "close", `, "outcome": "not_met"`, false}),
		workflow.Rejected:             {{"jurist", "submit", "", false}, {"admin", "take", "", false}, {"admin", "reject", `, "reason": {"code": "no_funding"}`, false}},
		workflow.Withdrawn:            {{"jurist", "withdraw", `, "reason": {"code": "found_elsewhere"}`, false}},
	},
	"/v1/case-referrals": {
		workflow.Draft:                nil,
		workflow.Submitted:            {{"referrer", "submit", "", false}},
		workflow.InTriage:             {{"referrer", "submit", "", false}, {"admin", "take", "", false}},
		workflow.InformationRequested: {{"referrer", "submit", "", false}, {"admin", "take", "", false}, {"admin", "request_information", `, "question": "q"`, false}},
		workflow.Open:                 toOpen,
		workflow.InService:            append(slices.Clone(toOpen), stride{"admin", "offer", "iom", false}, stride{"iom", "accept", "", true}),
		workflow.OnHold:               append(slices.Clone(toOpen), stride{"admin", "hold", `, "reason": {"code": "security"}, "until": "2199-01-01T00:00:00Z"`, false}),
		workflow.Closed:               append(slices.Clone(toOpen), stride{"admin", "close", `, "outcome": "unreachable"`, false}),
		workflow.Rejected:             {{"referrer", "submit", "", false}, {"admin", "take", "", false}, {"admin", "reject", `, "reason": {"code": "not_a_trafficking_case"}`, false}},
		workflow.ConsentRevoked:       {{"referrer", "revoke_consent", "", false}},
		workflow.Withdrawn:            {{"admin", "withdraw", `, "reason": {"code": "person_declined"}`, false}},
	},
}

var (
	toApproved  = []stride{{"jurist", "submit", "", false}, {"admin", "take", "", false}, {"admin", "approve", `, "priority": "low"`, false}}
	toMatched   = append(slices.Clone(toApproved), stride{"admin", "offer", "unitar", false}, stride{"unitar", "accept", "", true})
	toDelivered = append(slices.Clone(toMatched), stride{"unitar", "schedule", aSchedule, false}, stride{"unitar", "deliver", `, "participants": 1, "delivered_on": "2012-09-11"`, false})
	toOpen      = []stride{{"referrer", "submit", "", false}, {"admin", "take", "", false}, {"admin", "open", `, "urgency": "urgent", "services": ["child_protection"]`, false}}
)

// reach brings a new record into a state.
func (s *service) reach(collection string, steps []stride) string {
	s.t.Helper()
	owner, body := "jurist", aTraining
	if collection == "/v1/case-referrals" {
		owner, body = "referrer", aReferral
	}
	path, at := s.as(owner).create(collection, fmt.Sprintf(body, `, "draft": true`)).header.Get("Location"), ""
	for _, x := range steps {
		switch {
		case x.do == "offer":
			at = s.offered(path, x.more)
		case x.at:
			s.as(x.who).fire(at, x.do, x.more).want(200)
		default:
			s.as(x.who).fire(path, x.do, x.more).want(200)
		}
	}
	return path
}

// roles say what each person is to a request in a state; nil: it is not there
// for them.
func roles(kind string, state workflow.State) map[string]*workflow.Role {
	is := func(r workflow.Role) *workflow.Role { return &r }
	owner, colleague := "jurist", "colleague"
	if kind == workflow.Referral.Name {
		owner, colleague = "referrer", "co-referrer"
	}
	who := map[string]*workflow.Role{
		owner: is(workflow.Owner), colleague: is(workflow.Owner), "admin": is(workflow.Admin), "network": is(workflow.Admin),
		"stranger": nil, "admin of Geneva": nil, "auditor": nil, "bystander": nil, "unitar": nil, "iom": nil,
	}
	switch state {
	case workflow.Offered:
		who["unitar"] = is(0) // sees it, and can't move it yet
	case workflow.Matched, workflow.Scheduled, workflow.Delivered, workflow.Evaluated:
		who["unitar"] = is(workflow.Partner)
	case workflow.Closed:
		if kind == workflow.Training.Name {
			who["unitar"] = is(0) // completed: for thirty days it reads
		}
	case workflow.InService:
		who["iom"] = is(workflow.Partner)
	}
	return who
}

// Every illegal state × action × role is refused as the table says, over the
// API, and changes nothing.
func TestIllegalMoves(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.addPerson("co-referrer", s.ngo, nil, "referrer")
	for collection, states := range ways {
		flow := map[string]*workflow.Workflow{"/v1/training-requests": workflow.Training, "/v1/case-referrals": workflow.Referral}[collection]
		if len(states) != len(flow.States) {
			t.Errorf("%s: ways to %d of %d states", flow.Name, len(states), len(flow.States))
		}
		for state, steps := range states {
			path := s.reach(collection, steps)
			s.state(path, string(state))
			before := s.trace(path)
			for who, as := range roles(flow.Name, state) {
				s.illegal(flow, path, state, who, as)
			}
			s.as("nobody").fire(path, "take", "").want(401, "unauthenticated")
			if after := s.trace(path); after != before {
				t.Errorf("%s in %s: what was refused left a trace: %s, then %s", flow.Name, state, before, after)
			}
		}
	}
	s.agrees()
}

func (s *service) illegal(flow *workflow.Workflow, path string, state workflow.State, who string, as *workflow.Role) {
	s.t.Helper()
	seen := map[workflow.Action]bool{}
	var possible []string // that the record itself announces
	if as != nil {
		possible = unblocked(s.as(who).do("GET", path, "").want(200))
	}
	for _, r := range flow.Rows {
		if seen[r.Do] {
			continue
		}
		seen[r.Do] = true
		status, code := refusalOf(flow, r.Do, state, as)
		if status == 0 {
			continue // legal: other tests do it
		}
		if got := s.as(who).fire(path, string(r.Do), ""); got.status != status || got.str("code") != code {
			s.t.Errorf("%s does %s in %s: %d %s, want %d %s", who, r.Do, state, got.status, got.body, status, code)
		} else if code == "wrong_state" && (got.str("state") != string(state) || fmt.Sprint(got.list("allowed_actions")) != fmt.Sprint(possible)) {
			s.t.Errorf("the refusal does not say what is so and what is possible (%s, %v): %s", state, possible, got.body)
		}
	}
}

// unblocked are the actions of a record that nothing stands in the way of.
func unblocked(record answered) []string {
	record.t.Helper()
	all := []string{}
	for i := range record.list("actions") {
		if record.at("actions", i, "blocked_by") == nil {
			all = append(all, record.str("actions", i, "action"))
		}
	}
	return all
}

// refusalOf is how an action is refused; 0 if the table allows it.
func refusalOf(flow *workflow.Workflow, do workflow.Action, state workflow.State, as *workflow.Role) (int, string) {
	if as == nil {
		return 404, "not_found"
	}
	mine := func(r workflow.Row) bool { return r.Do == do && r.By&*as != 0 }
	if !slices.ContainsFunc(flow.Rows, mine) {
		return 403, "wrong_role"
	}
	door, _ := flow.DoneBy(do)
	switch {
	case door == workflow.ByAssignments:
		return 409, "use_assignments"
	case door != workflow.Transitions:
		return 409, "use_its_endpoint"
	case slices.ContainsFunc(flow.Rows, func(r workflow.Row) bool { return mine(r) && slices.Contains(r.From, state) }):
		return 0, ""
	}
	return 409, "wrong_state"
}
