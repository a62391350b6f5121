package workflow

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
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
	flow, ok := Named(strings.TrimSuffix(file, filepath.Ext(file)))
	if !ok {
		t.Fatalf("there is no workflow of %s", file)
	}
	if strings.HasSuffix(file, ".mmd") {
		return "```mermaid\n" + flow.Mermaid() + "```\n"
	}
	return flow.Table()
}
