package handlers

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"onward/api"
	"onward/workflow"
)

// coded lists the members of a wire type whose value is of a vocabulary, as
// pointers; /- stands for one entry of a list.
func coded(t reflect.Type, at string) (pointers []string) {
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		list := f.Type.Kind() == reflect.Slice
		entry, here := f.Type, at+"/"+name
		if list {
			entry, here = f.Type.Elem(), here+"/-"
		}
		switch {
		case f.Anonymous: // its members are visible by themselves
		case strings.Contains(f.Tag.Get("validate"), "code="):
			pointers = append(pointers, here)
		case entry.Kind() == reflect.Struct:
			pointers = append(pointers, coded(entry, here)...)
		}
	}
	return pointers
}

// put sets the member of a decoded body that a pointer of coded names.
func put(body map[string]any, pointer string, v any) {
	name, rest, deeper := strings.Cut(pointer[1:], "/")
	switch {
	case !deeper:
		body[name] = v
	case rest == "-":
		body[name] = []any{v}
	default:
		entry, _ := body[name].([]any)[0].(map[string]any) //nolint:forcetypeassert // a test
		put(entry, rest[1:], v)
	}
}

// Every member that takes a code refuses one that is none, by name.
func TestUnknownCodes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	trials := w.trials()
	before, n := w.rows(), 0
	for name, wire := range map[string]reflect.Type{
		"createTraining": reflect.TypeFor[api.NewTraining](), "createReferral": reflect.TypeFor[api.NewReferral](), "addConsent": reflect.TypeFor[api.NewConsent](),
		"createOrganisation": reflect.TypeFor[api.OrganisationFields](), "createService": reflect.TypeFor[api.NewService](), "createUser": reflect.TypeFor[api.NewUser](),
	} {
		x := trials[name]
		for _, pointer := range coded(wire, "") {
			var body map[string]any
			w.must(json.Unmarshal([]byte(x.body), &body))
			put(body, pointer, "wizard")
			text, err := json.Marshal(body)
			w.must(err)
			got := w.as(x.who).do(x.method, x.path, string(text))
			if want := strings.ReplaceAll(pointer, "-", "0"); got.status != 422 || !got.names(want) || got.str("errors", 0, "code") != "unknown_code" {
				t.Errorf("%s: %s, want %s", name, got.body, want)
			}
			got.silent(name, "wizard")
			n++
		}
	}
	if after := w.rows(); n < 27 || after != before {
		t.Errorf("%d members; %s, then %s", n, before, after)
	}
}

// Every code that an action needs, too: of its own vocabulary, and none else.
func TestUnknownCodesOfActions(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.widen("unitar/investigation_and_prosecution")
	s.widen("iom/child_protection")
	for collection, flow := range map[string]*workflow.Workflow{"/v1/training-requests": workflow.Training, "/v1/case-referrals": workflow.Referral} {
		for state, way := range ways[collection] {
			path := ""
			for _, r := range flow.Rows {
				_, guarded := refusedThere[fmt.Sprintf("%s %s", state, r.Do)]
				coded := slices.ContainsFunc(r.Needs, func(n workflow.Need) bool { return n.Of != "" || n.Member == "levels" })
				if !slices.Contains(r.From, state) || r.Door != workflow.Transitions || r.By&workflow.Admin == 0 || guarded || !coded {
					continue
				}
				if path == "" {
					path = s.reach(collection, way)
				}
				s.miscoded(path, path, r)
			}
		}
	}
	for state := range lives {
		if state == workflow.Lapsed {
			continue
		}
		path, at := s.lead(state)
		for _, r := range workflow.Assignment.Rows {
			if slices.Contains(r.From, state) && r.By&(workflow.Admin|workflow.Partner) != 0 && r.Door == workflow.Transitions {
				s.miscoded(path, at, r)
			}
		}
	}
}

// miscoded sends each code that a row needs as one that is none, to a request
// or (at) one of its assignments.
func (s *service) miscoded(path, at string, r workflow.Row) {
	s.t.Helper()
	who, before := "admin", s.trace(path)
	if r.By&workflow.Admin == 0 {
		who = "iom"
	}
	var good map[string]any
	s.must(json.Unmarshal(fmt.Appendf(nil, `{"action": %q%s}`, r.Do, s.carrying(r)), &good))
	for _, n := range r.Needs {
		body, pointer := maps.Clone(good), "/"+n.Member
		switch {
		case n.Member == "reason":
			body["reason"], pointer = map[string]any{"code": "wizard"}, "/reason/code"
		case n.Member == "services":
			body["services"], pointer = []any{"other", "wizard"}, "/services/1"
		case n.Member == "levels":
			body["levels"], pointer = []any{map[string]any{"level": "wizard", "score": 1}}, "/levels/0/level"
		case n.Of != "":
			body[n.Member] = "wizard"
		default:
			continue
		}
		text, err := json.Marshal(body)
		s.must(err)
		got := s.as(who).do("POST", at+"/transitions", string(text), "If-Match: *")
		if got.status != 422 || !got.names(pointer) || len(got.list("errors")) != 1 || s.trace(path) != before {
			s.t.Errorf("%s with a wrong %s: %d %s", r.Do, n.Member, got.status, got.body)
		}
	}
}
