package workflow

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

var embedded = regexp.MustCompile(`(?s)(<!-- golden:(\S+) -->\n).*?(<!-- /golden -->)`)

// The documents show the tables and diagrams as they are.
func TestGoldenDocs(t *testing.T) {
	for _, name := range []string{"../README.md", "../docs/workflows.md"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		fresh := embedded.ReplaceAllStringFunc(string(text), func(found string) string {
			part := embedded.FindStringSubmatch(found)
			return part[1] + picture(t, part[2]) + part[3]
		})
		if *update {
			if err := os.WriteFile(name, []byte(fresh), 0o644); err != nil {
				t.Fatal(err)
			}
		} else if fresh != string(text) {
			t.Errorf("%s is out of date: go test ./workflow -run Golden -update", name)
		}
	}
}

func picture(t *testing.T, file string) string {
	t.Helper()
	switch file {
	case "sees.md":
		return align(seesTable())
	case "parts.md":
		return align(partsTable())
	case "deadlines.md":
		return align(deadlinesTable())
	}
	flow, ok := Named(strings.TrimSuffix(file, filepath.Ext(file)))
	if !ok {
		t.Fatalf("there is no workflow of %s", file)
	}
	if strings.HasSuffix(file, ".mmd") {
		return "```mermaid\n" + flow.Mermaid() + "```\n"
	}
	return flow.Table()
}

var parts = []Part{Trace, Summary, Message, Person, Sealed, Consent, Matching}

// seesTable tells who sees which part of a case, from whatever Sees says.
func seesTable() [][]string {
	lines := [][]string{{"who", "whose assignment is"}}
	for _, p := range parts {
		lines[0] = append(lines[0], string(p))
	}
	line := func(as Role, state State, says string, sinceEnd time.Duration) {
		cells := []string{as.String(), says}
		for _, p := range parts {
			cells = append(cells, map[bool]string{true: "yes"}[Sees(as, state, sinceEnd, p)])
		}
		lines = append(lines, cells)
	}
	line(Owner, "", "", 0)
	line(Admin, "", "", 0)
	for _, s := range Assignment.States {
		line(Partner, s, string(s), 0)
		if s == Completed {
			line(Partner, s, "completed, after 30 days", AfterCompletion+1)
		}
	}
	return lines
}

// partsTable tells which members each part has.
func partsTable() [][]string {
	lines := [][]string{{"part", "members"}}
	for _, p := range parts {
		var names []string
		for name, of := range partOf {
			if of == p {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		lines = append(lines, []string{string(p), strings.Join(names, ", ")})
	}
	return lines
}

// deadlinesTable tells the two promises of each urgency.
func deadlinesTable() [][]string {
	says := func(s span) string {
		switch hours := int(s.clock.Hours()); {
		case s.days > 0:
			return fmt.Sprintf("%d working days", s.days)
		case hours > 72:
			return fmt.Sprintf("%d days", hours/24)
		default:
			return fmt.Sprintf("%d h", hours)
		}
	}
	lines := [][]string{{"urgency", "a desk takes it within", "a partner answers within"}}
	for _, urgency := range Codes("urgency") {
		lines = append(lines, []string{urgency, says(spans[urgency].take), says(spans[urgency].answer)})
	}
	return lines
}
