package main

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// The document breaks each rule once; beside it is what the linter has to say of it.
func TestLint(t *testing.T) {
	text, err := os.ReadFile("testdata/bad.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/bad.txt")
	if err != nil {
		t.Fatal(err)
	}
	found, operations := lint(text)
	if operations != 2 {
		t.Errorf("%d operations, want 2", operations)
	}
	if have := strings.Split(strings.TrimSpace(string(want)), "\n"); !slices.Equal(found, have) {
		t.Errorf("found:\n%s\nwant:\n%s", strings.Join(found, "\n"), want)
	}
}

func TestSchemaAndReferences(t *testing.T) {
	const start = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths:\n  /a:\n    get:\n      responses:\n        '200': "
	for _, broken := range []string{"{}", "{$ref: '#/components/responses/None'}"} {
		if found, _ := lint([]byte(start + broken)); len(found) == 0 {
			t.Errorf("nothing found in %s", broken)
		}
	}
}
