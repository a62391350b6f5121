// Command openapilint reads an OpenAPI 3.1 document and prints what is wrong with it, one line each.
// It ends with status 1 when it found anything. It needs nothing but Go: the usual linters want a newer
// Node than Debian 12 has.
//
// Its rules: the document keeps to the OpenAPI 3.1 schema; every $ref leads somewhere and every component
// is used; every operation has its own operationId, a summary, declared tags, a success and, on /v1, a
// failure; failures are problem+json; path parameters are those of the path; examples fit their schemas.
package main

import (
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/pb33f/go-yaml"
	"github.com/pb33f/libopenapi"
	"github.com/pb33f/libopenapi-validator/schema_validation"
	"github.com/pb33f/libopenapi/datamodel"
	"github.com/pb33f/libopenapi/datamodel/high/base"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: openapilint FILE")
		os.Exit(2)
	}
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	found, operations := lint(text)
	for _, problem := range found {
		fmt.Println(problem)
	}
	fmt.Printf("openapilint: %d operations, %d problems\n", operations, len(found))
	if len(found) > 0 {
		os.Exit(1)
	}
}

// lint gives the problems of a document, in the order of its paths, and the number of its operations.
func lint(text []byte) (found []string, operations int) {
	quiet := &datamodel.DocumentConfiguration{Logger: slog.New(slog.DiscardHandler)}
	document, err := libopenapi.NewDocumentWithConfiguration(text, quiet)
	if err != nil {
		return []string{err.Error()}, 0
	}
	if version := document.GetVersion(); !strings.HasPrefix(version, "3.1.") {
		return []string{"openapi: want 3.1, have " + version}, 0
	}
	if ok, problems := schema_validation.ValidateOpenAPIDocument(document); !ok {
		for _, problem := range problems {
			if len(problem.SchemaValidationErrors) == 0 {
				found = append(found, problem.Reason)
			}
			for _, detail := range problem.SchemaValidationErrors {
				found = append(found, fmt.Sprintf("line %d: %s: %s", detail.Line, detail.FieldPath, detail.Reason))
			}
		}
		return found, 0
	}
	model, err := document.BuildV3Model()
	if err != nil {
		return []string{err.Error()}, 0
	}

	l := linter{model: &model.Model, examples: schema_validation.NewSchemaValidator(), seen: map[string]string{}}
	if model.Model.Paths == nil {
		return []string{"no paths"}, 0
	}
	for path, item := range model.Model.Paths.PathItems.FromOldest() {
		for method, operation := range item.GetOperations().FromOldest() {
			l.where = strings.ToUpper(method) + " " + path
			l.operation(path, item, operation)
			operations++
		}
	}
	l.where = "components"
	l.components(string(text))
	return l.found, operations
}

type linter struct {
	model    *v3.Document
	examples schema_validation.SchemaValidator
	seen     map[string]string // operationId to the place where it was first used
	where    string
	found    []string
}

func (l *linter) say(format string, values ...any) {
	l.found = append(l.found, l.where+": "+fmt.Sprintf(format, values...))
}

func (l *linter) operation(path string, item *v3.PathItem, operation *v3.Operation) {
	switch first, twice := l.seen[operation.OperationId]; {
	case operation.OperationId == "":
		l.say("no operationId")
	case twice:
		l.say("operationId %s is that of %s", operation.OperationId, first)
	default:
		l.seen[operation.OperationId] = l.where
	}
	if operation.Summary == "" {
		l.say("no summary")
	}
	if len(operation.Tags) == 0 {
		l.say("no tag")
	}
	for _, tag := range operation.Tags {
		if !slices.ContainsFunc(l.model.Tags, func(known *base.Tag) bool { return known.Name == tag }) {
			l.say("tag %s is not declared", tag)
		}
	}
	l.parameters(path, slices.Concat(item.Parameters, operation.Parameters))
	if operation.RequestBody != nil {
		for name, media := range operation.RequestBody.Content.FromOldest() {
			l.media("request "+name, media)
		}
	}
	l.responses(path, operation)
}

var inTemplate = regexp.MustCompile(`\{([^}]+)\}`)

func (l *linter) parameters(path string, parameters []*v3.Parameter) {
	wanted := map[string]bool{}
	for _, match := range inTemplate.FindAllStringSubmatch(path, -1) {
		wanted[match[1]] = true
	}
	for _, parameter := range parameters {
		if parameter.In != "path" {
			continue
		}
		if !wanted[parameter.Name] {
			l.say("parameter %s is not in the path", parameter.Name)
		}
		delete(wanted, parameter.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		l.say("{%s} is not declared", name)
	}
}

func (l *linter) responses(path string, operation *v3.Operation) {
	if operation.Responses == nil {
		l.say("no responses")
		return
	}
	var success, failure bool
	for status, response := range operation.Responses.Codes.FromOldest() {
		refused := status[0] == '4' || status[0] == '5'
		success, failure = success || status[0] == '2' || status[0] == '3', failure || refused
		for name, media := range response.Content.FromOldest() {
			if refused && name != "application/problem+json" {
				l.say("%s answers with %s, not problem+json", status, name)
			}
			l.media(status+" "+name, media)
		}
	}
	if !success {
		l.say("no success among the responses")
	}
	if !failure && operation.Responses.Default == nil && strings.HasPrefix(path, "/v1/") {
		l.say("no failure among the responses")
	}
}

// media holds each example of a body against the body's schema.
func (l *linter) media(place string, media *v3.MediaType) {
	if media.Schema == nil {
		return
	}
	schema, err := media.Schema.BuildSchema()
	if err != nil {
		l.say("%s: %v", place, err)
		return
	}
	check := func(name string, node *yaml.Node) {
		var value any
		if err := node.Decode(&value); err != nil {
			l.say("%s: example%s: %v", place, name, err)
			return
		}
		_, problems := l.examples.ValidateSchemaObjectWithVersion(schema, value, 3.1)
		for _, problem := range problems {
			for _, detail := range problem.SchemaValidationErrors {
				l.say("%s: example%s: %s", place, strings.TrimRight(name+" "+detail.FieldPath, " "), detail.Reason)
			}
		}
	}
	if media.Example != nil {
		check("", media.Example)
	}
	for name, example := range media.Examples.FromOldest() {
		if example.Value != nil {
			check(" "+name, example.Value)
		}
	}
}

var reference = regexp.MustCompile(`#/components/\w+/[\w.-]+`)

// components names those that nothing refers to.
func (l *linter) components(text string) {
	all := l.model.Components
	if all == nil {
		return
	}
	used := map[string]bool{}
	for _, match := range reference.FindAllString(text, -1) {
		used[match] = true
	}
	look := func(kind string, names iter.Seq[string]) {
		for name := range names {
			if !used["#/components/"+kind+"/"+name] {
				l.say("%s/%s is used nowhere", kind, name)
			}
		}
	}
	look("schemas", all.Schemas.KeysFromOldest())
	look("responses", all.Responses.KeysFromOldest())
	look("parameters", all.Parameters.KeysFromOldest())
	look("examples", all.Examples.KeysFromOldest())
	look("requestBodies", all.RequestBodies.KeysFromOldest())
	look("headers", all.Headers.KeysFromOldest())
}
