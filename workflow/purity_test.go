package workflow

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Deciding is pure: these rooms know no clock, chance, file or network.
func TestNothingImpure(t *testing.T) {
	banned := []string{"os", "net", "math/rand", "math/rand/v2", "crypto/rand", "io/fs", "path/filepath", "syscall", "unsafe", "database/sql", "log", "log/slog", "sync", "context", "reflect", "runtime"}
	for _, room := range []string{".", "../fault"} {
		files, err := filepath.Glob(filepath.Join(room, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatal(room, err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range file.Imports {
				path, _ := strconv.Unquote(i.Path.Value)
				first, _, _ := strings.Cut(path, "/")
				own := path == "onward/fault" && room == "."
				if strings.Contains(first, ".") || first == "onward" && !own || slices.Contains(banned, path) || first == "net" {
					t.Errorf("%s imports %s", name, path)
				}
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if s, ok := n.(*ast.SelectorExpr); ok {
					if x, ok := s.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains([]string{"Now", "Since", "Until", "Sleep", "After", "Tick", "NewTimer", "NewTicker", "AfterFunc", "Local", "LoadLocation"}, s.Sel.Name) {
						t.Errorf("%s uses time.%s", name, s.Sel.Name)
					}
				}
				return true
			})
		}
	}
}
