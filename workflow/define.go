package workflow

import (
	"fmt"
	"slices"
	"strings"
)

// Workflow is one state machine. Make it with define alone.
type Workflow struct {
	Name   string // also the kind of its records: training_request
	Noun   string // the first half of its events' names: training
	Rows   []Row
	States []State // in the order of the table, without New
	Ends   []State // states that only reopen leads out of
}

// All gives the three workflows.
func All() []*Workflow { return []*Workflow{Training, Referral, Assignment} }

// Named finds a workflow by its name.
func Named(name string) (*Workflow, bool) {
	for _, w := range All() {
		if w.Name == name {
			return w, true
		}
	}
	return nil, false
}

// define makes a workflow and panics on a table that can't be right, so that
// a program with a bad one never starts.
func define(name, noun string, ends []State, rows []Row) *Workflow {
	w := &Workflow{Name: name, Noun: noun, Rows: rows, Ends: ends}
	w.States = inOrder(rows, ends)
	for _, check := range []func() error{w.checkRows, w.checkUnique, w.checkReach, w.checkEnds} {
		if err := check(); err != nil {
			panic(fmt.Sprintf("workflow %s: %v", name, err))
		}
	}
	return w
}

// inOrder lists the states of a table along the moves, the ends last.
func inOrder(rows []Row, ends []State) []State {
	var all, last []State
	add := func(s State) {
		switch {
		case s == New || s == Same || slices.Contains(all, s) || slices.Contains(last, s):
		case slices.Contains(ends, s):
			last = append(last, s)
		default:
			all = append(all, s)
		}
	}
	for _, r := range slices.SortedStableFunc(slices.Values(rows), movesFirst) {
		for _, s := range append(slices.Clone(r.From), r.To) {
			add(s)
		}
	}
	return append(all, last...)
}

func movesFirst(a, b Row) int {
	rank := map[bool]int{true: 0, false: 1}
	return rank[a.Door == Transitions] - rank[b.Door == Transitions]
}

func (w *Workflow) checkRows() error {
	for _, r := range w.Rows {
		if len(r.From) == 0 || r.Do == "" || r.By == 0 {
			return fmt.Errorf("row %q says not who may do what from where", r.Do)
		}
		if slices.ContainsFunc(r.From, func(from State) bool { return r.to(from) == New }) {
			return fmt.Errorf("row %q leads back to before the record was", r.Do)
		}
		for _, g := range r.If {
			if g.Code == "" || g.Says == "" || g.Holds == nil {
				return fmt.Errorf("a guard of %q has no code, no sentence or no test", r.Do)
			}
		}
		for _, n := range append(slices.Clone(r.Needs), r.May...) {
			if err := n.check(); err != nil {
				return fmt.Errorf("%q: %w", r.Do, err)
			}
		}
	}
	return nil
}

// checkUnique refuses two rows for one (state, action, role), unless each has
// guards and they differ; that such guards exclude each other is tested.
func (w *Workflow) checkUnique() error {
	seen := map[string][]string{}
	for _, r := range w.Rows {
		for _, from := range r.From {
			for _, role := range r.By.Each() {
				key := fmt.Sprintf("%s × %s × %s", from, r.Do, role)
				guards := guardCodes(r.If)
				for _, other := range seen[key] {
					if guards == "" || other == "" || guards == other {
						return fmt.Errorf("two rows for %s", key)
					}
				}
				seen[key] = append(seen[key], guards)
			}
		}
	}
	return nil
}

func guardCodes(guards []Guard) string {
	var codes []string
	for _, g := range guards {
		codes = append(codes, string(g.Code))
	}
	return strings.Join(codes, "+")
}

// checkReach refuses a state that no history leads to, and one from which no
// history leads to an end.
func (w *Workflow) checkReach() error {
	reached := w.closure([]State{New}, func(r Row, from State) (State, State) { return from, r.to(from) })
	ending := w.closure(w.Ends, func(r Row, from State) (State, State) { return r.to(from), from })
	for _, s := range w.States {
		if !slices.Contains(reached, s) {
			return fmt.Errorf("state %q is unreachable", s)
		}
		if !slices.Contains(ending, s) {
			return fmt.Errorf("state %q has no way to an end", s)
		}
	}
	return nil
}

// closure follows the rows from some states, in the direction that step says.
func (w *Workflow) closure(states []State, step func(Row, State) (from, to State)) []State {
	found := slices.Clone(states)
	for grew := true; grew; {
		grew = false
		for _, r := range w.Rows {
			for _, f := range r.From {
				from, to := step(r, f)
				if slices.Contains(found, from) && !slices.Contains(found, to) {
					found, grew = append(found, to), true
				}
			}
		}
	}
	return found
}

func (w *Workflow) checkEnds() error {
	for _, end := range w.Ends {
		if !slices.Contains(w.States, end) {
			return fmt.Errorf("end %q is no state of the table", end)
		}
	}
	for _, r := range w.Rows {
		for _, from := range r.From {
			if slices.Contains(w.Ends, from) && r.to(from) != from && r.Do != Reopen {
				return fmt.Errorf("end %q has a way out that is not reopen: %q", from, r.Do)
			}
		}
	}
	return nil
}

// End reports whether only reopen leads out of a state.
func (w *Workflow) End(s State) bool { return slices.Contains(w.Ends, s) }

// DoneBy finds the endpoint of an action; false if there is no such action,
// or none that a request can fire.
func (w *Workflow) DoneBy(do Action) (Door, bool) {
	for _, r := range w.Rows {
		if r.Do == do && r.By&^(Clock|Effect) != 0 {
			return r.Door, true
		}
	}
	return "", false
}

// Carries lists the members that an action can carry, needed or not.
func (w *Workflow) Carries(do Action) []string {
	var all []string
	for _, r := range w.rowsOf(do) {
		for _, m := range Members(append(slices.Clone(r.Needs), r.May...)) {
			for _, one := range strings.Split(m, "|") {
				if !slices.Contains(all, one) {
					all = append(all, one)
				}
			}
		}
	}
	return all
}

// Transition is one line of the database's own copy of the tables.
type Transition struct {
	Workflow string
	From     State
	Action   Action
	To       State
}

// Transitions lists every legal (from, action, to), for the table that the
// events have a foreign key to.
func (w *Workflow) Transitions() []Transition {
	var all []Transition
	for _, r := range w.Rows {
		for _, from := range r.From {
			t := Transition{w.Name, from, r.Do, r.to(from)}
			if !slices.Contains(all, t) {
				all = append(all, t)
			}
		}
	}
	return all
}
