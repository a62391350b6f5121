package handlers

import (
	"fmt"
	"net/http"
	"path"
	"regexp"
	"slices"
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
		"/v1/vocabularies", "/v1/vocabularies/topics", "/hsds/",
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

var (
	reference = regexp.MustCompile(`(?:src|href)="([^"]+)"`)
	elsewhere = regexp.MustCompile(`(?:https?:)?//[a-zA-Z0-9-]+\.[a-zA-Z]`) // a host
)

// The documentation is all here: it names no other host, and what it names
// answers with what a browser can read.
func TestDocsStayAtHome(t *testing.T) {
	t.Parallel()
	s := start(t)
	page := s.as("nobody").do("GET", "/docs", "").want(200)
	found := reference.FindAllStringSubmatch(string(page.body), -1)
	if len(found) < 3 {
		t.Fatalf("the page names %d things: %s", len(found), page.body)
	}
	if host := elsewhere.FindString(string(page.body)); host != "" {
		t.Errorf("the page names another host: %s", host)
	}
	if policy := page.header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'") || elsewhere.MatchString(policy) {
		t.Errorf("the policy lets another host in: %s", policy)
	}
	for _, at := range found {
		answer, body := s.raw(at[1], "Accept-Encoding: gzip, deflate, br") //nolint:bodyclose // raw has closed it
		kind, _, _ := strings.Cut(answer.Header.Get("Content-Type"), ";")
		if answer.StatusCode != http.StatusOK || answer.Header.Get("X-Content-Type-Options") != "nosniff" || len(body) == 0 {
			t.Errorf("%s: %d %v", at[1], answer.StatusCode, answer.Header)
		}
		if want := map[string]string{".js": "javascript", ".css": "text/css", ".png": "image/png"}[path.Ext(at[1])]; !strings.HasSuffix(kind, want) {
			t.Errorf("%s is %s, want %s", at[1], kind, want)
		}
	}
	for _, none := range []string{"/docs/nothing.js", "/docs/swagger-ui.css.gz", "/docs/../openapi.yaml", "/docs/%2e%2e/openapi.yaml", "/docs//", "/docs/swagger-ui.css/"} {
		answer, body := s.raw(none) //nolint:bodyclose // raw has closed it
		if answer.StatusCode != http.StatusNotFound || answer.Header.Get("Content-Type") != mediaProblem {
			t.Errorf("%s: %d %v", none, answer.StatusCode, answer.Header)
		}
		s.bears("/v1", answer, body)
	}
}

// The workflows as JSON are the tables: a client can draw its buttons from
// them.
func TestWorkflowsAreTheTables(t *testing.T) {
	t.Parallel()
	s := start(t)
	all := s.as("nobody").do("GET", "/v1/workflows", "").want(200)
	for i, flow := range workflow.All() {
		one := s.as("nobody").do("GET", "/v1/workflows/"+flow.Name, "", "Accept: application/json, text/vnd.mermaid;q=0.5").want(200)
		if fmt.Sprint(one.at()) != fmt.Sprint(all.at("items", i)) || len(all.list("items")) != len(workflow.All()) {
			t.Errorf("the list and the one differ: %s", one.body)
		}
		if one.header.Get("Content-Type") != mediaJSON || fmt.Sprint(one.at("states")) != fmt.Sprint(flow.States) || fmt.Sprint(one.at("ends")) != fmt.Sprint(flow.Ends) {
			t.Errorf("%s", one.body)
		}
		for n, r := range flow.Rows {
			want := fmt.Sprint(r.From, string(r.Do), workflow.Members(r.Needs), len(r.If), len(r.Then), flow.EventOf(r))
			got := fmt.Sprint(one.at("rows", n, "from"), one.at("rows", n, "action"), one.at("rows", n, "needs"), len(one.list("rows", n, "if")), len(one.list("rows", n, "then")), one.at("rows", n, "event"))
			if to := one.str("rows", n, "to"); got != want || to != string(r.To) {
				t.Errorf("%s, row %d: %s → %s, want %s → %s", flow.Name, n, got, to, want, r.To)
			}
		}
		if len(one.list("rows")) != len(flow.Rows) {
			t.Errorf("%s has %d rows", flow.Name, len(one.list("rows")))
		}
	}
	for _, flow := range []string{"/v1/workflows/training_request", "/v1/workflows/case_referral"} {
		s.as("nobody").do("GET", flow, "", "Accept: text/*").want(200)
		s.as("nobody").do("GET", flow, "", "Accept: text/html, application/json;q=0").want(406, "not_acceptable")
	}
}

// Each vocabulary has its codes in order, each with a label in each language.
func TestVocabularies(t *testing.T) {
	t.Parallel()
	s := start(t)
	list := s.as("nobody").do("GET", "/v1/vocabularies", "").want(200)
	if len(list.list("items")) != len(workflow.Vocabularies()) {
		t.Errorf("%d vocabularies", len(list.list("items")))
	}
	for _, v := range workflow.Vocabularies() {
		one := s.as("nobody").do("GET", "/v1/vocabularies/"+v.Name, "").want(200)
		var codes []string
		for i := range one.list("terms") {
			codes = append(codes, one.str("terms", i, "code"))
			for _, language := range []string{"en", "fr", "es", "ko"} {
				if one.str("terms", i, "labels", language) == "" {
					t.Errorf("%s: %s has no label in %s", v.Name, codes[i], language)
				}
			}
		}
		if !slices.Equal(codes, workflow.Codes(v.Name)) {
			t.Errorf("%s has %v, want %v", v.Name, codes, workflow.Codes(v.Name))
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

// Each page that the list of problems names can be read, by a program and by a
// person.
func TestProblemPagesAreThere(t *testing.T) {
	t.Parallel()
	s := start(t)
	list := s.as("nobody").do("GET", "/problems", "").want(200)
	if len(list.list("items")) != len(pages().pages) {
		t.Errorf("%d pages of %d", len(list.list("items")), len(pages().pages))
	}
	for i := range list.list("items") {
		at := list.str("items", i, "type")
		page := s.as("nobody").do("GET", at, "").want(200)
		if fmt.Sprint(page.at()) != fmt.Sprint(list.at("items", i)) || page.str("meaning") == "" || page.str("remedy") == "" {
			t.Errorf("%s: %s", at, page.body)
		}
		html := s.as("nobody").do("GET", at, "", "Accept: text/html").want(200)
		if !strings.Contains(string(html.body), page.str("code")) || elsewhere.Match(html.body) {
			t.Errorf("%s: %s", at, html.body)
		}
	}
	s.as("nobody").do("GET", "/problems/not_found", "", "Accept: image/png").want(406, "not_acceptable")
}
