package handlers

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// What can't be read or can't be so is refused, names the field, and writes
// nothing.
func TestBadInput(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.as("jurist").create("/v1/training-requests", fmt.Sprintf(aTraining, `, "draft": true`)).header.Get("Location")
	whole := fmt.Sprintf(aTraining, "")
	with := func(old, text string) string { return strings.Replace(whole, old, text, 1) }
	for name, tc := range map[string]struct {
		body, kind string // the media type; "": JSON
		status     int
		pointer    string
	}{
		"unknown field":         {with(`"audiences"`, `"colour": "red", "audiences"`), "", 400, "/colour"},
		"a field of the record": {with(`"audiences"`, `"id": "01a20c00-0000-7000-8000-000000000000", "audiences"`), "", 400, "/id"},
		"its state":             {with(`"audiences"`, `"state": "closed", "audiences"`), "", 400, "/state"},
		"its version":           {with(`"audiences"`, `"version": 7, "audiences"`), "", 400, "/version"},
		"duplicate key":         {with(`"audiences"`, `"title": "twice", "audiences"`), "", 400, "/title"},
		"another case":          {with(`"title"`, `"Title"`), "", 400, "/Title"},
		"trailing bytes":        {whole + "{}", "", 400, ""},
		"null":                  {"null", "", 400, ""},
		"a list":                {"[]", "", 400, ""},
		"null in a member":      {with(`"mode": "onsite"`, `"mode": null`), "", 400, "/mode"},
		"NUL":                   {with("Paralegal", `Para\u0000legal`), "", 400, "/title"},
		"NUL, deep":             {with(`"specific": "s"`, `"specific": "\u0000"`), "", 400, "/objectives/0/specific"},
		"wrong type":            {with(`40`, `"forty"`), "", 400, "/participants_expected"},
		"a fraction":            {with(`40`, `40.5`), "", 400, "/participants_expected"},
		"invalid UTF-8":         {with("Paralegal", "\xff"), "", 400, ""},
		"a lone surrogate":      {with("Paralegal", `\ud800`), "", 400, ""},
		"300 KiB":               {with("Paralegal", strings.Repeat("x", 300<<10)), "", 413, ""},
		"XML":                   {"<title/>", "application/xml", 415, ""},
		"a form":                {"title=x", "application/x-www-form-urlencoded", 415, ""},
		"a form of parts":       {"--x", "multipart/form-data; boundary=x", 415, ""},
		"a merge patch":         {whole, "application/merge-patch+json", 415, ""},
		"too long":              {with("Paralegal", strings.Repeat("ü", 201)), "", 422, "/title"},
		"two lines":             {with("Paralegal", `Para\nlegal`), "", 422, "/title"},
		"blank":                 {with("Paralegal training on prosecuting traffickers", `  `), "", 422, "/title"},
		"unknown code":          {with("paralegal", "wizard"), "", 422, "/audiences/0"},
		"a code twice":          {with(`["paralegal"]`, `["judge", "judge"]`), "", 422, "/audiences"},
		"no country":            {with(`"PK"`, `"XX"`), "", 422, "/country"},
		"no subdivision":        {with("PK-PB", "Punjab"), "", 422, "/subdivision"},
		"no language":           {with(`"ur"`, `"en_GB"`), "", 422, "/languages/0"},
		"too many":              {with("40", "10001"), "", 422, "/participants_expected"},
		"none at all":           {with("40", "0"), "", 422, "/participants_expected"},
		"it ends before":        {with(`"audiences"`, `"preferred_from": "2012-02-01", "preferred_to": "2012-01-01", "audiences"`), "", 422, "/preferred_to"},
		"no date":               {with(`"audiences"`, `"preferred_from": "2012-02-30", "audiences"`), "", 400, "/preferred_from"},
		"missing":               {`{"title": "A title"}`, "", 422, "/country"},
	} {
		kind := "Content-Type: application/json"
		if tc.kind != "" {
			kind = "Content-Type: " + tc.kind
		}
		got := s.as("jurist").do("POST", "/v1/training-requests", tc.body, kind)
		if got.status != tc.status || tc.pointer != "" && !got.names(tc.pointer) {
			t.Errorf("%s: %d %s, want %d naming %q", name, got.status, got.body, tc.status, tc.pointer)
		}
		for _, leak := range []string{"api.", "struct", "SQL", "pq:", "wizard", "handlers/"} {
			if strings.Contains(strings.ReplaceAll(string(got.body), got.header.Get("X-Request-Id"), ""), leak) { // an id can spell anything
				t.Errorf("%s: the answer says %q: %s", name, leak, got.body)
			}
		}
	}
	s.as("jurist").do("POST", "/v1/training-requests", "", "Content-Type: application/json").want(400, "malformed")
	s.as("jurist").do("POST", "/v1/training-requests", whole, "Content-Encoding: gzip").want(415)
	for _, id := range []string{"7", "../me", "01A20C00-0000-7000-8000-00000000000G", "%7B01a20c00-0000-7000-8000-000000000000%7D", "01a20c00000070008000000000000000"} {
		s.as("jurist").do("GET", "/v1/training-requests/"+id, "").want(404, "not_found")
	}
	s.as("jurist").do("POST", path+"/transitions", `{"action": "submit", "question": "Why?"}`, "If-Match: *").want(400, "malformed")
	s.as("jurist").do("POST", path+"/transitions", `{"action": "fly"}`, "If-Match: *").want(422, "invalid")
	s.as("jurist").do("PATCH", path, `{"id": "x"}`, "If-Match: *").want(400, "malformed")
	for header, status := range map[string]int{"": 428, `"2"`: 412, `W/"1"`: 412, "1": 412, `"1", "7"`: 412} {
		s.as("jurist").do("PATCH", path, `{"title": "t"}`, "If-Match: "+header).want(status)
	}
	if got := s.as("jurist").do("GET", "/v1/training-requests", "").list("items"); len(got) != 1 {
		t.Errorf("%d records: something was written", len(got))
	}
	if got := s.as("jurist").do("GET", path, ""); got.at("version") != 1.0 {
		t.Errorf("something was written: %s", got.body)
	}
}

// names reports whether a problem names a field.
func (x answered) names(pointer string) bool {
	x.t.Helper()
	for i := range x.list("errors") {
		if x.str("errors", i, "pointer") == pointer {
			return true
		}
	}
	return false
}

// Refusals come in one order (CONTRACT: 401, 404, 403, 413, 415, 400, replay,
// 428, 412, 409, 422), whatever else is wrong.
func TestOrderOfRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at, big := w.training+"/transitions", `{"action": "`+strings.Repeat("x", 300<<10)+`"}`
	absent := "/v1/training-requests/" + uuid.NewString()
	w.as("nobody").do("POST", absent+"/transitions", big, "Content-Type: text/plain").want(401)
	w.as("stranger").do("POST", at, big, "Content-Type: text/plain").want(404)
	w.as("jurist").do("POST", w.training+"/assignments?nope=1", big, "Content-Type: text/plain").want(403)
	w.as("jurist").do("POST", at, big, "Content-Type: text/plain").want(413)
	w.as("jurist").do("POST", at, `{"action":`, "Content-Type: text/plain").want(415)
	w.as("jurist").do("POST", at, `{"action":`).want(400)
	w.as("jurist").do("POST", at, `{"action": "approve"}`).want(403)
	w.as("jurist").do("POST", at, `{"action": "submit"}`).want(428)
	w.as("jurist").do("POST", at, `{"action": "submit"}`, `If-Match: "1"`).want(412)
	w.as("jurist").do("POST", at, `{"action": "submit"}`, "If-Match: *").want(409)
	w.as("jurist").do("POST", at, `{"action": "withdraw", "reason": {"code": "none"}}`, "If-Match: *").want(422)
	first := w.as("admin").do("POST", at, `{"action": "withdraw", "reason": {"code": "found_elsewhere"}}`, "If-Match: *", "Idempotency-Key: k").want(200)
	again := w.as("admin").do("POST", at, `{"action": "withdraw", "reason": {"code": "found_elsewhere"}}`, `If-Match: "1"`, "Idempotency-Key: k").want(200) // before 412
	if string(first.body) != string(again.body) {
		t.Errorf("%s\n%s", first.body, again.body)
	}
}
