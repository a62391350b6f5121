package handlers

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"onward/workflow"
)

// The codes of openapi.yaml are those of the vocabularies.
func TestSpecHasTheVocabularies(t *testing.T) {
	var names, schemas []string
	for _, v := range workflow.Vocabularies() {
		names, schemas = append(names, v.Name), append(schemas, pascal(v.Name)+"Code")
		isEnum(t, v.Name, schemaNamed(t, pascal(v.Name)+"Code"), workflow.Codes(v.Name))
	}
	isEnum(t, "VocabularyName", schemaNamed(t, "VocabularyName"), names)
	for name := range specification().at("components", "schemas") {
		if strings.HasSuffix(name, "Code") && !slices.Contains(schemas, name) {
			t.Errorf("schema %s is of no vocabulary", name)
		}
	}
}

// The states, actions and roles of openapi.yaml are those of the tables.
func TestSpecHasTheTables(t *testing.T) {
	states, kinds := []workflow.State{workflow.New}, []string{}
	var every, persons []workflow.Action
	doors, targets := []string{"transitions"}, []workflow.Target{}
	for _, w := range workflow.All() {
		states, kinds = append(states, w.States...), append(kinds, w.Name)
		isEnum(t, w.Name, schemaNamed(t, pascal(w.Noun)+"State"), w.States)
		for _, r := range w.Rows {
			every = append(every, r.Do)
			if r.By&^(workflow.Clock|workflow.Effect) != 0 && !slices.Equal(r.From, []workflow.State{workflow.New}) {
				persons = append(persons, r.Do)
			}
			if r.Door != workflow.Transitions {
				doors = append(doors, string(r.Door))
			}
			for _, c := range r.Then {
				targets = append(targets, c.On)
			}
		}
	}
	isEnum(t, "AnyState", schemaNamed(t, "AnyState"), states)
	isEnum(t, "RequestState", schemaNamed(t, "RequestState"), append(slices.Clone(workflow.Training.States), workflow.Referral.States...))
	isEnum(t, "RecordKind", schemaNamed(t, "RecordKind"), kinds)
	isEnum(t, "RequestKind", schemaNamed(t, "RequestKind"), []string{workflow.Training.Name, workflow.Referral.Name})
	isEnum(t, "AnyAction", schemaNamed(t, "AnyAction"), every)
	isEnum(t, "ActionName", schemaNamed(t, "ActionName"), persons)
	isEnum(t, "Door", schemaNamed(t, "Door"), doors)
	isEnum(t, "Target", schemaNamed(t, "Target"), targets)
	isEnum(t, "ServiceKind", schemaNamed(t, "ServiceKind"), append(workflow.Codes("services"), workflow.Codes("topics")...))
	var roles []string
	for _, r := range (workflow.Owner | workflow.Admin | workflow.Partner | workflow.Clock | workflow.Effect).Each() {
		roles = append(roles, r.String())
	}
	isEnum(t, "ActingRole", schemaNamed(t, "ActingRole"), roles)
	isEnum(t, "ReadingRole", schemaNamed(t, "ReadingRole"), []string{"owner", "admin", "partner"})
	isEnum(t, "CasePart", schemaNamed(t, "CasePart"), workflow.SightOf(workflow.Owner).Without(workflow.Trace).Parts())
}

// fired gives the rows of each action that POST …/transitions can do.
func fired(w *workflow.Workflow) map[workflow.Action][]workflow.Row {
	all := map[workflow.Action][]workflow.Row{}
	for _, r := range w.Rows {
		if r.Door == workflow.Transitions && r.By&^(workflow.Clock|workflow.Effect) != 0 {
			all[r.Do] = append(all[r.Do], r)
		}
	}
	return all
}

// Each action has a schema of its own: its needs are required, what it may
// carry is allowed, and nothing else.
func TestSpecHasTheTransitions(t *testing.T) {
	for _, w := range workflow.All() {
		noun := pascal(w.Noun)
		union, mapped := []string{}, schemaNamed(t, noun+"Transition").at("discriminator", "mapping")
		for _, s := range schemaNamed(t, noun+"Transition").nodes("oneOf") {
			union = append(union, s.refers())
		}
		var want []string
		for do, rows := range fired(w) {
			name := noun + pascal(string(do))
			want = append(want, name)
			if mapped[string(do)] != "#/components/schemas/"+name {
				t.Errorf("%sTransition maps %s to %v", noun, do, mapped[string(do)])
			}
			matchesRows(t, w, do, rows, name)
		}
		if !slices.Equal(sorted(union), sorted(want)) || len(mapped) != len(want) {
			t.Errorf("%sTransition has\n%v, want\n%v", noun, sorted(union), sorted(want))
		}
	}
}

func matchesRows(t *testing.T, w *workflow.Workflow, do workflow.Action, rows []workflow.Row, name string) {
	t.Helper()
	s := schemaNamed(t, name)
	properties, required := s.members()
	isEnum(t, name, properties["action"], []workflow.Action{do})
	if got, want := slices.Sorted(maps.Keys(properties)), sorted(append(w.Carries(do), "action")); !slices.Equal(got, want) {
		t.Errorf("%s has the members %v, want %v", name, got, want)
	}
	wantRequired, wantEither := []string{"action"}, []string{}
	for _, row := range rows {
		for _, need := range row.Needs {
			if strings.Contains(need.Member, "|") {
				wantEither = append(wantEither, strings.Split(need.Member, "|")...)
				continue
			}
			wantRequired = append(wantRequired, need.Member)
		}
		for _, need := range slices.Concat(row.Needs, row.May) {
			matchesCodes(t, name, properties, need)
		}
	}
	if !slices.Equal(required, sorted(wantRequired)) {
		t.Errorf("%s requires %v, want %v", name, required, wantRequired)
	}
	either := []string{}
	for _, choice := range append(s.nodes("allOf"), s) {
		for _, way := range choice.nodes("anyOf") {
			either = append(either, way.texts("required")...)
		}
	}
	if !slices.Equal(sorted(either), slices.Compact(sorted(wantEither))) {
		t.Errorf("%s requires one of %v, want %v", name, either, wantEither)
	}
}

func matchesCodes(t *testing.T, name string, properties map[string]node, need workflow.Need) {
	t.Helper()
	if need.Of == "" {
		return
	}
	member := properties[need.Member].real()
	switch {
	case need.Member == "reason":
		member = member.at("properties", "code")
	case member.text("type") == "array":
		member = member.at("items")
	}
	isEnum(t, name+"/"+need.Member, member, workflow.Codes(need.Of))
}

// An offer's bodies are the needs of the two tables.
func TestSpecHasTheOffers(t *testing.T) {
	for _, w := range []*workflow.Workflow{workflow.Training, workflow.Referral} {
		properties, required := schemaNamed(t, "New"+pascal(w.Noun)+"Assignment").members()
		if got := slices.Sorted(maps.Keys(properties)); !slices.Equal(got, sorted(w.Carries(workflow.Offer))) {
			t.Errorf("an offer of a %s has %v, want %v", w.Noun, got, w.Carries(workflow.Offer))
		}
		for _, r := range w.Rows {
			if r.Do != workflow.Offer {
				continue
			}
			var needs []string
			for _, need := range r.Needs {
				needs = append(needs, need.Member)
				matchesCodes(t, "an offer", properties, need)
			}
			if !slices.Equal(required, sorted(needs)) {
				t.Errorf("an offer of a %s requires %v, want %v", w.Noun, required, needs)
			}
		}
	}
}

// Whatever an object of the contract does not name is refused, in requests and
// replies; only maps and the parts of allOf are open.
func TestSpecIsClosed(t *testing.T) {
	parts := map[string]bool{}
	schemas := specification().at("components", "schemas")
	for name := range schemas {
		for _, part := range schemas.at(name).nodes("allOf") {
			parts[part.refers()] = true
		}
	}
	var walk func(where string, v any, part bool)
	walk = func(where string, v any, part bool) {
		if list, ok := v.([]any); ok {
			for i, one := range list {
				walk(fmt.Sprintf("%s/%d", where, i), one, part)
			}
			return
		}
		n := asNode(v)
		_, bounded := n["additionalProperties"]
		closed := bounded && n["additionalProperties"] != true || n["unevaluatedProperties"] == false
		if n.text("type") == "object" && !closed && !part {
			t.Errorf("%s is open", where)
		}
		for name, inner := range n {
			switch name {
			case "example", "examples", "enum", "required", "default":
			case "if", "then", "else", "anyOf", "allOf":
				walk(where+"/"+name, inner, true)
			default:
				walk(where+"/"+name, inner, false)
			}
		}
	}
	for name := range schemas {
		walk(name, schemas.at(name), parts[name])
	}
	walk("paths", specification()["paths"], false)
}

// What docs/contract.md says of all operations holds for each.
func TestSpecKeepsTheRules(t *testing.T) {
	for _, o := range operations() {
		statuses, headers := o.statuses(), o.takes("header")
		is := func(what string, got, want bool) {
			t.Helper()
			if got != want {
				t.Errorf("%s %s: %s is %v, want %v", o.method, o.path, what, got, want)
			}
		}
		_, public := o.node["security"]
		signed := strings.HasPrefix(o.path, "/v1/") && !strings.HasPrefix(o.path, "/v1/workflows") && !strings.HasPrefix(o.path, "/v1/vocabularies")
		changes := o.method == "PATCH" || o.method == "DELETE" && !strings.HasPrefix(o.path, "/v1/tokens") || strings.HasSuffix(o.path, "/transitions")
		one := slices.Contains(statuses, "304")
		is("security", !public, signed)
		is("400", slices.Contains(statuses, "400"), true)
		is("401", slices.Contains(statuses, "401"), signed)
		is("404", slices.Contains(statuses, "404"), strings.Contains(o.path, "{"))
		is("Idempotency-Key", slices.Contains(headers, "Idempotency-Key"), o.method == "POST")
		is("428", slices.Contains(statuses, "428"), changes)
		is("412", slices.Contains(statuses, "412"), slices.Contains(headers, "If-Match"))
		is("If-None-Match", slices.Contains(headers, "If-None-Match"), one)
		for _, status := range []string{"413", "415", "422"} {
			is(status, slices.Contains(statuses, status), o.at("requestBody") != nil)
		}
		if o.method == "POST" {
			is("409", slices.Contains(statuses, "409"), true)
		}
		is("default", o.at("responses", "default") != nil, true)
	}
}
