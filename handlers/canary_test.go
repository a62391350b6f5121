package handlers

import (
	"bytes"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"onward/models"
	"onward/models/modelstest"
)

// outputs are all places that what people write must never get to. A new one
// joins by a line.
func (s *service) outputs(postgresql *lockedBuffer) map[string]string {
	page := func(path string) string { return string(s.as("nobody").do("GET", path, "").want(200).body) }
	return map[string]string{
		"the log":          s.log.String(),
		"PostgreSQL's log": postgresql.String(),
		"the denials":      string(s.rowsOf("denials")),
		"the events":       string(s.rowsOf("events")),
		"/healthz":         page("/healthz"),
		"/readyz":          page("/readyz"),
		"/openapi.yaml":    strings.ReplaceAll(page("/openapi.yaml"), "onw_4fQ9xT2v", "an example"),
		"/problems":        page("/problems"),
	}
}

// leak finds canaries, however they are written, and tokens.
var leak = regexp.MustCompile(`(?i)canary[\w%-]*|onw_[0-9a-z]{20,}`)

// leaks are those in a text.
func leaks(text string) []string {
	found := leak.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// A service in which everything that somebody wrote is a canary goes through
// good and bad, down to a panic and a database that dies. Nothing of it is in
// any log, in any denial, or in an answer to somebody else.
func TestNothingWrittenGetsOut(t *testing.T) {
	t.Parallel()
	postgresql := &lockedBuffer{}
	own := modelstest.DurableWith(t, slog.New(slog.NewTextHandler(postgresql, &slog.HandlerOptions{Level: slog.LevelDebug})))
	s := startIn(t, own)
	settle := s.watch()
	w := &witness{service: s, mark: "CANARY"}
	path := w.course()
	s.identifies()
	training := s.trains()
	s.network()
	answers := map[string][]byte{}
	for _, path := range []string{path, w.at, training} {
		s.strangersAsk(path, answers)
	}
	s.fails(training, answers)
	s.provokes(answers)
	s.panics(answers)
	own.Crash(t)
	answers["while the database is away"] = s.as("jurist").do("POST", "/v1/training-requests", fmt.Sprintf(aTraining, `, "description": "CANARY-away"`), "Idempotency-Key: CANARY-key").want(503).body
	own.Restart(t)
	s.until(func() bool { return s.as("jurist").do("GET", "/readyz", "").status == http.StatusOK })
	settle()

	places := s.outputs(postgresql)
	for name, answer := range answers {
		places["the answer to "+name] = string(answer)
	}
	for name, text := range places {
		if found := leaks(text); len(found) > 0 && len(text) > 0 {
			t.Errorf("%s tells of %q", name, found)
		}
	}
	for name, want := range map[string]string{"the log": "request failed", "PostgreSQL's log": "ready to accept connections", "the denials": "not_found", "the events": "referral.closed"} {
		if !strings.Contains(places[name], want) {
			t.Errorf("%s is not what it should be: it lacks %q", name, want)
		}
	}
}

// identifies refers somebody by name, which is kept nowhere.
func (s *service) identifies() {
	s.t.Helper()
	s.as("referrer").create("/v1/case-referrals", `{"draft": true, "match_traits": {"name": "CANARY-named", "birth_year": 1999, "origin": "PH"}}`)
}

// trains takes a training through its course, with a canary in each text.
func (s *service) trains() (path string) {
	s.t.Helper()
	path = s.as("jurist").create("/v1/training-requests", `{"title": "CANARY-title", "description": "CANARY-description `+long()+`", "audiences": ["paralegal"], "topics": ["investigation_and_prosecution"],
		"mode": "onsite", "country": "PK", "languages": ["en"], "participants_expected": 40, "origin_workshop": "CANARY-workshop",
		"objectives": [{"specific": "CANARY-specific", "measurable": "CANARY-measurable", "achievable": "CANARY-achievable", "relevant": "CANARY-relevant"}]}`).header.Get("Location")
	s.as("admin").fire(path, "take", "").want(200)
	s.as("admin").fire(path, "request_information", `, "question": "CANARY-question"`).want(200)
	s.as("jurist").fire(path, "provide_information", `, "answer": "CANARY-answer"`).want(200)
	s.as("admin").fire(path, "approve", `, "priority": "high"`).want(200)
	at := s.as("admin").do("POST", path+"/assignments", fmt.Sprintf(`{"organisation_id": %q, "message": "CANARY-message"}`, s.unitar.ID)).want(201).header.Get("Location")
	s.as("unitar").fire(at, "accept", "").want(200)
	s.as("unitar").fire(path, "schedule", `, "starts_at": "2012-09-10T02:00:00Z", "ends_at": "2012-09-11T09:00:00Z", "mode": "blended", "place": "CANARY-place", "link": "https://example.org/CANARY-link"`).want(200)
	s.as("unitar").fire(path, "deliver", `, "participants": 38, "delivered_on": "2012-09-11"`).want(200)
	s.as("jurist").fire(path, "evaluate", `, "levels": [{"level": "reaction", "score": 4, "note": "CANARY-level"}], "objectives": [{"index": 0, "met": true, "note": "CANARY-result"}]`).want(200)
	s.as("admin").fire(path, "close", `, "outcome": "objectives_met", "note": "CANARY-close"`).want(200)
	return path
}

// network makes people, organisations and tokens whose names are canaries.
func (s *service) network() {
	s.t.Helper()
	s.as("network").create("/v1/desks", `{"name": "CANARY-desk", "time_zone": "UTC"}`)
	at := s.as("network").create("/v1/organisations", `{"name": "CANARY-organisation", "type": "ngo", "description": "CANARY-about", "website": "https://example.org/CANARY-site"}`)
	s.as("network").create(at.header.Get("Location")+"/services", `{"kind": "medical", "status": "active", "schedule": "CANARY-schedule"}`)
	s.as("network").create("/v1/users", fmt.Sprintf(`{"name": "CANARY-user", "roles": ["partner"], "organisation_id": %q}`, at.str("id")))
	token := s.as("jurist").create("/v1/tokens", `{"name": "CANARY-token"}`)
	s.as("jurist").do("DELETE", token.header.Get("Location"), "").want(204)
	(&person{s: s, token: token.str("token")}).do("GET", "/v1/me", "").want(401)
}

// strangersAsk asks for a record as those who must not see what was written
// in it.
func (s *service) strangersAsk(path string, answers map[string][]byte) {
	s.t.Helper()
	for _, who := range []string{"stranger", "bystander", "auditor", "admin of Geneva", "nobody", "ewha"} {
		for _, ask := range []string{
			"GET ", "GET ?nope=CANARY-parameter-value", "GET /events", "GET /assignments", "GET /consents", "POST /transitions",
			"PATCH ", "DELETE ", "POST /assignments", "POST /consents", "POST /override-approvals",
		} {
			method, under, _ := strings.Cut(ask, " ")
			body := map[string]string{"POST": `{"action": "withdraw", "reason": {"code": "other", "note": "CANARY-note"}}`, "PATCH": `{"summary": "CANARY-patch"}`}[method]
			got, _, _, err := s.as(who).send(method, path+under, body, "If-Match: *", "Idempotency-Key: CANARY-key") //nolint:bodyclose // send has closed it
			s.must(err)
			if got.status < 300 && under != "/events" {
				s.t.Errorf("%s may %s of %s", who, ask, path)
			}
			answers[fmt.Sprintf("%s, %s of %s", who, ask, path)] = got.body
		}
	}
}

// fails sends what is refused, with canaries in every part of it.
func (s *service) fails(training string, answers map[string][]byte) {
	s.t.Helper()
	token := "onw_" + strings.Repeat("Canary7", 7)
	for i, ask := range []struct {
		who, method, path, body string
		headers                 []string
	}{
		{"referrer", "POST", "/v1/case-referrals", `{"narrative": "CANARY-cut`, nil},
		{"referrer", "POST", "/v1/case-referrals", `{"narrative": {"CANARY-type": 1}}`, nil},
		{"referrer", "POST", "/v1/case-referrals", `{"narrative": "CANARY-one", "narrative": "CANARY-two"}`, nil},
		{"referrer", "POST", "/v1/case-referrals", "{\"narrative\": \"CANARY-bytes \xff\"}", nil},
		{"referrer", "POST", "/v1/case-referrals", `{} CANARY-trailing`, nil},
		{"referrer", "POST", "/v1/case-referrals", `["CANARY-list"]`, nil},
		{"referrer", "POST", "/v1/case-referrals", `{"match_traits": {"name": "CANARY-named", "origin": "CANARY-origin"}}`, nil},
		{"referrer", "POST", "/v1/case-referrals", strings.Replace(fmt.Sprintf(aReferral, ""), "PH-00", "CANARY-region", 1), nil},
		{"referrer", "POST", "/v1/case-referrals", strings.Replace(fmt.Sprintf(aReferral, ""), "urgent\"", "CANARY-urgency\"", 1), nil},
		{"referrer", "POST", "/v1/case-referrals", strings.Replace(fmt.Sprintf(aReferral, ""), "CANARY narrative", strings.Repeat("CANARY", 50_000), 1), nil},
		{"referrer", "POST", "/v1/case-referrals", `{"narrative": "CANARY-type"}`, []string{"Content-Type: text/CANARY-media"}},
		{"referrer", "POST", "/v1/case-referrals", `{"narrative": "CANARY-key"}`, []string{"Idempotency-Key: CANARY-key\t"}},
		{"referrer", "POST", "/v1/case-referrals", `{}`, []string{"Idempotency-Key: CANARY-" + strings.Repeat("k", 300)}},
		{"referrer", "PATCH", "/v1/case-referrals/CANARY-id", `{}`, []string{`If-Match: "CANARY-tag"`}},
		{"referrer", "GET", "/v1/case-referrals?q=CANARY-query&state=CANARY-state", "", nil},
		{"referrer", "GET", "/v1/case-referrals?cursor=CANARY-cursor", "", nil},
		{"referrer", "GET", "/v1/case-referrals?q=%zzCANARY", "", nil},
		{"referrer", "GET", "/v1/me?access_token=" + token, "", nil},
		{"referrer", "DELETE", "/v1/tokens/" + token, "", nil},
		{"referrer", "GET", "/CANARY-nowhere/" + token, "", nil},
		{"referrer", "GET", "/v1/workflows/CANARY-workflow", "", []string{"Accept: text/CANARY", "User-Agent: CANARY-agent", "Referer: https://example.org/CANARY", "Cookie: CANARY=1", "X-CANARY: CANARY"}},
		{"referrer", "GET", "/problems/CANARY-code", "", nil},
		{"referrer", "CANARYMETHOD", "/v1/me", "", nil},
		{"admin", "POST", training + "/transitions", `{"action": "CANARY-action"}`, []string{"If-Match: *"}},
		{"nobody", "GET", "/v1/me", "", []string{"Authorization: Bearer " + token}},
		{"nobody", "GET", "/v1/me", "", []string{"Authorization: Basic Q0FOQVJZOkNBTkFSWQ=="}},
		{"network", "POST", "/v1/desks", `{"name": "CANARY-desk", "time_zone": "UTC"}`, nil},
		{"network", "POST", "/v1/organisations", `{"name": "CANARY-organisation", "type": "ngo"}`, nil},
		{"network", "POST", "/v1/users", `{"name": "CANARY-user", "roles": ["partner"], "organisation_id": "` + s.jeju.ID.String() + `"}`, nil},
		{"network", "POST", "/v1/users", fmt.Sprintf(`{"name": "CANARY-user", "roles": ["partner"], "organisation_id": %q, "desk": %q}`, s.unitar.ID, s.jeju.ID), nil},
		{"jurist", "POST", "/v1/training-requests", fmt.Sprintf(aTraining, `, "description": "CANARY-order", "preferred_from": "2012-10-02", "preferred_to": "2012-10-01"`), nil},
		{"admin", "POST", "/v1/organisations/" + s.iom.ID.String() + "/services", `{"kind": "medical", "status": "active", "schedule": "CANARY-ages", "minimum_age": 9, "maximum_age": 8}`, nil},
	} {
		got, _, _, err := s.as(ask.who).send(ask.method, ask.path, ask.body, ask.headers...) //nolint:bodyclose // send has closed it
		if err != nil || got.status < 400 || got.status > 499 {
			s.t.Errorf("%s %s %.200s: %d %s, %v", ask.method, ask.path, ask.body, got.status, got.body, err)
		}
		answers[fmt.Sprintf("bad request %d, %s %s", i, ask.method, ask.path)] = got.body
	}
	answers["a request of strange bytes"] = []byte(rawRequest(s.t, strings.TrimPrefix(s.url, "http://"), "GET /CANARY-raw HTTP/9.9\r\nCANARY\r\n\r\n"))
}

// provokes makes the database refuse what no code of ours foresees, in words
// that quote the row.
func (s *service) provokes(answers map[string][]byte) {
	s.t.Helper()
	s.asSuperuser(`ALTER TABLE training_requests ADD CONSTRAINT nobody_foresaw CHECK (description <> 'CANARY-check');
		CREATE FUNCTION talkative() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN
			IF NEW.description = 'CANARY-warned' THEN RAISE WARNING 'it says %', NEW.description; END IF;
			IF NEW.description IN ('CANARY-raised', 'CANARY-warned') THEN RAISE EXCEPTION 'it says %', NEW.description USING DETAIL = NEW.title, HINT = NEW.title; END IF;
			IF NEW.description = 'CANARY-cast' THEN PERFORM cast(NEW.description AS uuid); END IF;
			RETURN NEW;
		END $f$;
		CREATE TRIGGER talkative BEFORE INSERT ON training_requests FOR EACH ROW EXECUTE FUNCTION talkative()`)
	for _, of := range []string{"check", "raised", "warned", "cast"} {
		answers[of] = s.as("jurist").do("POST", "/v1/training-requests", fmt.Sprintf(aTraining, `, "description": "CANARY-`+of+`"`)).want(500, "internal").body
	}
}

// panics makes handlers panic with what they hold, and what stands around them.
func (s *service) panics(answers map[string][]byte) {
	s.t.Helper()
	log := slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	e, _ := New(s.desk, log, testKey, nil, func(models.Denial) {}).Handler().(*echo.Echo)
	var none *models.Training
	for path, what := range map[string]func(){
		"/text":   func() { panic("CANARY-panic") },
		"/error":  func() { panic(fmt.Errorf("opening: %w", fs.ErrInvalid)) },
		"/words":  func() { panic(fmt.Errorf("opening %s", "CANARY-error")) },
		"/struct": func() { panic(models.Training{TrainingFields: models.TrainingFields{Title: "CANARY-struct"}}) },
		"/index":  func() { _ = strings.Fields("CANARY-index")[len(answers)] },
		"/cast":   func() { _ = any("CANARY-cast").(int) }, //nolint:forcetypeassert // it is to panic
		"/nil":    func() { _ = none.Title },
	} {
		e.GET(path, func(echo.Context) error { what(); return nil })
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/outside" {
			panic("CANARY-outside")
		}
		e.ServeHTTP(w, r)
	}))
	server.Config.ErrorLog = slog.NewLogLogger(ServerLog(log), slog.LevelWarn)
	server.Start()
	defer server.Close()
	p := &person{s: &service{t: s.t, url: server.URL}}
	for _, path := range []string{"/text", "/error", "/words", "/struct", "/index", "/cast", "/nil"} {
		got, _, _, err := p.send("GET", path, "") //nolint:bodyclose // send has closed it
		s.must(err)
		answers["a panic, "+path] = got.want(500, "internal").body
	}
	if _, _, _, err := p.send("GET", "/outside", ""); err == nil { //nolint:bodyclose // there is none
		s.t.Error("a panic outside of every handler was answered")
	}
	said := s.log.String()
	for _, want := range []string{"handlers.(*service).panics", "index out of range", "nil pointer", "a panic outside of every handler"} {
		if !strings.Contains(said, want) {
			s.t.Errorf("the log does not tell of %q", want)
		}
	}
}

// Of a case that went all its way, PostgreSQL's files hold nothing that is
// sealed: not the tables, not the log that it writes ahead, and not a dump.
func TestNothingSealedIsOnDisk(t *testing.T) {
	t.Parallel()
	s, own := startDurable(t)
	(&witness{service: s, mark: "CANARY"}).course()
	s.identifies()
	s.trains()
	places := map[string][]byte{"a dump": s.dump()}
	s.asSuperuser("CHECKPOINT")
	err := filepath.WalkDir(own.Data(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(own.Data(), path)
		kind, _, _ := strings.Cut(name, "/")
		places[kind] = append(places[kind], text...)
		return err
	})
	s.must(err)
	for _, kind := range []string{"a dump", "base", "pg_wal"} {
		for _, of := range []string{"subject", "summary", "title", "description", "place"} { // which proves that the search finds
			if !bytes.Contains(places[kind], []byte(word(of))) {
				t.Errorf("%s lacks %s", kind, word(of))
			}
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(places)) {
		for _, of := range append([]string{"named"}, sealedWords...) {
			for _, as := range spellings(word(of)) {
				if bytes.Contains(places[kind], as) {
					t.Errorf("%s is in %s as %s", word(of), kind, as)
				}
			}
		}
	}
}
