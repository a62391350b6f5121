package handlers

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// history is what the log of a request says, one line an event.
func (p *person) history(path string) (lines []string) {
	p.s.t.Helper()
	for _, x := range p.items(path + "/events?limit=200") {
		lines = append(lines, fmt.Sprintf("%s %v: %s %s → %s by %s", x.str("name"), x["seq"], x.str("action"), x.str("from"), x.str("to"), x.str("by")))
	}
	return lines
}

// The log has each change once, in order, also those of the assignments; the
// owner and the desk read its data, the auditor everything but that.
func TestEvents(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.reach("/v1/training-requests", ways["/v1/training-requests"]["evaluated"])
	want := []string{
		"training.created 1: create new → draft by owner", "training.submitted 2: submit draft → submitted by owner", "training.taken 3: take submitted → in_triage by admin",
		"training.approved 4: approve in_triage → approved by admin", "training.offer_made 5: offer approved → offered by admin", "assignment.offered 1: offer new → offered by admin",
		"assignment.accepted 2: accept offered → accepted by partner", "training.matched 6: match offered → matched by effect", "training.scheduled 7: schedule matched → scheduled by partner",
		"training.delivered 8: deliver scheduled → delivered by partner", "assignment.started 3: start accepted → in_progress by effect", "training.evaluated 9: evaluate delivered → evaluated by owner",
	}
	for _, who := range []string{"jurist", "colleague", "admin", "network", "auditor"} {
		if got := s.as(who).history(path); !slices.Equal(got, want) {
			t.Errorf("%s reads\n%s\nwant\n%s", who, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		for _, x := range s.as(who).items(path + "/events") {
			data, told := x["data"].(map[string]any)
			if told == (who == "auditor") {
				t.Errorf("%s reads the data of %s: %v", who, x.str("name"), data)
			}
			if x.str("actor") == "" {
				t.Errorf("%s does not read who did %s", who, x.str("name"))
			}
		}
	}
	all := s.as("jurist").items(path + "/events")
	for i, want := range map[int]map[string]any{
		3: {"priority": "low"}, 5: {"organisation_id": s.unitar.ID.String(), "service": "investigation_and_prosecution"},
		8: {"mode": "online"}, 9: {"participants": 1.0, "delivered_on": "2012-09-11"},
	} {
		data, _ := all[i]["data"].(map[string]any)
		for member, value := range want {
			if data[member] != value {
				t.Errorf("%s: %s is %v, want %v", all[i].str("name"), member, data[member], value)
			}
		}
	}
	if all[0].str("actor") != s.as("jurist").user.ID.String() || all[6].str("record_kind") != "assignment" || all[6].str("actor") != s.as("unitar").user.ID.String() || all[6].str("record") == all[7].str("record") {
		t.Errorf("%v, %v", all[0], all[6])
	}
	// By pages it is the same, and a cursor is of its own log.
	for _, limit := range []int{1, 2, 5, 12, 13} {
		var ids []string
		for _, x := range all {
			ids = append(ids, x.str("id"))
		}
		if got := s.as("jurist").walk(path+"/events", limit); !slices.Equal(got, ids) {
			t.Errorf("by %d: %v", limit, got)
		}
	}
	other := s.as("jurist").create("/v1/training-requests", fmt.Sprintf(aTraining, "")).header.Get("Location")
	cursor := s.as("jurist").do("GET", path+"/events?limit=1", "").str("next")
	s.as("jurist").do("GET", other+"/events?cursor="+url.QueryEscape(cursor), "").want(400, "malformed")
	s.as("auditor").do("GET", path, "").want(404, "not_found")
	s.as("auditor").do("GET", path+"/events?nope=1", "").want(400, "malformed")
	s.as("stranger").do("GET", path+"/events?nope=1", "").want(404, "not_found")
}

// The auditor asks the log, which has no more of a draft that was deleted, nor
// of what never was.
func TestTheAuditorAsksTheLog(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.as("jurist").create("/v1/training-requests", fmt.Sprintf(aTraining, `, "draft": true`)).header.Get("Location")
	s.as("auditor").do("GET", path+"/events", "").want(200)
	s.as("jurist").do("DELETE", path, "", `If-Match: "1"`).want(204)
	s.as("auditor").do("GET", path+"/events", "").want(404, "not_found")
	s.as("auditor").do("GET", "/v1/training-requests/01a20c00-0000-7000-8000-000000000000/events", "").want(404, "not_found")
	referral := s.openCase("")
	s.as("auditor").do("GET", referral+"/events", "").want(200)
	s.as("auditor").do("GET", strings.Replace(referral, "case-referrals", "training-requests", 1)+"/events", "").want(404, "not_found")
}

// What was written in moving a record is in the GET of one, in order, with who
// wrote it; never in a list, in the log or in the reply to the move.
func TestThread(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.as("jurist").create("/v1/training-requests", fmt.Sprintf(aTraining, "")).header.Get("Location")
	s.as("admin").fire(path, "take", "").want(200)
	quiet := []answered{
		s.as("admin").fire(path, "request_information", `, "question": "CANARY one"`).want(200),
		s.as("jurist").fire(path, "provide_information", `, "answer": "CANARY two"`).want(200),
		s.as("admin").fire(path, "approve", `, "priority": "high"`).want(200),
	}
	at := s.offered(path, "unitar")
	s.as("unitar").fire(at, "accept", "").want(200)
	quiet = append(quiet,
		s.as("unitar").fire(at, "return", `, "reason": {"code": "other", "note": "CANARY three"}`).want(200),
		s.as("admin").fire(path, "withdraw", `, "reason": {"code": "no_longer_needed", "note": "CANARY four"}`).want(200))
	for _, list := range []string{"/v1/training-requests", path + "/events", path + "/assignments", "/v1/assignments", "/v1/queue"} {
		quiet = append(quiet, s.as("admin").do("GET", list, "").want(200))
	}
	quiet = append(quiet, s.as("jurist").do("GET", "/v1/training-requests", "").want(200))
	for _, x := range quiet {
		if x.silent("a list, a log or a reply", "CANARY", `"thread"`); len(x.body) == 0 {
			t.Error("nothing was said")
		}
	}
	want := "request_information question CANARY one admin, provide_information answer CANARY two owner, return reason CANARY three partner, withdraw reason CANARY four admin"
	for _, who := range []string{"jurist", "colleague", "admin"} {
		one := s.as(who).do("GET", path, "").want(200)
		var said []string
		for i := range one.list("thread") {
			said = append(said, fmt.Sprint(one.str("thread", i, "action"), " ", one.str("thread", i, "member"), " ", one.str("thread", i, "text"), " ", one.str("thread", i, "by")))
		}
		if got := strings.Join(said, ", "); got != want {
			t.Errorf("%s reads %s, want %s", who, got, want)
		}
	}
}
