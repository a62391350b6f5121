package handlers

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"onward/api"
	"onward/workflow"
)

// The schemas have the members and limits of the wire types, and no others.
func TestSpecHasTheWireTypes(t *testing.T) {
	c := &comparison{t, map[string]bool{"Transition": true, "NewAssignment": true, "NewPlan": true, "NewWait": true}}
	for _, twin := range twins {
		c.structs(twin.schema, reflect.TypeOf(twin.of), schemaNamed(t, twin.schema), twin.use, twin.without...)
	}
	c.pieces("Transition", api.Transition{}, transitionSchemas())
	c.pieces("NewAssignment", api.NewAssignment{}, []string{"NewTrainingAssignment", "NewReferralAssignment"})
	c.pieces("NewPlan", api.NewPlan{}, []string{"NewTrainingPlan", "NewReferralPlan"})
	c.pieces("NewWait", api.NewWait{}, []string{"NewTrainingWait", "NewReferralWait"})
	for _, name := range typesOf(t, "../api") {
		if !c.seen[name] {
			t.Errorf("api.%s is in no schema", name)
		}
	}
}

func transitionSchemas() (names []string) {
	for _, w := range workflow.All() {
		for do := range fired(w) {
			names = append(names, pascal(w.Noun)+pascal(string(do)))
		}
	}
	return names
}

// typesOf lists the struct types that a package exports.
func typesOf(t *testing.T, folder string) (names []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in %s: %v", folder, err)
	}
	for _, file := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok && spec.Name.IsExported() {
				if _, ok := spec.Type.(*ast.StructType); ok {
					names = append(names, spec.Name.Name)
				}
			}
			return true
		})
	}
	return names
}

// member is one member of a wire type.
type member struct {
	name     string
	typ      reflect.Type
	optional bool // left out when it is zero
	date     bool
	rules    []string
}

func (m member) rule(name string) (param string, ok bool) {
	for _, rule := range m.rules {
		if rule == "dive" {
			break
		}
		if key, value, _ := strings.Cut(rule, "="); key == name {
			return value, true
		}
	}
	return "", false
}

func (m member) has(rule string) bool {
	_, ok := m.rule(rule)
	return ok
}

// limited reports whether tags speak of the member at all.
func (m member) limited() bool { return len(m.rules) > 0 }

// comparison holds wire types against schemas.
type comparison struct {
	t    *testing.T
	seen map[string]bool // the types that were compared
}

// wireMembers lists the members of a type, those of what it embeds included.
func (c *comparison) wireMembers(typ reflect.Type) (all []member) {
	name, _, _ := strings.Cut(typ.Name(), "[")
	c.seen[name] = true
	for field := range typ.Fields() {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.Anonymous && name == "" {
			all = append(all, c.wireMembers(field.Type)...)
			continue
		}
		m := member{name: name, typ: field.Type, date: strings.Contains(options, "format:DateOnly")}
		m.optional = strings.Contains(options, "omitzero") || strings.Contains(options, "omitempty")
		if rules := field.Tag.Get("validate"); rules != "" {
			m.rules = strings.Split(rules, ",")
		}
		all = append(all, m)
	}
	return all
}

func (c *comparison) structs(where string, typ reflect.Type, s node, u use, without ...string) {
	properties, required := s.real().members()
	var names, always, wanted []string
	for _, m := range c.wireMembers(typ) {
		if slices.Contains(without, m.name) && m.name != "items" {
			continue
		}
		names = append(names, m.name)
		if !m.optional {
			always = append(always, m.name)
		}
		if m.has("required") {
			wanted = append(wanted, m.name)
		}
		if p, ok := properties[m.name]; ok && !slices.Contains(without, m.name) {
			c.values(where+"/"+m.name, m, p, u)
		}
	}
	if got := slices.Sorted(maps.Keys(properties)); !slices.Equal(got, sorted(names)) {
		c.t.Errorf("%s has the members\n%v, want\n%v", where, got, sorted(names))
	}
	switch u {
	case sent:
		c.same(where, "required", strings.Join(required, " "), strings.Join(sorted(wanted), " "))
	case patched:
		c.same(where, "required", strings.Join(required, " "), "")
	case shown:
		// A schema that requests share requires what they must have, at least.
		if !slices.Equal(required, sorted(always)) && (len(wanted) == 0 && s.text("$ref") == "" || !slices.Equal(required, sorted(wanted))) {
			c.t.Errorf("%s requires %v, want %v", where, required, sorted(always))
		}
	}
}

// pieces holds schemas that are each a part of one wire type against it.
func (c *comparison) pieces(name string, of any, schemas []string) {
	all := map[string]member{}
	for _, m := range c.wireMembers(reflect.TypeOf(of)) {
		all[m.name] = m
	}
	used := map[string]bool{}
	for _, schema := range schemas {
		properties, required := schemaNamed(c.t, schema).members()
		for property, s := range properties {
			m, ok := all[property]
			if !ok {
				c.t.Errorf("%s/%s is no member of %s", schema, property, name)
				continue
			}
			if used[property] = true; m.typ.Kind() == reflect.Slice && slices.Contains(required, property) {
				m.rules = append([]string{"min=1"}, m.rules...) // the action needs it
			}
			c.values(schema+"/"+property, m, s, sent)
		}
	}
	for property := range all {
		if !used[property] {
			c.t.Errorf("%s/%s is in no schema", name, property)
		}
	}
}

// values holds one member against its schema.
func (c *comparison) values(where string, m member, s node, u use) {
	s, null := withoutNull(s)
	typ, pointer := m.typ, m.typ.Kind() == reflect.Pointer
	if pointer {
		typ = typ.Elem()
	}
	nullable := u == shown && pointer && !m.optional ||
		u == patched && !m.has("required") && (m.optional || typ.Kind() == reflect.Slice)
	c.same(where, "nullable", strconv.FormatBool(null), strconv.FormatBool(nullable))

	switch kind := typ.Kind(); {
	case typ == reflect.TypeFor[time.Time]():
		format := map[bool]string{true: "date", false: "date-time"}[m.date]
		c.same(where, "format", s.real().text("format"), format)
	case kind == reflect.String:
		c.strings(where, m, s, u)
	case kind == reflect.Int:
		c.kind(where, s, "integer")
		c.limit(where, m, s, "min", "minimum", u)
		c.limit(where, m, s, "max", "maximum", u)
	case kind == reflect.Float64:
		c.kind(where, s, "number")
	case kind == reflect.Bool:
		c.kind(where, s, "boolean")
	case kind == reflect.Slice:
		c.lists(where, m, s.real(), u)
	case kind == reflect.Struct:
		c.structs(where, typ, s, u)
	case kind == reflect.Map:
		c.kind(where, s, "object")
	default:
		c.t.Errorf("%s: a %s has no place in JSON", where, kind)
	}
}

// withoutNull is the schema of what is not null.
func withoutNull(s node) (rest node, null bool) {
	if types := s.texts("type"); len(types) == 2 && types[1] == "null" {
		rest = maps.Clone(s)
		rest["type"] = types[0]
		return rest, true
	}
	if ways := s.nodes("anyOf"); len(ways) == 2 && ways[1].text("type") == "null" {
		return ways[0], true
	}
	return s, false
}

func (c *comparison) lists(where string, m member, s node, u use) {
	c.kind(where, s, "array")
	c.limit(where, m, s, "min", "minItems", u)
	c.limit(where, m, s, "max", "maxItems", u)
	if m.limited() {
		c.same(where, "uniqueItems", strconv.FormatBool(s["uniqueItems"] == true), strconv.FormatBool(m.has("unique")))
	}
	item := member{name: m.name, typ: m.typ.Elem()}
	if dive := slices.Index(m.rules, "dive"); dive >= 0 {
		item.rules = m.rules[dive+1:]
	}
	if u == patched {
		u = sent // a list is replaced as a whole
	}
	c.values(where+"/*", item, s.at("items"), u)
}

// strings holds text against its schema. Replies may say more of a text than
// the wire type's tags, which then are none.
func (c *comparison) strings(where string, m member, s node, u use) {
	if vocabulary, ok := m.rule("code"); ok {
		c.same(where, "$ref", s.refers(), pascal(vocabulary)+"Code")
		return
	}
	if codes, ok := s.enum(); ok {
		if allowed, ok := m.rule("oneof"); ok {
			c.same(where, "enum", strings.Join(codes, " "), allowed)
		}
		return
	}
	s = s.real()
	c.kind(where, s, "string")
	if u == shown && !m.limited() {
		return
	}
	c.limit(where, m, s, "max", "maxLength", u)
	written := m.has("text") || m.has("line") || m.has("timezone")
	c.same(where, "minLength", number(s["minLength"]), map[bool]string{true: "1"}[written])
	formats := map[string]string{"uuid": "uuid", "https_url": "uri"}
	patterns := map[string]string{
		"line": `^\P{Cc}+$`, "https_url": `^https://`, "iso3166_1_alpha2": `^[A-Z]{2}$`, "subdivision": subdivisionShape.String(),
		"language": `^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$`,
	}
	c.same(where, "format", s.text("format"), byRule(m, formats))
	c.same(where, "pattern", s.text("pattern"), byRule(m, patterns))
}

func byRule(m member, table map[string]string) string {
	for rule, value := range table {
		if m.has(rule) {
			return value
		}
	}
	return ""
}

func (c *comparison) kind(where string, s node, want string) {
	c.same(where, "type", s.real().text("type"), want)
}

func (c *comparison) limit(where string, m member, s node, rule, keyword string, u use) {
	if u == shown && !m.limited() {
		return
	}
	param, _ := m.rule(rule)
	c.same(where, keyword, number(s.real()[keyword]), param)
}

func number(v any) string {
	n, ok := v.(int)
	if !ok {
		return ""
	}
	return strconv.Itoa(n)
}

func (c *comparison) same(where, what, got, want string) {
	if got != want {
		c.t.Errorf("%s: %s is %q, want %q", where, what, got, want)
	}
}
