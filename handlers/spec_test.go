package handlers

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pb33f/go-yaml"

	"onward"
)

// node is an object of openapi.yaml, as it is written there.
type node map[string]any

var specification = sync.OnceValue(func() node {
	var n node
	if err := yaml.Unmarshal(onward.OpenAPI, &n); err != nil {
		panic(err)
	}
	return n
})

// at follows the names down; nil if there is nothing.
func (n node) at(names ...string) node {
	for _, name := range names {
		n = asNode(n[name])
	}
	return n
}

func asNode(v any) node {
	switch v := v.(type) {
	case node:
		return v
	case map[string]any:
		return v
	}
	return nil
}

// nodes is a list of objects.
func (n node) nodes(name string) (all []node) {
	list, _ := n[name].([]any)
	for _, v := range list {
		all = append(all, asNode(v))
	}
	return all
}

// texts is a list of strings, or a single one.
func (n node) texts(name string) (all []string) {
	switch v := n[name].(type) {
	case string:
		return []string{v}
	case []any:
		for _, one := range v {
			text, _ := one.(string)
			all = append(all, text)
		}
	}
	return all
}

func (n node) text(name string) string {
	text, _ := n[name].(string)
	return text
}

// refers is the last part of $ref.
func (n node) refers() string {
	ref := n.text("$ref")
	return ref[strings.LastIndex(ref, "/")+1:]
}

// real is what $ref leads to, or the object itself.
func (n node) real() node {
	for ref := n.text("$ref"); ref != ""; ref = n.text("$ref") {
		n = specification().at(strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
	}
	return n
}

func schemaNamed(t *testing.T, name string) node {
	t.Helper()
	s := specification().at("components", "schemas", name)
	if s == nil {
		t.Fatalf("openapi.yaml has no schema %s", name)
	}
	return s
}

// members are the properties of a schema and of its allOf, and the names of
// those that are always required.
func (n node) members() (properties map[string]node, required []string) {
	properties = map[string]node{}
	for _, part := range append(n.nodes("allOf"), nil) {
		if part == nil {
			part = n
		}
		part = part.real()
		for name := range part.at("properties") {
			properties[name] = part.at("properties", name)
		}
		required = append(required, part.texts("required")...)
	}
	slices.Sort(required)
	return properties, slices.Compact(required)
}

// enum is the list of codes that a schema allows, and whether it has one.
func (n node) enum() (codes []string, ok bool) {
	n = n.real()
	if one, ok := n["const"].(string); ok {
		return []string{one}, true
	}
	if _, ok := n["enum"]; ok {
		return n.texts("enum"), true
	}
	for _, part := range n.nodes("anyOf") {
		some, ok := part.enum()
		if !ok {
			return nil, false
		}
		codes = append(codes, some...)
	}
	return codes, len(codes) > 0
}

// isEnum holds a schema's codes against what they should be, in any order.
func isEnum[S ~string](t *testing.T, where string, s node, want []S) {
	t.Helper()
	got, _ := s.enum()
	var texts []string
	for _, w := range want {
		texts = append(texts, string(w))
	}
	if got, texts = sorted(got), sorted(texts); !slices.Equal(got, texts) {
		t.Errorf("%s has the codes\n%v, want\n%v", where, got, texts)
	}
}

func sorted(list []string) []string { return slices.Compact(slices.Sorted(slices.Values(list))) }

// pascal turns a code into the name of its schema: case_outcome, CaseOutcome.
func pascal(code string) string {
	var out strings.Builder
	for part := range strings.SplitSeq(code, "_") {
		out.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return out.String()
}

// operation is one operation of the contract, with where it stands.
type operation struct {
	method, path string
	node
}

func (o operation) id() string { return o.text("operationId") }

func operations() (all []operation) {
	paths := specification().at("paths")
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		item := paths.at(path)
		for _, method := range slices.Sorted(maps.Keys(item)) {
			all = append(all, operation{strings.ToUpper(method), path, item.at(method)})
		}
	}
	return all
}

// statuses are those that an operation documents by number.
func (o operation) statuses() []string {
	all := slices.Sorted(maps.Keys(o.at("responses")))
	return slices.DeleteFunc(all, func(status string) bool { return status == "default" })
}

// takes lists the names of an operation's parameters in a place.
func (o operation) takes(in string) (names []string) {
	for _, p := range o.nodes("parameters") {
		if p = p.real(); p.text("in") == in {
			names = append(names, p.text("name"))
		}
	}
	return names
}
