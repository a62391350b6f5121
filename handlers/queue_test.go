package handlers

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"onward/workflow"
)

// urgent is a case of an adult, of some urgency.
func (s *service) urgent(urgency string) string {
	s.t.Helper()
	body := strings.NewReplacer(`"urgent"`, `"`+urgency+`"`, "13_17", "adult").Replace(fmt.Sprintf(aReferral, ""))
	return s.as("referrer").create("/v1/case-referrals", body).str("id")
}

// What is in the queue is what waits for the desk: in these states and in no
// other.
func TestWhatWaitsForTheDesk(t *testing.T) {
	t.Parallel()
	s := start(t)
	waits := map[string][]workflow.State{
		"/v1/training-requests": {workflow.Submitted, workflow.InTriage, workflow.Approved, workflow.Delivered, workflow.Evaluated},
		"/v1/case-referrals":    {workflow.Submitted, workflow.InTriage, workflow.Open},
	}
	var want []string
	for collection, states := range ways {
		for _, state := range slices.Sorted(maps.Keys(states)) {
			path := s.reach(collection, states[state])
			if slices.Contains(waits[collection], state) {
				want = append(want, path[len(collection)+1:])
			}
		}
	}
	has := func(path string) bool {
		return slices.Contains(s.as("admin").walk("/v1/queue", 5), path[len(referrals):])
	}
	got := s.as("admin").walk("/v1/queue", 5)
	if slices.Sort(want); !slices.Equal(slices.Sorted(slices.Values(got)), want) {
		t.Errorf("%d wait: %v, want %v", len(got), got, want)
	}
	// A case that has a live assignment waits for its partner; with its last end, for the desk.
	path := s.openCase("")
	at := s.offered(path, "iom")
	for _, do := range []string{"accept", "start", "complete"} {
		if has(path) {
			t.Errorf("before it is told to %s, the case is in the queue", do)
		}
		s.as("iom").fire(at, do, s.carrying(rowOf(workflow.Action(do)))).want(200)
	}
	s.state(path, "in_service")
	if !has(path) {
		t.Error("a case in service whose last assignment is completed is not in the queue")
	}
	at = s.offered(path, "unhcr")
	s.as("unhcr").fire(at, "decline", `, "reason": {"code": "unsafe"}`).want(200)
	if !has(path) {
		t.Error("what was declined is not in the queue")
	}
	s.as("admin").fire(path, "close", `, "outcome": "helped"`).want(200)
	if has(path) {
		t.Error("what is closed is in the queue")
	}
}

// The queue goes by due time over both kinds; what has none due comes last,
// and what is equal goes by id.
func TestOrderOfTheQueue(t *testing.T) {
	t.Parallel()
	s := start(t)
	delivered := s.reach("/v1/training-requests", ways["/v1/training-requests"][workflow.Delivered])[len(trainings):]
	normal := s.urgent("normal")
	training := s.as("jurist").create("/v1/training-requests", fmt.Sprintf(aTraining, "")).str("id")
	urgent, emergency := s.urgent("urgent"), s.urgent("emergency")
	want := []string{emergency, urgent, normal, training, delivered}
	for _, limit := range []int{1, 2, 3, 200} {
		if got := s.as("admin").walk("/v1/queue", limit); !slices.Equal(got, want) {
			t.Errorf("by %d: %v, want %v", limit, got, want)
		}
	}
	for i, kind := range []string{"case_referral", "case_referral", "case_referral", "training_request", "training_request"} {
		x := s.as("admin").items("/v1/queue")[i]
		if x.str("kind") != kind || (x["due_at"] == nil) != (x.str("id") == delivered) || x.str("desk") != s.jeju.ID.String() || x["overdue"] != false {
			t.Errorf("%v", x)
		}
	}
	s.asSuperuser(`UPDATE training_requests SET due_at = timestamptz '2030-01-01 00:00Z' WHERE due_at IS NOT NULL`)
	s.asSuperuser(`UPDATE case_referrals SET due_at = timestamptz '2030-01-01 00:00Z'`)
	s.as("network").sorted("/v1/queue", "due_at")
}

func TestFiltersOfTheQueue(t *testing.T) {
	t.Parallel()
	s := start(t)
	for i, country := range []string{"PK", "CH", "PK"} {
		body := strings.NewReplacer(`"PK"`, `"`+country+`"`, `"PK-PB"`, `"`+country+`-01"`).Replace(fmt.Sprintf(aTraining, ""))
		path := s.as("jurist").create("/v1/training-requests", body).header.Get("Location")
		if i == 2 {
			s.as("admin").fire(path, "take", "").want(200)
		}
	}
	s.urgent("emergency")
	s.urgent("urgent")
	s.reach("/v1/training-requests", ways["/v1/training-requests"][workflow.Evaluated]) // nothing is due
	s.asSuperuser(`UPDATE case_referrals SET due_at = timestamptz '2012-04-01 00:00Z' WHERE urgency = 'emergency'`)
	s.asSuperuser(`UPDATE training_requests SET due_at = timestamptz '2012-04-02 00:00Z' WHERE country = 'CH'`)
	s.as("network").narrowed("/v1/queue", with("kind", "kind", "case_referral"), with("desk", "desk", s.geneva.ID.String()), with("urgency", "urgency", "urgent"),
		with("country", "country", "PK"), before("due_before", "due_at", "2012-04-02T00:00:00Z"), overdue(true), overdue(false))
	// Each desk has its own, and no filter leads to another's.
	for who, n := range map[string]int{"network": 6, "admin": 5, "admin of Geneva": 1} {
		if got := len(s.as(who).items("/v1/queue")); got != n {
			t.Errorf("%s has %d, want %d", who, got, n)
		}
	}
	if got := s.as("admin of Geneva").items("/v1/queue?desk=" + s.jeju.ID.String()); len(got) != 0 {
		t.Errorf("%v", got)
	}
	for _, who := range []string{"jurist", "referrer", "iom", "auditor"} {
		s.as(who).do("GET", "/v1/queue?"+url.QueryEscape("nope"), "").want(403, "wrong_role")
		s.as(who).do("POST", "/v1/queue/next", "nonsense").want(403, "wrong_role")
	}
}

// The next one is the one that is due first, of the kind and at the desk that
// the admin asks for, and never one of another desk.
func TestNextIsWhatIsDueFirst(t *testing.T) {
	t.Parallel()
	s := start(t)
	training := s.as("jurist").create("/v1/training-requests", fmt.Sprintf(aTraining, "")).str("id")
	elsewhere := s.as("jurist").create("/v1/training-requests", strings.NewReplacer(`"PK"`, `"CH"`, "PK-PB", "CH-GE").Replace(fmt.Sprintf(aTraining, ""))).str("id")
	s.as("jurist").create("/v1/training-requests", `{"draft": true}`)
	urgent, emergency, more := s.urgent("urgent"), s.urgent("emergency"), s.urgent("urgent")
	next := func(who, body, want string) {
		t.Helper()
		got := s.as(who).do("POST", "/v1/queue/next", body)
		if want == "" {
			if got.want(204); len(got.body) > 0 {
				t.Errorf("%s", got.body)
			}
			return
		}
		if got.want(200); got.str("id") != want || got.str("state") != "in_triage" || got.at("version") != 2.0 || got.header.Get("ETag") != `"2"` {
			t.Errorf("%s, want %s", got.body, want)
		}
	}
	next("admin", `{"kind": "training_request"}`, training)
	next("admin", `{"kind": "training_request"}`, "")
	next("admin", "", emergency)
	next("admin", `{}`, urgent)
	next("admin", `{"desk": "`+s.geneva.ID.String()+`"}`, "")
	next("admin of Geneva", `{"kind": "case_referral"}`, "")
	next("network", `{"desk": "`+s.geneva.ID.String()+`"}`, elsewhere)
	next("network", `{"kind": "case_referral"}`, more)
	next("network", "", "")
	s.as("admin").do("POST", "/v1/queue/next", `{"desk": "here"}`).want(422, "invalid")
	s.agrees()
}

// A case that one organisation serves waits for its desk all the same, once a
// plan has found nobody for another of its services, until that is seen to.
func TestAnExhaustedPlanIsInTheQueue(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.openCase("")
	waits := func(want bool, when string) {
		t.Helper()
		if got := strings.Contains(string(s.as("admin").do("GET", "/v1/queue?kind=case_referral", "").want(200).body), path[len(referrals):]); got != want {
			t.Errorf("%s it is in the queue: %v", when, got)
		}
	}
	protection := s.as("admin").offer(path, s.unhcr.ID.String(), "international_protection").want(201).header.Get("Location")
	s.as("unhcr").fire(protection, "accept", "").want(200)
	waits(false, "served")
	plan := s.as("admin").plan(path, `, "service": "child_protection"`, s.iom.ID)
	waits(false, "planned")
	s.as("iom").fire(at(s.steps(plan, "live", "offered"), 0), "decline", declined).want(200)
	s.steps(plan, "exhausted", "declined")
	waits(true, "with nobody for its other service")
	again := s.as("admin").offer(path, s.bystanders.ID.String(), "child_protection").want(201).header.Get("Location")
	waits(false, "offered again")
	s.as("bystander").fire(again, "decline", declined).want(200)
	waits(true, "declined again")
	service := "/v1/organisations/" + s.bystanders.ID.String() + "/services/" + s.services["bystanders/child_protection"].ID.String()
	s.as("admin").do("PUT", service+"/capacity", `{"available": 0, "maximum": 5}`).want(200)
	s.as("admin").do("POST", path+"/waiting", fmt.Sprintf(`{"organisation_id": %q, "service": "child_protection"}`, s.bystanders.ID)).want(201)
	waits(false, "on a waiting list")
}
