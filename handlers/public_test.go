package handlers

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"onward"
	"onward/workflow"
)

// What is public needs no token, and refuses what it does not know.
func TestPublic(t *testing.T) {
	t.Parallel()
	s := start(t)
	anyone := s.as("nobody")
	for _, path := range []string{
		"/healthz", "/readyz", "/openapi.yaml", "/docs", "/problems", "/problems/wrong_state", "/v1/workflows", "/v1/workflows/assignment",
		"/v1/vocabularies", "/v1/vocabularies/topics",
	} {
		anyone.do("GET", path, "").want(200)
		anyone.do("GET", path+"?nope=1", "").want(400, "malformed")
	}
	for _, path := range []string{"/problems/none", "/v1/workflows/none", "/v1/vocabularies/none", "/none"} {
		anyone.do("GET", path, "").want(404, "not_found")
	}
	if got := anyone.do("GET", "/openapi.yaml", ""); string(got.body) != string(onward.OpenAPI) {
		t.Error("/openapi.yaml is not the file")
	}
	if got := anyone.do("GET", "/v1/workflows/assignment", "", "Accept: text/vnd.mermaid").want(200); string(got.body) != workflow.Assignment.Mermaid() {
		t.Errorf("%s", got.body)
	}
	if got := anyone.do("GET", "/v1/workflows/assignment", "", "Accept: image/svg+xml").want(200); string(got.body) != workflow.Assignment.SVG() {
		t.Errorf("%s", got.body)
	}
	anyone.do("GET", "/v1/workflows/assignment", "", "Accept: image/png").want(406, "not_acceptable")
	if got := anyone.do("POST", "/v1/queue", "").want(405, "method_not_allowed"); got.header.Get("Allow") != "GET" {
		t.Errorf("Allow: %s", got.header.Get("Allow"))
	}
}

var reference = regexp.MustCompile(`(?:src|href)="([^"]+)"`)

// The documentation is all here: it names no other host, and what it names answers.
func TestDocsStayAtHome(t *testing.T) {
	t.Parallel()
	s := start(t)
	page := s.as("nobody").do("GET", "/docs", "").want(200)
	found := reference.FindAllStringSubmatch(string(page.body), -1)
	if len(found) < 3 {
		t.Fatalf("the page names %d things: %s", len(found), page.body)
	}
	for _, at := range found {
		if strings.Contains(at[1], "//") {
			t.Errorf("the page names another host: %s", at[1])
			continue
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+at[1], http.NoBody)
		s.must(err)
		answer, err := http.DefaultClient.Do(request) // the page's own files are not in the contract
		s.must(err)
		s.must(answer.Body.Close())
		if answer.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", at[1], answer.StatusCode)
		}
	}
}

// Every code that a guard or the database can answer with has its page.
func TestEachCodeIsExplained(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, g := range workflow.Guards() {
		s.as("nobody").do("GET", "/problems/"+string(g.Code), "").want(200)
	}
	for _, code := range []string{"use_assignments", "desk_in_use", "same_person", "name_taken", "already_assigned"} {
		s.as("nobody").do("GET", "/problems/"+code, "").want(200)
	}
}
