package onward

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// The table of promises names tests; each of them is there.
func TestPromisesNameTests(t *testing.T) {
	t.Parallel()
	table, err := os.ReadFile("docs/asvs.md")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`([a-z/_]+_test\\.go)` (Test[A-Za-z]+)").FindAllStringSubmatch(string(table), -1)
	if rows := strings.Count(string(table), "\n| ") - 1; len(named) < rows {
		t.Errorf("%d rows name %d tests", rows, len(named))
	}
	for _, n := range named {
		text, err := os.ReadFile(n[1])
		if err != nil || !strings.Contains(string(text), "\nfunc "+n[2]+"(t *testing.T)") {
			t.Errorf("%s has no %s: %v", n[1], n[2], err)
		}
	}
}
