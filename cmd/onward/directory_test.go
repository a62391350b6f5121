package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const samples = "../../hsds/testdata/open-referral/"

// The standard's own sample is taken in as far as it can be, once; what is
// written of it can be taken in again.
func TestDirectoryOfTheSample(t *testing.T) {
	t.Parallel()
	data := folder(t)
	terms := filepath.Join(t.TempDir(), "terms.csv")
	if err := os.WriteFile(terms, []byte("term,kind\nac148810-d857-441c-9679-408f346de14b,psychosocial\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	said, err := run(t, program(t, data, "directory", "import", samples+"csv", "--map", terms))
	if err == nil || !strings.Contains(said, "services.csv:2: service_areas: ") || !strings.Contains(said, "\nbad rows: 3\n") || !strings.HasSuffix(said, "nothing was written") {
		t.Errorf("%v\n%s", err, said)
	}
	for _, want := range []string{"1 new, 0 changed, 0 unchanged", "0 new, 0 changed, 1 unchanged"} {
		said, err := run(t, program(t, data, "directory", "import", samples+"csv/datapackage.json", "--map", terms, "--country", "US", "--skip-bad-rows"))
		if err == nil || !strings.Contains(err.Error(), "some rows were left out") || !strings.Contains(said, "organisations: "+want+"\nservices: "+want) || !strings.Contains(said, "left out: 1 phones") {
			t.Errorf("%v\n%s", err, said)
		}
	}
	written := t.TempDir()
	for _, args := range [][]string{{written}, {filepath.Join(written, "all.json"), "--json"}} {
		if said, err := run(t, program(t, data, append([]string{"directory", "export"}, args...)...)); err != nil || !strings.HasPrefix(said, "1 organisations with 1 services") {
			t.Fatalf("%v\n%s", err, said)
		}
		said, err := run(t, program(t, data, "directory", "import", "--dry-run", args[0]))
		if err != nil || !strings.Contains(said, "organisations: 0 new, 0 changed, 1 unchanged\nservices: 0 new, 0 changed, 1 unchanged\n") {
			t.Errorf("%v\n%s", err, said)
		}
	}
}

// What a mapping maps to is a code of ours.
func TestDirectoryMapping(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"a.json": `{"x": "food"}`, "b.csv": "term,kind\nx,food\n"} {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if kinds, err := mapping(file); err != nil || kinds["x"] != "food" {
			t.Errorf("%v %v", err, kinds)
		}
		if err := os.WriteFile(file, []byte(strings.ReplaceAll(text, "food", "feud")), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := mapping(file); err == nil || !strings.Contains(err.Error(), `"feud"`) {
			t.Errorf("%v", err)
		}
	}
}
