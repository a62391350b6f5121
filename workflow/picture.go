package workflow

import (
	"fmt"
	"strings"
)

// Table writes a workflow as an aligned Markdown table, a row a line; its
// guards by the codes with which they refuse.
func (w *Workflow) Table() string {
	lines := [][]string{{"from", "action", "to", "by", "needs", "unless", "then"}}
	for _, r := range w.Rows {
		var from, guards, causes []string
		for _, s := range r.From {
			from = append(from, string(s))
		}
		for _, g := range r.If {
			guards = append(guards, string(g.Code))
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
			strings.ReplaceAll(strings.Join(Members(r.Needs), ", "), "|", " or "), strings.Join(guards, ", "), strings.Join(causes, ", "),
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
