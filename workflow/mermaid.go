package workflow

import (
	"fmt"
	"slices"
	"strings"
)

// Mermaid draws the moves of a workflow as a state diagram. Many states that
// one row leaves together are drawn as a group, with one arrow. What leaves
// the state as it is stands in the state's box if it is a move of its own (a
// second offer), and is left out if it only changes the record (an edit).
func (w *Workflow) Mermaid() string {
	d := &drawing{groups: w.groups()}
	d.arrows = w.arrows(d.groups)
	d.WriteString("stateDiagram-v2\n")
	for _, s := range w.States {
		if box := d.box(s); box != string(s) && !slices.ContainsFunc(d.groups, func(g []State) bool { return slices.Contains(g, s) }) {
			fmt.Fprintf(d, "    %s\n", box)
		}
	}
	d.nested("    ", 0, w.States)
	for _, a := range d.arrows {
		if a.from != a.to {
			fmt.Fprintf(d, "    %s --> %s: %s\n", a.from, a.to, a)
		}
	}
	for _, end := range w.Ends {
		if !slices.ContainsFunc(w.rowsOf(Reopen), func(r Row) bool { return slices.Contains(r.From, end) }) {
			fmt.Fprintf(d, "    %s --> [*]\n", end)
		}
	}
	return d.String()
}

// drawing is a diagram as far as it is written. Groups are in order of size.
type drawing struct {
	strings.Builder
	groups [][]State
	arrows []arrow
}

// arrow is a move from a state, or from a group of them, to a state.
type arrow struct {
	from, to string
	do       Action
	by       Role
}

func (a arrow) String() string { return fmt.Sprintf("%s (%s)", a.do, a.by) }

func (w *Workflow) arrows(groups [][]State) []arrow {
	var all []arrow
	for _, r := range w.Rows {
		for _, from := range r.From {
			if r.To == Same {
				continue
			}
			next := arrow{tail(groups, r, from), string(r.To), r.Do, r.By}
			i := slices.IndexFunc(all, func(a arrow) bool { return a.from == next.from && a.to == next.to && a.do == next.do })
			if i < 0 {
				all = append(all, next)
			} else {
				all[i].by |= next.by
			}
		}
	}
	return all
}

func tail(groups [][]State, r Row, from State) string {
	if i := slices.IndexFunc(groups, func(g []State) bool { return slices.Equal(g, r.From) }); i >= 0 {
		return fmt.Sprintf("group%d", i+1)
	}
	if from == New {
		return "[*]"
	}
	return string(from)
}

// groups are the sets of three states or more that a row leaves together, the
// largest first, without those that cut across a larger one.
func (w *Workflow) groups() [][]State {
	var all, kept [][]State
	for _, r := range w.Rows {
		if r.To != Same && len(r.From) > 2 && !slices.Contains(r.From, r.To) {
			all = append(all, r.From)
		}
	}
	slices.SortStableFunc(all, func(a, b []State) int { return len(b) - len(a) })
	for _, g := range all {
		if !slices.ContainsFunc(kept, func(k []State) bool {
			shared := common(k, g)
			return shared > 0 && shared < len(g) || slices.Equal(k, g)
		}) {
			kept = append(kept, g)
		}
	}
	return kept
}

// common counts the states that two sets share.
func common(a, b []State) int {
	return len(slices.DeleteFunc(slices.Clone(a), func(s State) bool { return !slices.Contains(b, s) }))
}

// nested draws the groups from the i-th on that lie within some states, each
// with those that lie within itself. Renderers hang a group's arrows on its
// first state: its last, if the arrows of that one stay within, draws better.
func (d *drawing) nested(indent string, i int, within []State) {
	var drawn []State
	for ; i < len(d.groups); i++ {
		g := d.groups[i]
		if common(g, within) < len(g) || common(g, drawn) > 0 {
			continue
		}
		drawn = append(drawn, g...)
		fmt.Fprintf(d, "%sstate \"from any of these\" as group%d {\n", indent, i+1)
		if last := g[len(g)-1]; d.staysWithin(last, g) {
			g = append([]State{last}, g[:len(g)-1]...)
		}
		for _, s := range g {
			fmt.Fprintf(d, "%s    %s\n", indent, d.box(s))
		}
		d.nested(indent+"    ", i+1, g)
		fmt.Fprintf(d, "%s}\n", indent)
	}
}

// staysWithin reports whether a state has arrows, all to others of its group.
func (d *drawing) staysWithin(s State, group []State) bool {
	stays := false
	for _, a := range d.arrows {
		if a.from == string(s) {
			if !slices.Contains(group, State(a.to)) {
				return false
			}
			stays = true
		}
	}
	return stays
}

// box is a state with the moves that lead back to it.
func (d *drawing) box(s State) string {
	var back []string
	for _, a := range d.arrows {
		if loop := a.from == a.to; loop && a.from == string(s) {
			back = append(back, "<br/>↻ "+a.String())
		}
	}
	if back == nil {
		return string(s)
	}
	return fmt.Sprintf("state \"%s%s\" as %s", s, strings.Join(back, ""), s)
}
