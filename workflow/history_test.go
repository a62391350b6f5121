package workflow

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"onward/fault"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Long random histories of one request with several assignments: after every
// step the states are those that the naive model says, and what must always
// hold does.
func TestHistories(t *testing.T) {
	for _, w := range []*Workflow{Training, Referral} {
		t.Run(w.Name, func(t *testing.T) {
			visited, deep := map[string]bool{}, map[string]string{Training.Name: "training_request evaluated", Referral.Name: "case_referral in_service"}
			rapid.Check(t, func(t *rapid.T) { history(t, w, visited) })
			for _, s := range []string{"assignment accepted", "assignment on_hold", "assignment completed", "assignment returned", w.Name + " closed", deep[w.Name]} {
				if !visited[s] {
					t.Errorf("no history came to %s: this test tests less than it says", s)
				}
			}
		})
	}
}

// step is an action on the request, or on the i-th assignment.
type step struct {
	i  int
	do Action
	as Role
}

func history(t *rapid.T, w *Workflow, visited map[string]bool) {
	o, n := newWorld(w), &naive{training: w == Training, request: New}
	o.draft = rapid.Bool().Draw(t, "draft")
	for range 50 + below(150).Draw(t, "steps") {
		if below(16).Draw(t, "time passes") == 15 {
			o.now = o.now.Add(time.Duration(one(t, "hours", 1, 24, 48, 24*31, 24*366)) * time.Hour)
		}
		s := drawStep(t, o)
		org, service := one(t, "organisation", 1, 2, 3), one(t, "service", 1, 2)
		var a *offer
		before, p := o.state, promises[w.Name]
		if s.i >= 0 {
			a = o.assignments[s.i]
			before, p = a.state, promises[Assignment.Name]
		}
		to, codes := p.expect(before, s.do, s.as, o.facts(a, org, service))
		err := o.fire(a, s.do, s.as, org, service)
		switch {
		case to == "" && (err == nil || !slices.Contains(codes, fault.Code(codeOf(err)))):
			t.Fatalf("%v gives %v; promised one of %v", s, err, codes)
		case to != "" && err != nil:
			t.Fatalf("%v gives %v; promised %s", s, err, to)
		case to != "":
			n.did(s.i, s.do, to)
			visited[w.Name+" "+string(o.state)] = true
			for _, a := range o.assignments {
				visited["assignment "+string(a.state)] = true
			}
		}
		compare(t, o, n)
		alwaysTrue(t, o)
	}
}

func compare(t *rapid.T, o *world, n *naive) {
	got := []State{o.state}
	for _, a := range o.assignments {
		got = append(got, a.state)
	}
	if diff := cmp.Diff(append([]State{n.request}, n.assignments...), got); diff != "" {
		t.Fatalf("(-promised +got)\n%s\nafter\n%s", diff, strings.Join(o.moves, "\n"))
	}
}

func alwaysTrue(t *rapid.T, o *world) {
	taken, offered, completed := o.taken(), o.count(Offered), o.count(Completed)
	live := 0
	for _, a := range o.assignments {
		if !Assignment.End(a.state) {
			live++
		}
	}
	must := func(what string, ok bool) {
		if !ok {
			t.Fatalf("%s is %s with %d offered, %d taken, %d completed: %s; after\n%s", o.w.Name, o.state, offered, taken, completed, what, strings.Join(o.moves, "\n"))
		}
	}
	must("assignments of earlier rounds are over", live == offered+taken)
	if o.w == Training {
		must("one organisation at most has it", taken <= 1)
	}
	must("what is erased is at an end, and was not on legal hold", !o.erased || o.w.End(o.state) && !o.legalHold)
	switch o.state {
	case Approved, Draft, Submitted, InTriage, InformationRequested, Rejected, Withdrawn, Closed, ConsentRevoked:
		must("nothing is live", live == 0)
	case Offered:
		must("an offer is open, and none accepted", offered > 0 && taken == 0)
	case Matched, Scheduled:
		must("exactly one has it", taken == 1 && offered == 0)
	case Delivered, Evaluated:
		must("exactly one had it", taken+completed == 1 && offered == 0)
	case Open:
		must("nobody serves or served in this round", taken+completed == 0)
	case InService:
		// A returned assignment beside an open offer leaves the case in
		// service: reopen_search waits for the last live one.
		must("somebody serves, served, or may yet in this round", taken+completed+offered > 0)
	}
}

// The moves of a story told in full, in their order: the parent first, then
// the other offers, whose revocation unmatches nothing.
func TestAcceptMovesTheParentFirst(t *testing.T) {
	o := newWorld(Training)
	do := func(a *offer, do Action, as Role, org int) {
		t.Helper()
		if err := o.fire(a, do, as, org, 1); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range []step{{-1, Create, Owner}, {-1, Take, Admin}, {-1, Approve, Admin}} {
		do(nil, s.do, s.as, 0)
	}
	for org := 1; org <= 3; org++ {
		do(nil, Offer, Admin, org)
	}
	o.moves = nil
	do(o.assignments[1], Accept, Partner, 0)
	do(o.assignments[1], Return, Partner, 0)
	want := `organisation 2, service 1: offered -> accepted (assignment.accepted)
training_request: offered -> matched (training.matched)
organisation 1, service 1: offered -> revoked (assignment.revoked)
organisation 3, service 1: offered -> revoked (assignment.revoked)
organisation 2, service 1: accepted -> returned (assignment.returned)
training_request: matched -> approved (training.unmatched)`
	if diff := cmp.Diff(want, strings.Join(o.moves, "\n")); diff != "" {
		t.Error(diff)
	}
}

// Twenty organisations accept one training: one wins, nineteen are refused.
func TestTwentyAccept(t *testing.T) {
	o := newWorld(Training)
	for _, s := range []step{{-1, Create, Owner}, {-1, Take, Admin}, {-1, Approve, Admin}} {
		if err := o.fire(nil, s.do, s.as, 0, 1); err != nil {
			t.Fatal(err)
		}
	}
	for org := 1; org <= 20; org++ {
		if err := o.fire(nil, Offer, Admin, org, 1); err != nil {
			t.Fatal(err)
		}
	}
	refused := map[string]int{}
	for _, a := range o.assignments {
		refused[codeOf(o.fire(a, Accept, Partner, 0, 0))]++
	}
	if got := fmt.Sprint(refused); got != "map[:1 wrong_state:19]" || o.taken() != 1 || o.state != Matched {
		t.Errorf("%s, %d taken, %s", got, o.taken(), o.state)
	}
}
