package workflow

import (
	"slices"

	"pgregory.net/rapid"
)

// below draws evenly; rapid's own ranges and samples prefer what comes first,
// so that a long history would hardly ever get past the triage.
func below(n int) *rapid.Generator[int] {
	return rapid.Custom(func(t *rapid.T) int {
		k := 0
		for range 12 {
			k *= 2
			if rapid.Bool().Draw(t, "bit") {
				k++
			}
		}
		return k % n
	})
}

func one[T any](t *rapid.T, label string, of ...T) T { return of[below(len(of)).Draw(t, label)] }

// drastic are the actions that cut a history short or could go on for ever.
var drastic = []Action{Reject, Withdraw, RevokeConsent, Edit, ApproveOverride, Transfer, Close, AddConsent, PlanOffers, CancelPlan, Enlist, Delist, SetLegalHold, RequestErasure}

// hopeful are the actions that lead further.
var hopeful = []Action{Offer, Accept, Start, Complete}

// drawStep draws mostly what somebody may do, and at times anything at all.
func drawStep(t *rapid.T, o *world) step {
	if below(6).Draw(t, "wild") == 5 {
		i, p := below(len(o.assignments)+1).Draw(t, "on")-1, promises[o.w.Name]
		if i >= 0 {
			p = promises[Assignment.Name]
		}
		return step{i, one(t, "do", p.actions()...), one(t, "as", Owner, Admin, Partner, Clock)}
	}
	likely := []step{{-1, Edit, Owner}} // there is always a next step
	calm := below(30).Draw(t, "calm") > 0
	roles := one(t, "roles", []Role{Owner, Admin, Partner}, []Role{Partner, Admin, Owner})
	add := func(i int, w *Workflow, s State, f Facts) {
		for _, as := range roles {
			for _, a := range w.Actions(s, as, f) {
				listed := slices.ContainsFunc(likely, func(s step) bool { return s.i == i && s.do == a.Action })
				if !listed && a.Action != Delete && a.BlockedBy == "" && !(calm && slices.Contains(drastic, a.Action)) {
					likely = append(likely, step{i, a.Action, as})
					if slices.Contains(hopeful, a.Action) {
						likely = append(likely, step{i, a.Action, as})
					}
				}
			}
		}
	}
	f := o.facts(nil, 0, 0)
	f.Partner, f.Desk, f.Sent = nil, nil, Input{Draft: o.draft}
	add(-1, o.w, o.state, f)
	switch {
	case o.state == OnHold:
		likely = append(likely, step{-1, Resume, Clock})
	case o.state == InformationRequested:
		likely = append(likely, step{-1, Lapse, Clock})
	case o.state == Open && !f.Recorded:
		likely = append(likely, step{-1, AddConsent, Owner})
	}
	for i, a := range o.assignments {
		if !Assignment.End(a.state) {
			add(i, Assignment, a.state, o.facts(a, 0, 0))
			likely = append(likely, step{i, Expire, Clock})
		}
	}
	return one(t, "step", likely...)
}
