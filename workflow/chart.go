package workflow

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
)

// The measures of a chart, in pixels.
const (
	chartLeft   = 190 // where the columns begin
	chartTop    = 170 // where the rows begin
	columnWidth = 34
	rowHeight   = 30
)

// SVG draws the moves of a workflow as a chart: a line for each state, in the
// order of the table, and a column for each move, with a dot where it can start
// and an arrow to where it leads. Unlike a graph it has no edges that cross.
func (w *Workflow) SVG() string {
	states := append([]State{New}, w.States...)
	var moves []Row
	for _, r := range w.Rows {
		if r.To != Same {
			moves = append(moves, r)
		}
	}
	width, height := chartLeft+columnWidth*len(moves)+90, chartTop+rowHeight*len(states)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12" role="img">`, width, height)
	fmt.Fprintf(&b, "\n<title>%s</title>\n", escaped(w.Name))
	b.WriteString(`<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0 8 4 0 8z"/></marker></defs>` + "\n")
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#fff"/>`+"\n", width, height)
	for i, s := range states {
		y := chartTop + rowHeight*i
		fmt.Fprintf(&b, `<line x1="%d" y1="%d" x2="%d" y2="%d" stroke="#ddd"/><text x="%d" y="%d" text-anchor="end">%s</text>`+"\n",
			chartLeft-10, y, width-70, y, chartLeft-18, y+4, escaped(string(s)))
	}
	for i, r := range moves {
		r.draw(&b, chartLeft+10+columnWidth*i, states)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// draw puts one move in its column.
func (r Row) draw(b *strings.Builder, x int, states []State) {
	fmt.Fprintf(b, `<text transform="translate(%d %d) rotate(-55)">%s <tspan fill="#777">%s</tspan></text>`+"\n", x, chartTop-16, escaped(string(r.Do)), escaped(r.By.String()))
	at := func(s State) int { return chartTop + rowHeight*slices.Index(states, s) }
	end := at(r.To)
	for _, from := range r.From {
		y := at(from)
		if from == r.To {
			fmt.Fprintf(b, `<path d="M%d %d c14 -12 14 12 2 2" fill="none" stroke="#000" marker-end="url(#arrow)"/>`+"\n", x, y)
			continue
		}
		fmt.Fprintf(b, `<line x1="%d" y1="%d" x2="%d" y2="%d" stroke="#000" marker-end="url(#arrow)"/><circle cx="%d" cy="%d" r="4"/>`+"\n", x, y, x, end, x, y)
	}
}

func escaped(text string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(text)); err != nil {
		panic(err) // a Builder takes everything
	}
	return b.String()
}
