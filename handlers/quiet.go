package handlers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
)

// A log is read by many, kept long and shipped far: it has ids, codes and
// patterns, and nothing that anybody sent or wrote.

// method is the request's, where it is one that HTTP knows: any other could be
// any word.
func method(c echo.Context) string {
	known := []string{
		http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace,
	}
	if m := c.Request().Method; slices.Contains(known, m) {
		return m
	}
	return "other"
}

var errPanic = errors.New("a panic, which the line before tells of")

// recovered tells where a panic was, and its type; its words only where they
// are the runtime's own, which hold types and numbers.
func (s *Server) recovered(c echo.Context, err error, _ []byte) error {
	said := fmt.Sprintf("%T", err)
	if fromRuntime, ok := errors.AsType[runtime.Error](err); ok {
		said = fromRuntime.Error()
	}
	s.log.LogAttrs(c.Request().Context(), slog.LevelError, "panic", slog.String("request_id", requestID(c)),
		slog.String("route", c.Path()), slog.String("error", said), slog.String("stack", panicked()))
	return errPanic
}

// panicked is the stack above the panic that is being recovered: functions and
// lines, without the arguments that Go's own has.
func panicked() string {
	const most = 12
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	var lines []string
	for seen, more := false, true; more && len(lines) < most; {
		var f runtime.Frame
		f, more = frames.Next()
		if seen {
			lines = append(lines, fmt.Sprintf("%s:%d", f.Function, f.Line))
		}
		seen = seen || f.Function == "runtime.gopanic"
	}
	return strings.Join(lines, ", ")
}

// ServerLog is for what net/http itself says. A panic that got as far as there
// is told without its words.
func ServerLog(log *slog.Logger) slog.Handler { return serverLog{log.Handler()} }

type serverLog struct{ slog.Handler }

// Handle passes a message on.
func (h serverLog) Handle(ctx context.Context, r slog.Record) error {
	if strings.Contains(r.Message, "panic serving") {
		r.Message = "http: a panic outside of every handler"
	}
	return h.Handler.Handle(ctx, r)
}
