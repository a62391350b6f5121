package handlers

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"onward/fault"
	"onward/models"
	"onward/worker"
)

// watch writes denials from now on, and gives what waits until all so far are
// written.
func (s *service) watch() (settle func()) {
	s.t.Helper()
	var w *worker.Denials
	begin := func() {
		w = worker.NewDenials(s.clerk, slog.New(slog.NewJSONHandler(s.log, nil)), s.now.now)
		s.denied = w.Note
		go w.Run(context.WithoutCancel(s.t.Context()))
	}
	end := func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(s.t.Context()), 10*time.Second)
		defer cancel()
		w.Close(ctx)
	}
	begin()
	s.t.Cleanup(func() { end() })
	return func() { end(); begin() }
}

// denials reads all of them, the latest first, a line each; names stand for
// ids.
func (s *service) denials(names map[string]string, query string) (lines []string) {
	s.t.Helper()
	for _, x := range s.as("auditor").do("GET", "/v1/denials?limit=200"+query, "").want(200).list("items") {
		row, _ := x.(map[string]any)
		line := fmt.Sprintf("%v %v %v %v %v", row["status"], row["code"], row["actor"], row["method"], row["route"])
		for _, member := range []string{"target", "token", "action"} {
			if v, _ := row[member].(string); v != "" {
				line += " " + member + " " + v
			}
		}
		if row["existed"] == true {
			line += " existed"
		}
		for id, name := range names {
			line = strings.ReplaceAll(line, id, name)
		}
		lines = append(lines, line)
	}
	return lines
}

func last(path string) string { return path[strings.LastIndex(path, "/")+1:] }

// names are those of the people, by id.
func (s *service) people() map[string]string {
	names := map[string]string{}
	for name, p := range s.who {
		names[p.user.ID.String()] = name
	}
	return names
}

// What was refused leaves a row; a slip of the pen does not.
func TestDenialsAreWrittenDown(t *testing.T) {
	t.Parallel()
	s := start(t)
	settle := s.watch()
	path := s.as("referrer").create("/v1/case-referrals", fmt.Sprintf(aReferral, "")).header.Get("Location")
	absent := uuid.NewString()
	token := s.as("jurist").create("/v1/tokens", `{"name": "spare"}`)
	s.as("jurist").do("DELETE", token.header.Get("Location"), "").want(204)
	revoked := &person{s: s, token: token.str("token")}

	s.as("stranger").do("GET", path, "").want(404)
	s.as("stranger").do("POST", path+"/transitions", `{"action": "take"}`, "If-Match: *").want(404)
	s.as("stranger").do("GET", "/v1/case-referrals/"+absent, "").want(404)
	s.as("stranger").do("GET", "/v1/training-requests/"+last(path), "").want(404)
	s.as("stranger").do("GET", "/v1/case-referrals/no-id", "").want(404)
	s.as("iom").do("GET", "/v1/queue", "").want(403)
	s.as("referrer").fire(path, "take", "").want(403)
	s.as("admin").fire(path, "close", `, "outcome": "helped"`).want(409, "wrong_state")
	s.as("admin").fire(path, "reject", "").want(409, "wrong_state")
	s.as("admin").fire(path, "take", "").want(200)
	s.as("admin").fire(path, "reject", "").want(422, "invalid")
	revoked.do("GET", "/v1/me", "").want(401)

	// Slips.
	s.as("referrer").do("GET", path+"?nope=1", "").want(400)
	s.as("referrer").do("POST", path+"/transitions", `{"action": "withdraw"}`).want(428)
	s.as("referrer").do("POST", path+"/transitions", `{"action": "withdraw"}`, `If-Match: "9"`).want(412)
	s.as("referrer").do("POST", "/v1/case-referrals", `{}`).want(422)
	s.as("admin").fire(path, "juggle", "").want(422)
	// Strangers.
	s.as("nobody").do("GET", path, "").want(401)
	(&person{s: s, token: "onw_" + strings.Repeat("0", 49)}).do("GET", path, "").want(401)
	s.as("nobody").do("GET", "/v1/nowhere/"+last(path), "").want(404)

	settle()
	names := s.people()
	names[last(path)], names[absent], names[token.str("id")] = "CASE", "ABSENT", "TOKEN"
	want := []string{
		"401 unauthenticated jurist GET /v1/me token TOKEN",
		"422 invalid admin POST /v1/case-referrals/:id/transitions target CASE action reject existed",
		"409 wrong_state admin POST /v1/case-referrals/:id/transitions target CASE action reject existed",
		"409 wrong_state admin POST /v1/case-referrals/:id/transitions target CASE action close existed",
		"403 wrong_role referrer POST /v1/case-referrals/:id/transitions target CASE action take existed",
		"403 wrong_role iom GET /v1/queue",
		"404 not_found stranger GET /v1/case-referrals/:id",
		"404 not_found stranger GET /v1/training-requests/:id target CASE",
		"404 not_found stranger GET /v1/case-referrals/:id target ABSENT",
		"404 not_found stranger POST /v1/case-referrals/:id/transitions target CASE existed",
		"404 not_found stranger GET /v1/case-referrals/:id target CASE existed",
	}
	if got := s.denials(names, ""); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	stranger := "&actor=" + s.as("stranger").user.ID.String()
	if got := s.denials(names, stranger); len(got) != 5 {
		t.Errorf("of the stranger: %q", got)
	}
	if got := s.denials(names, "&code=wrong_role"); len(got) != 2 {
		t.Errorf("of another role: %q", got)
	}
	s.as("auditor").do("GET", "/v1/denials?code=no_such_code", "").want(400, "malformed")
}

// Whom a token that ended belonged to is told; how it ended makes no
// difference.
func TestDenialsOfEndedTokens(t *testing.T) {
	t.Parallel()
	s := start(t)
	settle := s.watch()
	old := s.as("jurist").create("/v1/tokens", `{"name": "old", "expires_at": "`+s.now.now().Add(time.Hour).UTC().Format(time.RFC3339)+`"}`)
	s.now.advance(2 * time.Hour)
	(&person{s: s, token: old.str("token")}).do("GET", "/v1/queue", "").want(401)
	s.as("network").do("PATCH", s.as("iom").path(), `{"active": false}`, "If-Match: *").want(200)
	s.as("iom").do("GET", "/v1/me", "").want(401)
	settle()
	names := s.people()
	names[old.str("id")] = "OLD"
	got := s.denials(names, "")
	if len(got) != 2 || !strings.HasPrefix(got[0], "401 unauthenticated iom GET /v1/me token ") || got[1] != "401 unauthenticated jurist GET /v1/queue token OLD" {
		t.Errorf("%q", got)
	}
	if dump := string(s.dump()); strings.Contains(dump, old.str("token")) {
		t.Error("the token itself is kept")
	}
}

// A request is answered before anybody asks whether what it asked for is
// there: nothing in it differs between a foreign record and none.
func TestDenialsTellNothingByTime(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.as("referrer").create("/v1/case-referrals", fmt.Sprintf(aReferral, "")).header.Get("Location")
	var noted []models.Denial
	s.denied = func(d models.Denial) { noted = append(noted, d) }
	s.as("stranger").do("GET", path, "").want(404)
	s.as("stranger").do("GET", "/v1/case-referrals/"+uuid.NewString(), "").want(404)
	if len(noted) != 2 {
		t.Fatalf("%d were noted", len(noted))
	}
	foreign, absent := noted[0], noted[1]
	if foreign.Target.String() != last(path) || foreign.Existed || absent.Existed {
		t.Errorf("%+v\n%+v", foreign, absent)
	}
}

// Too many requests is a denial too, whoever asks.
func TestTooManyRequestsIsADenial(t *testing.T) {
	t.Parallel()
	var noted []models.Denial
	s := &Server{denied: func(d models.Denial) { noted = append(noted, d) }}
	e, _ := tiny()
	e.Pre(s.watched)
	e.GET("/v1/me", func(echo.Context) error { return fault.New(fault.Limited, fault.CodeLimited, "Wait.") })
	e.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/v1/me", nil))
	if len(noted) != 1 || noted[0].Status != 429 || noted[0].Code != "rate_limited" || noted[0].Route != "/v1/me" {
		t.Errorf("%+v", noted)
	}
}

// Who tries again and again is named in the log once, by id.
func TestTheLogNamesWhoTriesAgainAndAgain(t *testing.T) {
	t.Parallel()
	s := start(t)
	settle := s.watch()
	path := s.as("referrer").create("/v1/case-referrals", fmt.Sprintf(aReferral, "")).header.Get("Location")
	for range 20 {
		s.as("stranger").do("GET", path, "").want(404)
		s.as("bystander").do("GET", "/v1/case-referrals/"+uuid.NewString(), "").want(404)
	}
	settle()
	said := func() (lines []string) {
		for line := range strings.Lines(s.log.String()) {
			if strings.Contains(line, "again and again") {
				lines = append(lines, line)
			}
		}
		return lines
	}
	if lines := said(); len(lines) > 0 {
		t.Errorf("20 are no reason: %q", lines)
	}
	for range 22 {
		s.as("stranger").do("GET", path, "").want(404)
	}
	settle()
	if lines := said(); len(lines) != 1 || !strings.Contains(lines[0], `"WARN"`) || !strings.Contains(lines[0], s.as("stranger").user.ID.String()) {
		t.Errorf("%q", lines)
	}
}

// The log of denials is the auditor's and the network's.
func TestDenialsAreForOversight(t *testing.T) {
	t.Parallel()
	s := start(t)
	settle := s.watch()
	for range 3 {
		s.as("iom").do("GET", "/v1/queue", "").want(403)
		s.now.advance(time.Minute)
	}
	settle()
	for _, who := range []string{"auditor", "network"} {
		if ids := s.as(who).walk("/v1/denials", 2); len(ids) != 3 {
			t.Errorf("%s sees %q", who, ids)
		}
	}
	for _, who := range []string{"admin", "iom", "jurist", "referrer"} {
		s.as(who).do("GET", "/v1/denials?nope=1", "").want(403, "wrong_role")
	}
	all := s.as("auditor").do("GET", "/v1/denials", "").want(200)
	middle := all.str("items", 1, "at")
	if got := s.as("auditor").do("GET", "/v1/denials?since="+middle, "").want(200).list("items"); len(got) != 2 {
		t.Errorf("since: %v", got)
	}
	if got := s.as("auditor").do("GET", "/v1/denials?until="+middle, "").want(200).list("items"); len(got) != 1 {
		t.Errorf("until: %v", got)
	}
	if newest := all.str("items", 0, "at"); newest <= middle {
		t.Errorf("%s comes before %s", newest, middle)
	}
}
