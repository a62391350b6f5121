package workflow

import (
	"slices"
	"testing"

	"onward/fault"
)

// roleSets are none, each role, and each pair of roles.
func roleSets() []Role {
	all := []Role{0}
	for i := range roleNames {
		all = append(all, 1<<i)
		for j := range i {
			all = append(all, 1<<i|1<<j)
		}
	}
	return all
}

// persons are the role sets that a person can have; the clock and an effect
// come alone.
func persons() []Role {
	return slices.DeleteFunc(roleSets(), func(r Role) bool { return r&(Clock|Effect) != 0 })
}

// actions are those of a promise, once each.
func (p *promise) actions() []Action {
	var all []Action
	for _, l := range p.lines {
		if !slices.Contains(all, Action(l.do)) {
			all = append(all, Action(l.do))
		}
	}
	return all
}

// facts gives every combination of what the guards of an action look at.
func (p *promise) facts(do Action) []Facts {
	var names []string
	for _, l := range p.lines {
		if l.do == string(do) {
			names = append(names, l.dims()...)
		}
	}
	if p == promises["assignment"] {
		names = append(names, "request") // an assignment always has one
	}
	return product(names)
}

func states(w *Workflow) []State { return append([]State{New}, w.States...) }

// Every state × action × role and pair of roles × what guards look at.
func TestFireKeepsThePromise(t *testing.T) {
	for _, w := range All() {
		p := promises[w.Name]
		for _, do := range append(p.actions(), "promote") {
			for _, f := range p.facts(do) {
				for _, from := range states(w) {
					for _, as := range roleSets() {
						checkFire(t, w, from, do, as, f)
						if t.Failed() {
							return
						}
					}
				}
			}
		}
	}
}

func checkFire(t *testing.T, w *Workflow, from State, do Action, as Role, f Facts) {
	t.Helper()
	p := promises[w.Name]
	move, err := w.Fire(from, do, as, f)
	to, codes := p.expect(from, do, as, f)
	if to != "" {
		if err != nil || move.To != to || move.From != from || move.Action != do || move.Workflow != w || len(move.As.Each()) != 1 || move.As&as == 0 {
			t.Errorf("%s: %s × %s × %v gives %+v, %v; promised %s\n%+v", w.Name, from, do, as, move, err, to, f)
		}
		return
	}
	no, ok := fault.As(err)
	if !ok || !slices.Contains(codes, no.Code) || move.Workflow != nil {
		t.Errorf("%s: %s × %s × %v gives %+v, %v; promised one of %v\n%+v", w.Name, from, do, as, move, err, codes, f)
		return
	}
	if no.Kind != fault.Conflict {
		return
	}
	slices.Sort(no.AllowedActions)
	if allowed := p.allowed(from, as, f); no.State != string(from) || !slices.Equal(no.AllowedActions, allowed) {
		t.Errorf("%s: the refusal of %s × %s × %v tells %q, %q; promised %q", w.Name, from, do, as, no.State, no.AllowedActions, allowed)
	}
}

// The promise and the tables name the same states and actions.
func TestTablesAndPromiseNameTheSame(t *testing.T) {
	for _, w := range All() {
		p := promises[w.Name]
		for _, r := range w.Rows {
			if !slices.Contains(p.actions(), r.Do) {
				t.Errorf("%s: the action %q is promised nowhere", w.Name, r.Do)
			}
		}
		for _, l := range p.lines {
			for _, s := range append(slices.Clone(l.from), l.to) {
				if s != "new" && s != "(same)" && !slices.Contains(w.States, State(s)) {
					t.Errorf("%s: the promised state %q is missing", w.Name, s)
				}
			}
		}
	}
}

// Rows that share state, action and role have guards of which at most one set
// holds, whatever the facts.
func TestGuardsOfTwinRowsExcludeEachOther(t *testing.T) {
	twins := 0
	for _, w := range All() {
		for i, a := range w.Rows {
			for _, b := range w.Rows[:i] {
				shared := slices.ContainsFunc(a.From, func(s State) bool { return slices.Contains(b.From, s) })
				if a.Do != b.Do || a.By&b.By == 0 || !shared {
					continue
				}
				twins++
				for _, f := range promises[w.Name].facts(a.Do) {
					if firstBroken(a.If, f) == nil && firstBroken(b.If, f) == nil {
						t.Fatalf("%s: two rows for %v × %s × %v hold at once: %+v", w.Name, a.From, a.Do, a.By&b.By, f)
					}
				}
			}
		}
	}
	if twins == 0 {
		t.Error("no rows share state, action and role: this test tests nothing")
	}
}

// What Actions lists can be done, given what it needs; what it says is blocked
// is refused with that code; what it doesn't list is refused by state or role.
func TestActionsAgreeWithFire(t *testing.T) {
	seen := map[string][]string{
		Training.Name:   {"missing", "offered", "taken", "completed"},
		Referral.Name:   {"missing", "recorded", "offered", "taken", "completed", "best", "kept"},
		Assignment.Name: {"request", "respond", "consent", "place"},
	}
	for _, w := range All() {
		for _, f := range product(seen[w.Name]) {
			for _, from := range states(w) {
				for _, as := range persons() {
					if checkActions(t, w, from, as, f); t.Failed() {
						return
					}
				}
			}
		}
	}
}

func checkActions(t *testing.T, w *Workflow, from State, as Role, f Facts) {
	t.Helper()
	before := f
	before.Sent, before.Desk = Input{}, nil
	if w != Assignment {
		before.Partner = nil
	}
	listed := map[Action]bool{}
	for _, a := range w.Actions(from, as, before) {
		listed[a.Action] = true
		sent := f
		if a.Action == Enlist { // the one action for which a partner is full
			sent.Partner = ablePartner()
			sent.Partner.Capacity = 0
		}
		move, err := w.Fire(from, a.Action, as, sent)
		switch {
		case a.BlockedBy == "" && (err != nil || move.To != a.To):
			t.Errorf("%s: %s × %s × %v is listed to %s, and fired gives %+v, %v\n%+v", w.Name, from, a.Action, as, a.To, move, err, f)
		case a.BlockedBy != "" && !fault.Is(err, a.BlockedBy):
			t.Errorf("%s: %s × %s × %v is blocked by %s, and fired gives %v", w.Name, from, a.Action, as, a.BlockedBy, err)
		}
	}
	for _, do := range promises[w.Name].actions() {
		if _, err := w.Fire(from, do, as, f); !listed[do] && !fault.Is(err, fault.CodeWrongRole) && !fault.Is(err, fault.CodeWrongState) {
			t.Errorf("%s: %s × %s × %v is not listed, and fired gives %v", w.Name, from, do, as, err)
		}
	}
}
