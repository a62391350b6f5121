package handlers

import (
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

var pathParameter = regexp.MustCompile(`:(\w+)`)

// Routes equal operations, an operationId is its handler's name, and whom a
// route lets in is what the contract says.
func TestSpecHasTheRoutes(t *testing.T) {
	want := map[string]operation{}
	for _, o := range operations() {
		want[o.method+" "+o.path] = o
	}
	for _, r := range new(Server).routes() {
		if r.Operation == "" { // the docs page's own files
			continue
		}
		key := r.Method + " " + pathParameter.ReplaceAllString(r.Path, "{$1}")
		o, ok := want[key]
		delete(want, key)
		if !ok || o.id() != r.Operation {
			t.Errorf("%s is %s, in openapi.yaml %q", key, r.Operation, o.id())
			continue
		}
		name := runtime.FuncForPC(reflect.ValueOf(r.handle).Pointer()).Name()
		name = strings.TrimSuffix(name[strings.LastIndex(name, ".")+1:], "-fm")
		if name != r.Operation && !strings.HasPrefix(r.Path, "/problems") {
			t.Errorf("%s is handled by %s", r.Operation, name)
		}
		_, public := o.node["security"]
		if isOpen := slices.Equal(r.who, open); isOpen != public {
			t.Errorf("%s: open is %v, in openapi.yaml %v", r.Operation, isOpen, public)
		}
		if !public && len(r.who) > 0 && !slices.Contains(o.statuses(), "403") {
			t.Errorf("%s lets in only %v, but has no 403", r.Operation, r.who)
		}
	}
	for key := range want {
		t.Errorf("%s has no route", key)
	}
}
