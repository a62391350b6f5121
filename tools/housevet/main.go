// Command housevet is `go vet` for the rules of this house that a list of forbidden names can't express,
// because they depend on what is handed over:
//
//   - GORM: no struct as a condition or a change (its zero values vanish), no condition inside First, Find
//     or Delete (it is run as SQL), no text as SQL but constants and embedded files, no hooks. Text that is
//     put together says on its line, after `// sql:`, why no caller can write it;
//   - slog: no struct as a value, unless it says itself what the log may show: names and narratives are in them.
//
// Run it as `go vet -vettool=bin/housevet ./...`.
package main

import (
	"go/ast"
	"go/types"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/unitchecker"
)

func main() { unitchecker.Main(house) }

var house = &analysis.Analyzer{Name: "house", Doc: "check the GORM and slog rules of this house", Run: run}

func run(pass *analysis.Pass) (any, error) {
	for _, file := range pass.Files {
		if strings.HasSuffix(pass.Fset.Position(file.Pos()).Filename, "_test.go") {
			continue
		}
		ast.Inspect(file, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.FuncDecl:
				hook(pass, node)
			case *ast.CallExpr:
				call(pass, node)
			}
			return true
		})
	}
	return nil, nil
}

var hookName = regexp.MustCompile(`^(Before|After)(Save|Create|Update|Delete|Find)$`)

func hook(pass *analysis.Pass, f *ast.FuncDecl) {
	if f.Recv != nil && hookName.MatchString(f.Name.Name) {
		pass.Reportf(f.Pos(), "no GORM hooks: desk says in one place what happens")
	}
}

var (
	logging = []string{
		"Debug", "Info", "Warn", "Error", "DebugContext", "InfoContext", "WarnContext", "ErrorContext",
		"Log", "LogAttrs", "With", "Any", "Group",
	}
	finders   = []string{"First", "Last", "Take", "Find", "Delete", "FirstOrInit", "FirstOrCreate"}
	byStruct  = []string{"Where", "Not", "Or", "Updates", "UpdateColumns", "Attrs", "Assign"}
	textIsSQL = []string{
		"Where", "Not", "Or", "Order", "Group", "Having", "Joins", "Select", "Distinct", "Pluck", "Raw", "Exec",
	}
)

func call(pass *analysis.Pass, c *ast.CallExpr) {
	selector, ok := c.Fun.(*ast.SelectorExpr)
	if !ok || len(c.Args) == 0 {
		return
	}
	callee, ok := pass.TypesInfo.Uses[selector.Sel].(*types.Func)
	if !ok || callee.Pkg() == nil {
		return
	}
	switch callee.Pkg().Path() {
	case "log/slog":
		if !slices.Contains(logging, callee.Name()) {
			return
		}
		for _, value := range c.Args {
			if t := pass.TypesInfo.TypeOf(value); isStruct(t) && !speaksForItself(t) {
				pass.Reportf(value.Pos(), "log ids and codes, never a whole struct")
			}
		}
	case "gorm.io/gorm":
		chain(pass, c, callee)
	}
}

// chain looks at one link of a GORM chain, of the classic kind or the generic one.
func chain(pass *analysis.Pass, c *ast.CallExpr, callee *types.Func) {
	name, first := callee.Name(), c.Args[0]
	classic := receiver(callee) == "DB"
	if name == "Updates" && !classic {
		first = c.Args[len(c.Args)-1] // Updates(ctx, row)
	}
	given := pass.TypesInfo.TypeOf(first)
	switch {
	case classic && slices.Contains(finders, name) && len(c.Args) > 1:
		pass.Reportf(c.Pos(), `a condition inside %s is run as SQL: say Where("column = ?", value)`, name)
	case name == "Updates" && selectsColumns(c):
		// Select names the columns, so that zero values are written too.
	case slices.Contains(byStruct, name) && isRow(given):
		pass.Reportf(c.Pos(), "the zero values of a struct vanish in %s: name the columns", name)
	case slices.Contains(textIsSQL, name) && isText(given) && !fixed(pass, first) && !explained(pass, first):
		pass.Reportf(first.Pos(), "this text becomes SQL: use a constant or an embedded file, or say after // sql: why no caller can write it")
	}
}

// receiver gives the name of the type that has the method.
func receiver(f *types.Func) string {
	if recv := f.Signature().Recv(); recv != nil {
		if named, ok := pointee(recv.Type()).(*types.Named); ok {
			return named.Obj().Name()
		}
	}
	return ""
}

// isRow tells a struct, or a pointer to one, from GORM's own conditions and groups.
func isRow(t types.Type) bool { return isStruct(t) && !strings.HasPrefix(home(t), "gorm.io/gorm") }

func isStruct(t types.Type) bool {
	_, ok := pointee(t).Underlying().(*types.Struct)
	return ok
}

func pointee(t types.Type) types.Type {
	if pointer, ok := t.Underlying().(*types.Pointer); ok {
		return pointer.Elem()
	}
	return t
}

// home gives the path of the package that declares a type, or a pointer's type.
func home(t types.Type) string {
	if named, ok := types.Unalias(pointee(t)).(*types.Named); ok && named.Obj().Pkg() != nil {
		return named.Obj().Pkg().Path()
	}
	return ""
}

func isText(t types.Type) bool {
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Info()&types.IsString != 0
}

// fixed tells whether a text is a constant or a variable of a package, as embedded SQL is.
func fixed(pass *analysis.Pass, e ast.Expr) bool {
	if pass.TypesInfo.Types[e].Value != nil {
		return true
	}
	var id *ast.Ident
	switch e := e.(type) {
	case *ast.Ident:
		id = e
	case *ast.SelectorExpr:
		id = e.Sel
	default:
		return false
	}
	v, ok := pass.TypesInfo.Uses[id].(*types.Var)
	return ok && v.Pkg() != nil && v.Parent() == v.Pkg().Scope()
}

// explained tells whether the line of an expression has a `// sql:` with a reason.
func explained(pass *analysis.Pass, e ast.Expr) bool {
	line := pass.Fset.Position(e.Pos()).Line
	for _, file := range pass.Files {
		if e.Pos() < file.FileStart || e.Pos() >= file.FileEnd {
			continue
		}
		for _, group := range file.Comments {
			for _, comment := range group.List {
				reason, ok := strings.CutPrefix(comment.Text, "// sql: ")
				if ok && reason != "" && pass.Fset.Position(comment.Pos()).Line == line {
					return true
				}
			}
		}
	}
	return false
}

// selectsColumns tells whether a Select stands before a call in its chain.
func selectsColumns(c *ast.CallExpr) bool {
	for {
		selector, ok := c.Fun.(*ast.SelectorExpr)
		if !ok {
			return false
		}
		if c, ok = selector.X.(*ast.CallExpr); !ok {
			return false
		}
		if before, ok := c.Fun.(*ast.SelectorExpr); ok && before.Sel.Name == "Select" {
			return true
		}
	}
}

// speaksForItself tells whether a type decides what the log shows of it, as errors, times and slog's own do.
func speaksForItself(t types.Type) bool {
	if path := home(t); path == "log/slog" || path == "time" || path == "context" {
		return true
	}
	for _, method := range []string{"Error", "LogValue"} {
		if object, _, _ := types.LookupFieldOrMethod(t, true, nil, method); object != nil {
			return true
		}
	}
	return false
}
