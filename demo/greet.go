package demo

import (
	"io"
	"path/filepath"
)

// Greet tells who has just started the service with the demo where it is, who
// is in it, and what to try. It shows no token.
func Greet(out io.Writer, base, folder string) error {
	people, err := People(folder)
	if err != nil {
		return err
	}
	p := &page{out: out, coloured: takesColours(out)}
	p.line("\n%s serves the demo at %s\n", p.in(bold, "Onward"), p.in(bold, base))
	p.line("   to read      %s/docs", base)
	p.line("   to watch     make demo, in another terminal, plays the scenario of Jeju")
	p.line("   the tokens   %s, for:\n", filepath.Join(folder, TokenFile))
	for _, one := range people {
		p.line("      %s  %s  %s", pad(one.Role, 9), pad(one.Person, 30), p.in(faint, short(one.Organisation)))
	}
	p.line("")
	return nil
}
