package handlers

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/labstack/echo/v4"
)

// tiny is an Echo with the error handler and nothing else; log holds what was logged.
func tiny() (e *echo.Echo, log *bytes.Buffer) {
	e, log = echo.New(), new(bytes.Buffer)
	e.HTTPErrorHandler = answerErrors(newProblems(), slog.New(slog.NewJSONHandler(log, nil)))
	return e, log
}

// ask runs one handler at * for one request.
func ask(h echo.HandlerFunc, r *http.Request) *httptest.ResponseRecorder {
	e, _ := tiny()
	e.Any("/*", h)
	rec := httptest.NewRecorder()
	e.ServeHTTP(rec, r)
	return rec
}

// post is a request with a JSON body.
func post(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return r
}

// unannounced hides a body's length, as chunked bodies do.
func unannounced(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", io.MultiReader(strings.NewReader(body)))
	r.ContentLength = -1
	r.Header.Set("Content-Type", "application/json")
	return r
}

func problemIn(t *testing.T, rec *httptest.ResponseRecorder) problem {
	t.Helper()
	if got := rec.Header().Get("Content-Type"); got != mediaProblem {
		t.Fatalf("Content-Type %q, status %d: %s", got, rec.Code, rec.Body)
	}
	var p problem
	if err := json.Unmarshal(rec.Body.Bytes(), &p, json.RejectUnknownMembers(true)); err != nil {
		t.Fatalf("problem: %v: %s", err, rec.Body)
	}
	if p.Status != rec.Code || p.Type != "/problems/"+string(p.Code) || p.Instance == "" || p.Title == "" {
		t.Errorf("problem does not agree with itself or the status %d: %+v", rec.Code, p)
	}
	return p
}

// wants holds an answer against the problem that it should be: its code, and
// the pointer and code of its only error, if there should be one.
func wants(t *testing.T, rec *httptest.ResponseRecorder, status int, code, pointer, fieldCode string) {
	t.Helper()
	p := problemIn(t, rec)
	if p.Status != status || string(p.Code) != code {
		t.Fatalf("got %d %s, want %d %s: %s", p.Status, p.Code, status, code, rec.Body)
	}
	switch {
	case fieldCode == "" && len(p.Errors) == 0:
	case len(p.Errors) == 1 && p.Errors[0].Pointer == pointer && string(p.Errors[0].Code) == fieldCode:
	default:
		t.Errorf("errors %+v, want only %q %s", p.Errors, pointer, fieldCode)
	}
	if rec.Body.Len() > 2000 {
		t.Errorf("the answer has %d bytes", rec.Body.Len())
	}
}

// rawRequest writes bytes as they are, closes its side, and gives all that comes back.
func rawRequest(t testing.TB, address, request string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	_, _ = io.WriteString(conn, request)
	_ = conn.(*net.TCPConn).CloseWrite()
	answer, _ := io.ReadAll(conn)
	return string(answer)
}
