package handlers

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// What can't be an id names nothing: the answer is the one for what is absent.
func TestPathsOfNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	trials, absent := w.trials(), uuid.NewString()
	before := w.rows()
	for _, r := range new(Server).routes() {
		x, ok := trials[r.Operation]
		if !ok || !strings.Contains(r.Path, ":id") {
			continue
		}
		ask := func(id string) answered {
			return w.as(x.who).do(x.method, strings.NewReplacer(":id", id, ":service_id", id).Replace(r.Path), x.body, "If-Match: *", "Idempotency-Key: "+r.Operation)
		}
		want := ask(absent).want(404, "not_found")
		for _, id := range []string{
			"7", "null", "%00", "%27%20OR%201=1--", "..%2f..%2fv1", strings.ToUpper(absent) + "0", absent[:35], "%7B" + absent + "%7D", "urn:uuid:" + absent,
			strings.ReplaceAll(absent, "-", ""), strings.Repeat("9", 2000), "ｆ" + absent[1:],
		} {
			got := ask(id).want(404, "not_found")
			if strings.Replace(string(got.body), got.str("instance"), want.str("instance"), 1) != string(want.body) {
				t.Errorf("%s of %.40s: %s, want %s", r.Operation, id, got.body, want.body)
			}
		}
	}
	if after := w.rows(); after != before {
		t.Errorf("something was written: %s, then %s", before, after)
	}
}

// Each path knows its methods and no others, with a token or without.
func TestMethods(t *testing.T) {
	t.Parallel()
	s := start(t)
	allowed := map[string][]string{}
	for _, r := range new(Server).routes() {
		path := strings.NewReplacer(":id", uuid.NewString(), ":service_id", uuid.NewString(), ":name", "none", ":code", "none", "*", "none").Replace(r.Path)
		if path = uniform(path); !slices.Contains(allowed[path], r.Method) {
			allowed[path] = append(allowed[path], r.Method)
		}
	}
	for path, methods := range allowed {
		slices.Sort(methods)
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"} {
			if slices.Contains(methods, method) {
				continue
			}
			for _, who := range []string{"nobody", "network"} {
				got := s.as(who).do(method, path, "").want(405, "method_not_allowed")
				if allow := got.header.Get("Allow"); allow != strings.Join(methods, ", ") {
					t.Errorf("%s %s: Allow: %s, want %v", method, path, allow, methods)
				}
			}
		}
		s.as("network").do("GET", path+"/nowhere/at/all", "").want(404, "not_found")
		s.as("network").do("GET", "/V1"+path, "").want(404, "not_found")
	}
	s.as("nobody").do("GET", "/", "").want(404, "not_found")
}

// uniform is a path with one id in place of all, so that paths can be compared.
func uniform(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if uuid.Validate(part) == nil {
			parts[i] = "01a20c00-0000-7000-8000-000000000000"
		}
	}
	return strings.Join(parts, "/")
}

// HEAD is no operation of the contract: 405 like any other, without a body.
func TestHead(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, path := range []string{"/healthz", "/v1/me", "/v1/queue", "/none"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodHead, s.url+path, http.NoBody)
		s.must(err)
		response, err := http.DefaultClient.Do(request)
		s.must(err)
		s.must(response.Body.Close())
		want := map[bool]int{true: 404, false: 405}[path == "/none"]
		if response.StatusCode != want || want == 405 && response.Header.Get("Allow") != "GET" {
			t.Errorf("HEAD %s: %d, Allow: %s", path, response.StatusCode, response.Header.Get("Allow"))
		}
	}
}

// A patch is an object whose null empties a member that can be empty, and
// nothing else.
func TestPatches(t *testing.T) {
	t.Parallel()
	s := start(t)
	merge := "Content-Type: application/merge-patch+json"
	draft := s.as("jurist").create("/v1/training-requests", strings.Replace(fmt.Sprintf(aTraining, `, "draft": true`), `"mode"`, `"preferred_from": "2012-09-01", "duration_hours": 16, "mode"`, 1)).header.Get("Location")
	asked := s.reach("/v1/case-referrals", ways["/v1/case-referrals"]["information_requested"])
	service := fmt.Sprintf("/v1/organisations/%s/services/%s", s.iom.ID, s.services["iom/voluntary_return"].ID)
	before := s.rows()
	for path, patches := range map[string]map[string]string{ // to the pointer that is named
		draft: {
			"": "", " ": "", "null": "", "[]": "", `[{"op": "remove", "path": "/title"}]`: "", `"title"`: "", "7": "", `{"title": "a"}{}`: "",
			`{"draft": true}`: "/draft", `{"state": null}`: "/state", `{"version": 7}`: "/version", `{"owner": {}}`: "/owner", `{"Title": "t"}`: "/Title",
			`{"audiences": [null]}`: "/audiences/0", `{"objectives": [{"specific": null}]}`: "/objectives/0/specific", `{"title": "a", "title": null}`: "/title",
			`{"title": "\u0000"}`: "/title", `{"title": 7}`: "/title", `{"preferred_from": "2012-9-1"}`: "/preferred_from",
		},
		asked:                             {`{"consents": []}`: "/consents", `{"follows": null}`: "/follows", `{"contact": {"prohibited": null}}`: "/contact/prohibited", `{"contact": {"phone": "1"}}`: "/contact/phone"},
		service:                           {`{"capacity": null}`: "/capacity", `{"capacity": {"available": null}}`: "/capacity/available", `{"capacity": {"updated": "now"}}`: "/capacity/updated"},
		s.at(s.geneva):                    {`{"active": null}`: "/active", `{"default": null}`: "/default"},
		s.as("jurist").path():             {`{"active": null}`: "/active"},
		organisations + s.iom.ID.String(): {`{"active": null}`: "/active"},
	} {
		who := map[string]string{draft: "jurist", asked: "referrer"}[path]
		if who == "" {
			who = "network"
		}
		for patch, pointer := range patches {
			if got := s.as(who).do("PATCH", path, patch, "If-Match: *", merge).want(400, "malformed"); pointer != "" && !got.names(pointer) {
				t.Errorf("%s: %s, want %s", patch, got.body, pointer)
			}
		}
	}
	// Past its draft, a request can't lose what it needs; what else it can.
	for _, member := range []string{"subject_code", "age_band", "country", "services", "urgency", "summary"} {
		if got := s.as("referrer").do("PATCH", asked, fmt.Sprintf(`{%q: null}`, member), "If-Match: *").want(422, "invalid"); !got.names("/" + member) {
			t.Errorf("%s: %s", member, got.body)
		}
	}
	if after := s.rows(); after != before {
		t.Errorf("something was written: %s, then %s", before, after)
	}
	s.as("referrer").do("PATCH", asked, `{"contact": null, "narrative": null, "gender": null, "languages": null}`, "If-Match: *", merge).want(200)
	got := s.as("referrer").do("GET", asked, "")
	if got.silent("what was emptied", `"contact"`, `"narrative"`, `"gender"`); got.str("summary") == "" || got.at("version") != 5.0 {
		t.Errorf("%s", got.body)
	}
	emptied := s.as("jurist").do("PATCH", draft, `{"title": null, "audiences": null, "objectives": null, "preferred_from": null, "duration_hours": null}`, "If-Match: *", merge).want(200)
	if emptied.silent("what was emptied", `"title"`, `"preferred_from"`, `"duration_hours"`); len(emptied.list("audiences")) > 0 || len(emptied.list("objectives")) > 0 || emptied.str("country") != "PK" {
		t.Errorf("%s", emptied.body)
	}
}
