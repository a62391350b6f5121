package demo

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"
)

// page tells the play to a person: aligned, and in colours on a terminal.
type page struct {
	out       io.Writer
	coloured  bool
	who, what int // widths of the columns
}

// The colours: SGR codes of ECMA-48.
const (
	bold   = "1"
	faint  = "2"
	green  = "32"
	yellow = "33"
)

func newPage(out io.Writer, story scenario) *page {
	p := &page{out: out, coloured: takesColours(out)}
	for _, s := range story.Scenes {
		for _, one := range s.Steps {
			p.who, p.what = max(p.who, utf8.RuneCountInString(one.As)), max(p.what, utf8.RuneCountInString(one.Say))
		}
	}
	return p
}

// takesColours reports a terminal whose user has not set NO_COLOR
// (no-color.org).
func takesColours(out io.Writer) bool {
	file, ok := out.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (p *page) in(colour, text string) string {
	if !p.coloured {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

func (p *page) line(format string, args ...any) { fmt.Fprintf(p.out, format+"\n", args...) }

// pad fills a text up to a width with spaces, counting signs and not bytes.
func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
}

func (p *page) title(title, base string) {
	p.line("\n%s\n%s", p.in(bold, title), p.in(faint, "played at "+base))
}

func (p *page) scene(number int, s scene) {
	p.line("\n%s\n   %s\n", p.in(bold, fmt.Sprintf("%d  %s", number, s.Title)), p.in(faint, s.About))
}

func (p *page) step(s step, a answer) {
	colour := green
	if a.refused() {
		colour = yellow
	}
	p.line("   %s  %s  %s", p.in(bold, pad(s.As, p.who)), pad(s.Say, p.what), p.in(colour, tells(a)))
}

// tells is what an answer says, in a few words: of a refusal its code; of a
// request its reference and state; of an assignment also whose it is.
func tells(a answer) string {
	switch {
	case a.refused():
		return fmt.Sprintf("refused: %d %s", a.status, a.text("/code"))
	case a.text("/reference") != "":
		return a.text("/reference") + " " + a.text("/state")
	}
	told := short(a.text("/organisation/name")) + " " + a.text("/state")
	if state := a.text("/request/state"); state != "" {
		told += ", " + a.text("/request/reference") + " " + state
	}
	return told
}

// short is an organisation's name up to its acronym's end.
func short(name string) string {
	before, _, _ := strings.Cut(name, ",")
	return before
}

func (p *page) timeline(reference string, events []event, names map[string]string) {
	p.line("\n%s\n", p.in(bold, "What the log keeps of "+reference))
	what, how := 0, 0
	moves := movesOf(events, names)
	for i, e := range events {
		what, how = max(what, utf8.RuneCountInString(e.Name)), max(how, utf8.RuneCountInString(moves[i]))
	}
	for i, e := range events {
		by := names[e.Actor]
		if by == "" || e.By == "effect" { // of somebody's move, told just before
			by = e.By
		}
		p.line("   %s  %s  %s  %s", p.in(faint, clock(e.At)), pad(e.Name, what), p.in(green, pad(moves[i], how)), by)
	}
}

// movesOf says from where to where each event went, and whose assignment did.
func movesOf(events []event, names map[string]string) []string {
	moves, of := make([]string, len(events)), map[string]string{}
	for i, e := range events {
		if e.Name == "assignment.offered" {
			of[e.Record] = names[e.Organisation] + ": "
		}
		moves[i] = of[e.Record] + e.To
		if e.From != e.To {
			moves[i] = of[e.Record] + e.From + " → " + e.To
		}
	}
	return moves
}

// clock is the time of day of an event, to the millisecond, in UTC.
func clock(at string) string {
	t, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		return at
	}
	return t.UTC().Format("15:04:05.000")
}

func (p *page) end(end string, references []string) {
	p.line("\n%s: %s\n", p.in(bold, end), strings.Join(references, ", "))
}
