package workflow

import (
	"fmt"
	"slices"
	"strings"
)

// Mermaid draws the moves of a workflow as a state diagram. Rows that leave
// the state as it is are left out, but for those that are moves of their own.
func (w *Workflow) Mermaid() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	type edge struct{ from, to State }
	var order []edge
	labels := map[edge][]string{}
	for _, r := range w.Rows {
		for _, from := range r.From {
			e := edge{from, r.to(from)}
			if r.To == Same || r.Do == Delete {
				continue
			}
			if _, seen := labels[e]; !seen {
				order = append(order, e)
			}
			if label := fmt.Sprintf("%s (%s)", r.Do, r.By); !slices.Contains(labels[e], label) {
				labels[e] = append(labels[e], label)
			}
		}
	}
	for _, e := range order {
		fmt.Fprintf(&b, "    %s --> %s: %s\n", mermaidState(e.from), e.to, strings.Join(labels[e], "\\n"))
	}
	for _, end := range w.Ends {
		fmt.Fprintf(&b, "    %s --> [*]\n", end)
	}
	return b.String()
}

func mermaidState(s State) string {
	if s == New {
		return "[*]"
	}
	return string(s)
}

// Table writes a workflow as an aligned Markdown table, a row a line.
func (w *Workflow) Table() string {
	lines := [][]string{{"from", "action", "to", "by", "needs", "if", "then"}}
	for _, r := range w.Rows {
		var from, guards, causes []string
		for _, s := range r.From {
			from = append(from, string(s))
		}
		for _, g := range r.If {
			guards = append(guards, "not "+string(g.Code))
		}
		for _, c := range r.Then {
			causes = append(causes, fmt.Sprintf("%s: %s", c.On, c.Do))
		}
		to := string(r.To)
		if r.To == Same {
			to = "(same)"
		}
		lines = append(lines, []string{
			strings.Join(from, ", "), string(r.Do), to, r.By.String(),
			strings.ReplaceAll(strings.Join(members(r.Needs), ", "), "|", " or "), strings.Join(guards, ", "), strings.Join(causes, ", "),
		})
	}
	return align(lines)
}

func align(lines [][]string) string {
	width := make([]int, len(lines[0]))
	for _, cells := range lines {
		for i, cell := range cells {
			width[i] = max(width[i], len(cell))
		}
	}
	var b strings.Builder
	for n, cells := range lines {
		for i, cell := range cells {
			fmt.Fprintf(&b, "| %-*s ", width[i], cell)
		}
		b.WriteString("|\n")
		if n == 0 {
			for _, wide := range width {
				b.WriteString("|" + strings.Repeat("-", wide+2))
			}
			b.WriteString("|\n")
		}
	}
	return b.String()
}
