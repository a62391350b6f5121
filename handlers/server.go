// Package handlers is the HTTP edge: Echo lives here and nowhere else. One
// file a resource; problem.go is the one place where an error becomes a
// status, and here alone a row becomes JSON.
package handlers

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"time"

	"onward/desk"
	"onward/fault"
	"onward/models"
	"onward/workflow"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

// Server answers HTTP for one desk.
type Server struct {
	desk     *desk.Desk
	log      *slog.Logger
	cursors  *cursors
	check    func(any) []fault.Field
	problems *problems
	spec     []byte
	denied   func(models.Denial)
}

// New makes a server. cursorKey is a secret of at least 32 bytes that all
// nodes share; spec is openapi.yaml; denied takes what was refused, and returns
// at once.
func New(d *desk.Desk, log *slog.Logger, cursorKey, spec []byte, denied func(models.Denial)) *Server {
	return &Server{
		desk: d, log: log, cursors: newCursors(cursorKey), spec: spec, denied: denied,
		check: newCheck(workflow.Codes), problems: newProblems(explained()...),
	}
}

// answerWithin bounds the time that one request may take.
const answerWithin = 15 * time.Second

// Handler puts the routes behind what every request passes.
func (s *Server) Handler() http.Handler {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.IPExtractor = echo.ExtractIPDirect()
	e.JSONSerializer = strictSerializer{}
	e.HTTPErrorHandler = answerErrors(s.problems, s.log)
	e.Pre(identify, s.logged, s.watched)
	e.Use(middleware.RecoverWithConfig(middleware.RecoverConfig{DisablePrintStack: true, LogErrorFunc: s.recovered}))
	e.Use(gzipAsked, middleware.GzipWithConfig(middleware.GzipConfig{MinLength: 1024, Skipper: gzipped}), exactRoute, bounded, guarded)
	for _, r := range s.routes() {
		e.Add(r.Method, r.Path, r.handle, s.entry(r)...)
	}
	return e
}

// identify gives each request an id, which its problem and its log line bear.
func identify(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderXRequestID, rand.Text())
		return next(c)
	}
}

// logged writes one line a request: who and what, never the query or a body.
func (s *Server) logged(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := time.Now()
		if err := next(c); err != nil {
			c.Error(err) // so that the line has the status
		}
		s.log.LogAttrs(c.Request().Context(), slog.LevelInfo, "request",
			slog.String("request_id", requestID(c)), slog.String("method", method(c)), slog.String("route", c.Path()),
			slog.Int("status", c.Response().Status), slog.Duration("took", time.Since(start)), slog.String("actor", actorName(c)))
		return nil
	}
}

// bounded gives the request a deadline, which the database's queries keep.
func bounded(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx, cancel := context.WithTimeout(c.Request().Context(), answerWithin)
		defer cancel()
		c.SetRequest(c.Request().WithContext(ctx))
		return next(c)
	}
}

// guarded sets what every reply bears. What is public says so itself.
func guarded(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set(echo.HeaderXContentTypeOptions, "nosniff")
		h.Set(echo.HeaderCacheControl, "no-store")
		return next(c)
	}
}

// actor is who calls; entry has put it there.
func actor(c echo.Context) models.Actor {
	a, _ := c.Get("actor").(models.Actor)
	return a
}

func actorName(c echo.Context) string {
	if a := actor(c); a.UserID != uuid.Nil {
		return a.UserID.String()
	}
	return ""
}
