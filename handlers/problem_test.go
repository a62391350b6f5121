package handlers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"onward/api"
	"onward/fault"

	"github.com/labstack/echo/v4"
)

func failing(err error) echo.HandlerFunc { return func(echo.Context) error { return err } }

func get(path string) *http.Request { return httptest.NewRequest(http.MethodGet, path, nil) }

func TestEachKindHasItsStatus(t *testing.T) {
	for kind := fault.Internal; kind <= fault.Unavailable; kind++ {
		if statuses[kind] == 0 {
			t.Errorf("kind %d has no status", kind)
		}
	}
	for _, tc := range []struct {
		err    error
		status int
		code   string
	}{
		{fault.New(fault.Unauthenticated, fault.CodeUnauthenticated, "x"), 401, "unauthenticated"},
		{fault.Absent(), 404, "not_found"},
		{fault.New(fault.Forbidden, fault.CodeWrongRole, "x"), 403, "wrong_role"},
		{fault.New(fault.TooLarge, fault.CodeTooLarge, "x"), 413, "too_large"},
		{fault.New(fault.Unsupported, fault.CodeUnsupported, "x"), 415, "unsupported_media_type"},
		{fault.Shape("x"), 400, "malformed"},
		{fault.New(fault.Unsure, fault.CodePrecondition, "x"), 428, "precondition_required"},
		{fault.Outdated(), 412, "stale"},
		{fault.New(fault.Conflict, fault.CodeWrongState, "x"), 409, "wrong_state"},
		{fault.New(fault.Conflict, "no_capacity", "x"), 409, "no_capacity"},
		{fault.Values(), 422, "invalid"},
		{fault.New(fault.Invalid, fault.CodeKeyReused, "x"), 422, "idempotency_key_reused"},
		{fault.New(fault.NotAcceptable, fault.CodeNotAcceptable, "x"), 406, "not_acceptable"},
		{fault.New(fault.Limited, fault.CodeLimited, "x"), 429, "rate_limited"},
		{fault.New(fault.Unavailable, fault.CodeUnavailable, "x"), 503, "unavailable"},
		{fmt.Errorf("moving: %w", fault.Outdated()), 412, "stale"},
		{errors.New("x"), 500, "internal"},
		{fault.New(fault.Internal, "secret_code", "x"), 500, "internal"},
		{fault.New(fault.Kind(200), "secret_code", "x"), 500, "internal"},
		{context.DeadlineExceeded, 503, "unavailable"},
		{fmt.Errorf("query: %w", context.Canceled), 503, "unavailable"},
		{fault.New(fault.Internal, "x", "x").Because(context.DeadlineExceeded), 503, "unavailable"},
		{&http.MaxBytesError{Limit: 1}, 413, "too_large"},
		{echo.ErrStatusRequestEntityTooLarge, 413, "too_large"},
		{echo.ErrUnsupportedMediaType, 415, "unsupported_media_type"},
		{echo.ErrUnauthorized, 401, "unauthenticated"},
		{echo.ErrTooManyRequests, 429, "rate_limited"},
		{echo.ErrServiceUnavailable, 503, "unavailable"},
		{echo.ErrTeapot, 400, "malformed"},
		{echo.ErrBadGateway, 500, "internal"},
		{echo.NewHTTPError(500, "secret"), 500, "internal"},
		{echo.ErrNotFound, 404, "not_found"},
		{echo.NewHTTPError(400, "secret").SetInternal(fault.Outdated()), 412, "stale"},
	} {
		rec := ask(failing(tc.err), get("/"))
		wants(t, rec, tc.status, tc.code, "", "")
		if strings.Contains(rec.Body.String(), "secret") {
			t.Errorf("%v: %s", tc.err, rec.Body)
		}
		if rec.Header().Get("Cache-Control") != "no-store" || rec.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%v: headers %v", tc.err, rec.Header())
		}
	}
}

func TestProblemHasTheWholeFault(t *testing.T) {
	f := fault.New(fault.Conflict, "wrong_state", "It is closed.", fault.Field{Pointer: "/a", Code: "b", Detail: "c"})
	f.State, f.AllowedActions = "closed", []string{"reopen"}
	rec := ask(func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderXRequestID, "r1")
		return f
	}, get("/"))
	want := `{"type":"/problems/wrong_state","title":"Not in this state","status":409,"detail":"It is closed.","instance":"r1","code":"wrong_state",` +
		`"errors":[{"pointer":"/a","code":"b","detail":"c"}],"state":"closed","allowed_actions":["reopen"]}`
	if rec.Body.String() != want {
		t.Errorf("\n got %s\nwant %s", rec.Body, want)
	}
	bare := ask(failing(fault.Absent()), get("/")).Body.String()
	for _, member := range []string{"errors", `"state"`, "allowed_actions"} {
		if strings.Contains(bare, member) {
			t.Errorf("%s in %s", member, bare)
		}
	}
	nothing := ask(failing(fault.New(fault.Conflict, fault.CodeWrongState, "x")), get("/")).Body.String()
	if !strings.Contains(nothing, `"allowed_actions":[]`) {
		t.Errorf("no empty list of actions: %s", nothing)
	}
}

func TestCausesAreForTheLogAlone(t *testing.T) {
	cause := errors.New(`ERROR: duplicate key value violates unique constraint "users_email_key" (SQLSTATE 23505) *models.User`)
	e, log := tiny()
	e.GET("/v1/x/:id", failing(fmt.Errorf("insert: %w", cause)))
	rec := httptest.NewRecorder()
	e.ServeHTTP(rec, get("/v1/x/7?token=hidden"))
	p := problemIn(t, rec)
	for _, leak := range []string{"constraint", "SQLSTATE", "models", "insert"} {
		if strings.Contains(rec.Body.String(), leak) {
			t.Errorf("%q leaks: %s", leak, rec.Body)
		}
	}
	var line map[string]string
	if err := json.Unmarshal(log.Bytes(), &line); err != nil {
		t.Fatal(err, log)
	}
	if line["request_id"] != p.Instance || p.Instance != rec.Header().Get(echo.HeaderXRequestID) || !strings.Contains(line["error"], "users_email_key") ||
		line["route"] != "/v1/x/:id" || line["level"] != "ERROR" || strings.Contains(log.String(), "hidden") {
		t.Errorf("log %s for %s", log, p.Instance)
	}
	t.Run("and a refusal is not logged", func(t *testing.T) {
		e, log := tiny()
		e.GET("/", failing(fault.Shape("x").Because(cause)))
		rec := httptest.NewRecorder()
		e.ServeHTTP(rec, get("/"))
		if log.Len() > 0 || strings.Contains(rec.Body.String(), "constraint") {
			t.Errorf("%s\n%s", log, rec.Body)
		}
	})
}

func TestHeadersOfProblems(t *testing.T) {
	waiting := fault.New(fault.Limited, fault.CodeLimited, "x")
	waiting.RetryAfter = 1500 * time.Millisecond
	for name, tc := range map[string]struct {
		err           error
		authorization string
		header, want  string
	}{
		"no token":         {fault.New(fault.Unauthenticated, fault.CodeUnauthenticated, "x"), "", "WWW-Authenticate", `Bearer realm="onward"`},
		"wrong token":      {fault.New(fault.Unauthenticated, fault.CodeUnauthenticated, "x"), "Bearer z", "WWW-Authenticate", `Bearer realm="onward", error="invalid_token"`},
		"forbidden":        {fault.New(fault.Forbidden, fault.CodeWrongRole, "x"), "Bearer z", "WWW-Authenticate", ""},
		"wait, rounded up": {waiting, "", "Retry-After", "2"},
		"limited":          {fault.New(fault.Limited, fault.CodeLimited, "x"), "", "Retry-After", "1"},
		"unavailable":      {context.DeadlineExceeded, "", "Retry-After", "1"},
		"key in flight":    {fault.New(fault.Conflict, fault.CodeKeyInFlight, "x"), "", "Retry-After", "1"},
		"another conflict": {fault.New(fault.Conflict, fault.CodeWrongState, "x"), "", "Retry-After", ""},
		"of the answer":    {fault.Absent(), "", "ETag", ""},
		"of a new one":     {fault.Absent(), "", "Location", ""},
	} {
		r := get("/")
		r.Header.Set("Authorization", tc.authorization)
		rec := ask(func(c echo.Context) error {
			setETag(c, 3)
			c.Response().Header().Set("Location", "/x")
			return tc.err
		}, r)
		if got := rec.Header().Get(tc.header); got != tc.want {
			t.Errorf("%s: %s %q, want %q", name, tc.header, got, tc.want)
		}
	}
}

func TestHeadAndCommittedAnswers(t *testing.T) {
	rec := ask(failing(fault.Absent()), httptest.NewRequest(http.MethodHead, "/", nil))
	if rec.Code != 404 || rec.Body.Len() > 0 {
		t.Errorf("HEAD: %d %s", rec.Code, rec.Body)
	}
	rec = ask(func(c echo.Context) error { _ = c.String(200, "sent"); return fault.Absent() }, get("/"))
	if rec.Code != 200 || rec.Body.String() != "sent" {
		t.Errorf("committed: %d %s", rec.Code, rec.Body)
	}
}

func TestUnknownRoutesAndMethods(t *testing.T) {
	e, _ := tiny()
	ok := func(c echo.Context) error { return c.NoContent(204) }
	pass := func(next echo.HandlerFunc) echo.HandlerFunc { return next }
	e.Use(exactRoute)
	e.GET("/plain", ok)
	e.GET("/x/:id", ok)
	e.PATCH("/x/:id", ok)
	e.POST("/x/next", ok)
	e.GET("/x/:id/events", ok)
	e.GET("/files/*", ok)
	guarded := e.Group("/g", pass)
	guarded.GET("/:id", ok)
	guarded.POST("", ok)
	for _, tc := range []struct{ method, path, allow string }{
		{"GET", "/nowhere", ""},
		{"GET", "/", ""},
		{"DELETE", "/plain/", ""},
		{"POST", "/plain", "GET"},
		{"DELETE", "/x/7", "GET, PATCH"},
		{"DELETE", "/x/next", "GET, PATCH, POST"}, // Echo's own list has POST only
		{"DELETE", "/x/7/events", "GET"},
		{"DELETE", "/x/a/b", ""},
		{"PUT", "/files/a/b", "GET"},
		{"DELETE", "/g/7", "GET"}, // Echo says 404
		{"GET", "/g", "POST"},
		{"GET", "/g/7/nowhere", ""}, // Echo takes it for /g/:id
		{"GET", "/g/", ""},
		{"GET", "/x//events", ""}, // Echo takes it for an empty id
		{"DELETE", "/x//events", ""},
		{"DELETE", "/x/", ""},
		{"BREW", "/plain", "GET"},
		{"TRACE", "/plain", "GET"},
	} {
		rec := httptest.NewRecorder()
		e.ServeHTTP(rec, httptest.NewRequest(tc.method, tc.path, nil))
		if rec.Code < 400 {
			t.Errorf("%s %s: %d", tc.method, tc.path, rec.Code)
		} else if tc.allow == "" {
			wants(t, rec, 404, "not_found", "", "")
		} else {
			wants(t, rec, 405, "method_not_allowed", "", "")
		}
		if got := rec.Header().Get("Allow"); got != tc.allow {
			t.Errorf("%s %s: Allow %q, want %q", tc.method, tc.path, got, tc.allow)
		}
	}
	for _, path := range []string{"/plain", "/x/7", "/x/7/events", "/files/a/b", "/g/7"} {
		rec := httptest.NewRecorder()
		if e.ServeHTTP(rec, get(path)); rec.Code != 204 {
			t.Errorf("GET %s: %d", path, rec.Code)
		}
	}
	t.Run("an unknown route reads like an absent record", func(t *testing.T) {
		absent, unknown := httptest.NewRecorder(), httptest.NewRecorder()
		e.GET("/absent", failing(fault.Absent()))
		e.ServeHTTP(absent, get("/absent"))
		e.ServeHTTP(unknown, get("/unknown"))
		a, u := problemIn(t, absent), problemIn(t, unknown)
		a.Instance, u.Instance = "", ""
		if fmt.Sprint(a) != fmt.Sprint(u) {
			t.Errorf("%v\n%v", a, u)
		}
	})
}

func TestProblemPages(t *testing.T) {
	guard := problemPage{Code: "no_capacity", Title: "No capacity", Meaning: "a<b", Remedy: "Ask another."}
	ps := newProblems(guard)
	e := echo.New()
	e.HTTPErrorHandler = answerErrors(ps, slog.New(slog.NewTextHandler(new(bytes.Buffer), nil)))
	e.GET("/problems", ps.list)
	e.GET("/problems/:code", ps.show)
	fetch := func(path, accept string) *httptest.ResponseRecorder {
		r := get(path)
		r.Header.Set("Accept", accept)
		rec := httptest.NewRecorder()
		e.ServeHTTP(rec, r)
		return rec
	}
	if rec := fetch("/problems/no_capacity", ""); rec.Body.String() != `{"code":"no_capacity","type":"/problems/no_capacity","title":"No capacity","meaning":"a<b","remedy":"Ask another."}` {
		t.Errorf("JSON: %s", rec.Body)
	}
	rec := fetch("/problems/no_capacity", "text/html,application/xhtml+xml,*/*;q=0.8")
	if csp := rec.Header().Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none';") ||
		!strings.HasPrefix(rec.Header().Get("Content-Type"), "text/html") || !strings.Contains(rec.Body.String(), "a&lt;b") || rec.Header().Get("Vary") != "Accept" {
		t.Errorf("HTML: %v %s", rec.Header(), rec.Body)
	}
	var all api.Page[problemPage]
	rec = fetch("/problems", "application/json")
	if err := json.Unmarshal(rec.Body.Bytes(), &all); err != nil || len(all.Items) != len(generalProblems)+1 ||
		!slices.IsSortedFunc(all.Items, func(a, b problemPage) int { return strings.Compare(string(a.Code), string(b.Code)) }) {
		t.Errorf("list: %v %s", err, rec.Body)
	}
	wants(t, fetch("/problems/unheard_of", ""), 404, "not_found", "", "")
	wants(t, fetch("/problems/no_capacity", "image/png"), 406, "not_acceptable", "", "")
	// A code with a page brings its title; one without is answered all the same.
	if p := ps.problem(fault.New(fault.Conflict, "no_capacity", "x"), "r"); p.Title != "No capacity" {
		t.Errorf("%+v", p)
	}
	if p := ps.problem(fault.New(fault.Conflict, "pageless", "x"), "r"); p.Title != "Conflict" {
		t.Errorf("%+v", p)
	}
	for _, wrong := range []problemPage{{Code: "stale", Title: "again"}, {Code: "untitled"}, {Title: "codeless"}, {Code: "Not Snake", Title: "x"}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%+v: no panic", wrong)
				}
			}()
			newProblems(wrong)
		}()
	}
}

func TestEachGeneralCodeHasAPage(t *testing.T) {
	ps := newProblems()
	for _, code := range []fault.Code{
		fault.CodeInternal, fault.CodeUnauthenticated, fault.CodeNotFound, fault.CodeWrongRole, fault.CodeTooLarge, fault.CodeUnsupported,
		fault.CodeMalformed, fault.CodePrecondition, fault.CodeStale, fault.CodeWrongState, fault.CodeInvalid, fault.CodeKeyReused,
		fault.CodeKeyInFlight, fault.CodeMethod, fault.CodeNotAcceptable, fault.CodeLimited, fault.CodeUnavailable,
	} {
		if page := ps.pages[code]; page.Meaning == "" || page.Remedy == "" {
			t.Errorf("%s is not explained", code)
		}
	}
}
