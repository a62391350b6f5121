package demo

import (
	"io"
	"path/filepath"
	"strings"
)

// Greet tells who has just started the service with the demo where it is, who
// is in it with which token, and what to try. The demo's tokens guard nothing
// but the demo.
func Greet(out io.Writer, base, folder string) error {
	people, err := People(folder)
	if err != nil {
		return err
	}
	p := &page{out: out, coloured: takesColours(out)}
	p.line("\n%s serves the demo at %s\n", p.in(bold, "Onward"), p.in(bold, base))
	p.line("   to read      %s/docs", base)
	p.line("   to watch     make demo, in another terminal, plays the scenario of Jeju")
	p.line("   the tokens   also in %s\n", filepath.Join(folder, TokenFile))
	for _, one := range people {
		p.line("      %s  %s  %s", pad(one.Role, 9), pad(one.Person, 30), p.in(faint, one.Token))
	}
	p.line("\n   to try       copy these lines\n")
	for _, one := range people {
		if one.Role == "requester" {
			p.line("      T=%s", one.Token)
		}
	}
	for _, line := range strings.Split(strings.TrimSpace(tries), "\n") {
		p.line("      %s", strings.ReplaceAll(line, "BASE", base))
	}
	p.line("")
	return nil
}

// tries are lines for a shell, as the requester.
const tries = `
curl -s BASE/v1/me -H "Authorization: Bearer $T"
curl -si BASE/v1/training-requests -H "Authorization: Bearer $T" --json '{"title": "Referral for border guards", "draft": true}'
curl -s BASE/v1/training-requests -H "Authorization: Bearer $T"
curl -s BASE/v1/workflows/training_request -H "Accept: text/vnd.mermaid"
`
