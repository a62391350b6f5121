package handlers

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"onward/fault"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/labstack/echo/v4"
)

const mediaProblem = "application/problem+json" // RFC 9457

// problem is the body of every 4xx and 5xx (RFC 9457, 3.1 and 3.2).
type problem struct {
	Type           string         `json:"type"`
	Title          string         `json:"title"`
	Status         int            `json:"status"`
	Detail         string         `json:"detail,omitempty"`
	Instance       string         `json:"instance"` // the request's id, as in X-Request-Id and the log
	Code           fault.Code     `json:"code"`
	Errors         []problemField `json:"errors,omitempty"`
	State          string         `json:"state,omitempty"`
	AllowedActions []string       `json:"allowed_actions,omitzero"` // an empty list says: nothing
}

type problemField struct {
	Pointer string     `json:"pointer"`
	Code    fault.Code `json:"code"`
	Detail  string     `json:"detail"`
}

// statuses is the one table that makes a kind of fault an HTTP status.
var statuses = map[fault.Kind]int{
	fault.Internal:        http.StatusInternalServerError,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.NotFound:        http.StatusNotFound,
	fault.Forbidden:       http.StatusForbidden,
	fault.TooLarge:        http.StatusRequestEntityTooLarge,
	fault.Unsupported:     http.StatusUnsupportedMediaType,
	fault.Malformed:       http.StatusBadRequest,
	fault.Unsure:          http.StatusPreconditionRequired,
	fault.Stale:           http.StatusPreconditionFailed,
	fault.Conflict:        http.StatusConflict,
	fault.Invalid:         http.StatusUnprocessableEntity,
	fault.NotAllowed:      http.StatusMethodNotAllowed,
	fault.NotAcceptable:   http.StatusNotAcceptable,
	fault.Limited:         http.StatusTooManyRequests,
	fault.Unavailable:     http.StatusServiceUnavailable,
}

// answerErrors is Echo's error handler: whatever a handler or Echo itself
// returns becomes a problem; what isn't a fault is told to the log alone.
func answerErrors(ps *problems, log *slog.Logger) echo.HTTPErrorHandler {
	return func(err error, c echo.Context) {
		if c.Response().Committed {
			return
		}
		f, id := asFault(c, err), requestID(c)
		if f.Kind == fault.Internal || f.Kind == fault.Unavailable {
			logFailure(c, log, f, id, err)
		}
		setHeaders(c, f)
		if c.Request().Method == http.MethodHead {
			_ = c.NoContent(statuses[f.Kind]) // fails only when the client has gone
			return
		}
		text, err := json.Marshal(ps.problem(f, id), jsontext.AllowInvalidUTF8(true))
		if err != nil {
			logFailure(c, log, f, id, err)
		}
		_ = c.Blob(statuses[f.Kind], mediaProblem, text)
	}
}

func logFailure(c echo.Context, log *slog.Logger, f *fault.Fault, id string, err error) {
	level := slog.LevelError
	if f.Kind == fault.Unavailable {
		level = slog.LevelWarn
	}
	log.LogAttrs(c.Request().Context(), level, "request failed",
		slog.String("request_id", id), slog.String("method", method(c)),
		slog.String("route", c.Path()), slog.String("code", string(f.Code)), slog.String("error", err.Error()))
}

// problem fills in the body. An internal fault never brings its own words.
func (ps *problems) problem(f *fault.Fault, id string) problem {
	p := problem{
		Type: "/problems/" + string(f.Code), Title: ps.title(f), Status: statuses[f.Kind], Detail: f.Detail,
		Instance: id, Code: f.Code, State: f.State, AllowedActions: f.AllowedActions,
	}
	if f.Code == fault.CodeWrongState && p.AllowedActions == nil {
		p.AllowedActions = []string{}
	}
	for _, field := range f.Fields {
		p.Errors = append(p.Errors, problemField(field))
	}
	return p
}

// asFault finds what the client may be told about an error.
func asFault(c echo.Context, err error) *fault.Fault {
	if f, ok := fault.As(err); ok && f.Kind != fault.Internal && statuses[f.Kind] != 0 {
		return f
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return fault.New(fault.Unavailable, fault.CodeUnavailable, "The answer did not come in time; look whether it took effect, or send it again with the same Idempotency-Key.")
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		f, _ := fault.As(tooLarge())
		return f
	}
	if refusal, ok := errors.AsType[*echo.HTTPError](err); ok {
		return fromEcho(c, refusal)
	}
	return internal()
}

func internal() *fault.Fault {
	return fault.New(fault.Internal, fault.CodeInternal, "Something went wrong on this side. It is in the log under this request's id.")
}

// setHeaders adds what RFC 9110 asks of a status, and takes back what a handler,
// or Echo, had set for the answer that now isn't given.
func setHeaders(c echo.Context, f *fault.Fault) {
	h := c.Response().Header()
	for _, name := range []string{"ETag", "Location", "Link", "Last-Modified", "Content-Disposition", "Allow"} {
		h.Del(name)
	}
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	switch {
	case f.Kind == fault.NotAllowed:
		h.Set("Allow", strings.Join(f.Allow, ", "))
	case f.Kind == fault.Unauthenticated && h.Get("WWW-Authenticate") == "":
		h.Set("WWW-Authenticate", challenge(c))
	}
	if wait := retryAfter(f); wait > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
}

// challenge says more only to who sent a token (RFC 6750, 3.1).
func challenge(c echo.Context) string {
	if c.Request().Header.Get("Authorization") == "" {
		return `Bearer realm="onward"`
	}
	return `Bearer realm="onward", error="invalid_token"`
}

// retryAfter is what the fault says, or a moment where a client has to know.
func retryAfter(f *fault.Fault) time.Duration {
	if f.RetryAfter > 0 {
		return f.RetryAfter
	}
	if f.Kind == fault.Limited || f.Kind == fault.Unavailable || f.Code == fault.CodeKeyInFlight {
		return time.Second
	}
	return 0
}

// requestID is the id that the middleware gave this request, or a new one where none ran.
func requestID(c echo.Context) string {
	h := c.Response().Header()
	if h.Get(echo.HeaderXRequestID) == "" {
		h.Set(echo.HeaderXRequestID, rand.Text())
	}
	return h.Get(echo.HeaderXRequestID)
}
