package handlers

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// A transfer is answered to who made it, and is the last that it reads of the
// request: the new desk has it, with its history, as something new.
func TestTransferOfATraining(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.as("jurist").create("/v1/training-requests", fmt.Sprintf(aTraining, "")).header.Get("Location")
	id := path[len(trainings):]
	s.as("admin").fire(path, "take", "").want(200)
	s.as("admin").fire(path, "request_information", `, "question": "In which language?"`).want(200)
	s.as("jurist").fire(path, "provide_information", `, "answer": "In French."`).want(200)
	before := s.as("admin").history(path)
	s.as("admin of Geneva").do("GET", path, "").want(404, "not_found")
	for _, wrong := range []string{`, "desk": "Geneva", "reason": {"code": "language"}`, fmt.Sprintf(`, "desk": %q`, s.geneva.ID), `, "reason": {"code": "language"}`, fmt.Sprintf(`, "desk": %q, "reason": {"code": "appeal"}`, s.geneva.ID)} {
		s.as("admin").fire(path, "transfer", wrong).want(422, "invalid")
	}
	moved := s.as("admin").fire(path, "transfer", fmt.Sprintf(`, "desk": %q, "reason": {"code": "language", "note": "It is French."}`, s.geneva.ID)).want(200)
	if moved.str("state") != "submitted" || moved.str("desk") != s.geneva.ID.String() || moved.at("version") != 5.0 || moved.header.Get("ETag") != `"5"` || moved.can() != "" {
		t.Errorf("%v %s", moved.header, moved.body)
	}
	moved.silent("the reply", "French")

	// The old desk: as if it had never been there.
	for _, under := range []string{"", "/events", "/assignments"} {
		s.as("admin").do("GET", path+under, "").want(404, "not_found")
	}
	s.as("admin").fire(path, "take", "").want(404, "not_found")
	s.as("admin").do("PATCH", path, `{}`, `If-Match: "5"`).want(404, "not_found")
	for _, list := range []string{"/v1/training-requests", "/v1/queue", "/v1/training-requests?q=" + moved.str("reference"), "/v1/training-requests?desk=" + s.geneva.ID.String()} {
		if got := s.as("admin").walk(list, 200); slices.Contains(got, id) {
			t.Errorf("the old desk finds it in %s", list)
		}
	}

	// The new one: it waits there, and tells where it comes from.
	if got := s.as("admin of Geneva").walk("/v1/queue", 200); !slices.Equal(got, []string{id}) {
		t.Errorf("the new desk's queue is %v", got)
	}
	want := append(slices.Clone(before), "training.transferred 5: transfer in_triage → submitted by admin")
	for _, who := range []string{"admin of Geneva", "jurist", "network"} {
		if got := s.as(who).history(path); !slices.Equal(got, want) {
			t.Errorf("%s reads\n%s\nwant\n%s", who, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		last := s.as(who).items(path + "/events")[4]
		if data, _ := last["data"].(map[string]any); data["desk"] != s.geneva.ID.String() || data["reason"] != "language" {
			t.Errorf("the log does not say where to and why: %v", last)
		}
	}
	if got := s.as("admin of Geneva").do("GET", path, "").want(200); len(got.list("thread")) != 3 || got.str("thread", 2, "text") != "It is French." {
		t.Errorf("%s", got.body)
	}
	s.as("admin of Geneva").do("POST", "/v1/queue/next", "").want(200)
	s.as("admin of Geneva").fire(path, "approve", `, "priority": "low"`).want(200)
	s.agrees()
}

// A desk changes what it triages, the owner what it still may; each change is
// a version of which the log knows, and what can't be is not half written.
func TestEditsOfATraining(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.changes("jurist", "/v1/training-requests", fmt.Sprintf(aTraining, `, "draft": true, "tier": "frontline"`), `{"title": "Another title", "tier": null, "objectives": [{"specific": "only this"}]}`)
	got := s.as("colleague").do("GET", path, "").want(200)
	if got.str("title") != "Another title" || got.has("tier") || len(got.list("objectives")) != 1 || got.str("mode") != "onsite" {
		t.Errorf("%s", got.body)
	}
	s.as("colleague").do("PATCH", path, `{"participants_expected": null, "mode": null}`, `If-Match: "2"`).want(200) // a draft may lack it
	s.as("jurist").fire(path, "submit", "").errs(409, "/mode required", "/participants_expected required")
	s.as("colleague").do("PATCH", path, `{"participants_expected": 3, "mode": "online"}`, `If-Match: "3"`).want(200)
	s.as("jurist").fire(path, "submit", "").want(200)
	s.as("jurist").do("PATCH", path, `{"title": "Too late"}`, "If-Match: *").want(409, "wrong_state")
	s.as("admin").do("PATCH", path, `{"title": "Too soon"}`, "If-Match: *").want(409, "wrong_state")
	s.as("admin").fire(path, "take", "").want(200)
	s.as("admin").do("PATCH", path, `{"mode": null, "title": "Half"}`, "If-Match: *").errs(422, "/mode required")
	s.as("admin").do("PATCH", path, `{"title": "In triage"}`, "If-Match: *").want(200)
	s.as("jurist").do("PATCH", path, `{"title": "Not mine now"}`, "If-Match: *").want(409, "wrong_state")
	got = s.as("jurist").do("GET", path, "").want(200)
	if got.str("title") != "In triage" || got.str("mode") != "online" || got.at("version") != 7.0 {
		t.Errorf("%s", got.body)
	}
	want := []string{
		"training.created 1: create new → draft by owner", "training.edited 2: edit draft → draft by owner", "training.edited 3: edit draft → draft by owner", "training.edited 4: edit draft → draft by owner",
		"training.submitted 5: submit draft → submitted by owner", "training.taken 6: take submitted → in_triage by admin", "training.edited 7: edit in_triage → in_triage by admin",
	}
	if got := s.as("jurist").history(path); !slices.Equal(got, want) {
		t.Errorf("%s, want %s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}

	// A draft that is deleted is gone for everyone, and its log with it.
	draft := s.as("jurist").create("/v1/training-requests", `{"draft": true}`).header.Get("Location")
	s.as("admin").do("DELETE", draft, "", "If-Match: *").want(403, "wrong_role")
	s.as("jurist").do("DELETE", draft, "", `If-Match: "2"`).want(412, "stale")
	s.as("colleague").do("DELETE", draft, "", `If-Match: "1"`).want(204)
	for _, who := range []string{"jurist", "admin", "network"} {
		s.as(who).do("GET", draft, "").want(404, "not_found")
		s.as(who).do("GET", draft+"/events", "").want(404, "not_found")
	}
	s.agrees()
}
