package workflow

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"onward/fault"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// The README and the documents embed the diagrams and tables; the matrices
// show in review what a change of a row does to every state and role.
func TestGoldenPictures(t *testing.T) {
	for _, w := range All() {
		golden(t, w.Name+".matrix.txt", matrix(w))
		golden(t, w.Name+".mmd", w.Mermaid())
		golden(t, w.Name+".md", w.Table())
		golden(t, w.Name+".svg", w.SVG())
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s is out of date (-file +now); if that is meant: go test ./workflow -run Golden -update\n%s", path, diff)
	}
}

// matrix tells of every state × action × role where the action leads, unless
// a guard refuses with one of the codes, or why the role can't do it.
func matrix(w *Workflow) string {
	var actions []Action
	for _, r := range w.Rows {
		if !slices.Contains(actions, r.Do) {
			actions = append(actions, r.Do)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# %s: state, action, roles: the new state unless a guard refuses with its code, or the refusal\n", w.Name)
	for _, from := range states(w) {
		fmt.Fprintf(&b, "\n%s\n", from)
		for _, do := range actions {
			var cells []string
			roles := map[string][]string{}
			for i, name := range roleNames {
				cell := matrixCell(w, from, do, 1<<i)
				if roles[cell] == nil {
					cells = append(cells, cell)
				}
				roles[cell] = append(roles[cell], name)
			}
			for _, cell := range cells {
				fmt.Fprintf(&b, "  %-20s %s: %s\n", do, strings.Join(roles[cell], ", "), cell)
			}
		}
	}
	return b.String()
}

func matrixCell(w *Workflow, from State, do Action, as Role) string {
	_, err := w.Fire(from, do, as, goodDay())
	if fault.Is(err, fault.CodeWrongRole) || fault.Is(err, fault.CodeWrongState) {
		f, _ := fault.As(err)
		return string(f.Code)
	}
	var ways []string
	for _, r := range w.rowsOf(do) {
		if r.By&as == 0 || !slices.Contains(r.From, from) {
			continue
		}
		way := string(r.to(from))
		if len(r.If) > 0 {
			way += " unless " + strings.ReplaceAll(guardCodes(r.If), "+", ", ")
		}
		ways = append(ways, way)
	}
	return strings.Join(ways, " | ")
}
