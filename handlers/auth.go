package handlers

import (
	"slices"
	"strings"

	"onward/desk"
	"onward/fault"
	"onward/workflow"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
)

// entry is the way into a route: who calls, and whether its role has the
// function at all. Where a route is about one record, the role is asked after
// the record was looked up, so that 404 comes before 403.
func (s *Server) entry(r Route) []echo.MiddlewareFunc {
	if slices.Equal(r.who, open) {
		return nil
	}
	return []echo.MiddlewareFunc{func(next echo.HandlerFunc) echo.HandlerFunc { return s.authenticated(r.Operation, next) }, r.who.only}
}

// authenticated finds the caller of a bearer token (RFC 6750), and what it
// calls.
//
// Errors: unauthenticated.
func (s *Server) authenticated(operation string, next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		token := bearer(c)
		if token == "" {
			return fault.New(fault.Unauthenticated, fault.CodeUnauthenticated, "Send a token: Authorization: Bearer onw_….")
		}
		a, err := s.desk.Authenticate(c.Request().Context(), token)
		if err != nil {
			return err
		}
		a.Operation, a.RequestID = operation, requestID(c)
		c.Set("actor", a)
		return next(c)
	}
}

// bearer is the token that was sent; "" is none.
func bearer(c echo.Context) string {
	scheme, token, _ := strings.Cut(c.Request().Header.Get(echo.HeaderAuthorization), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// only refuses a caller whose roles never have the function.
func (who access) only(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if len(who) > 0 && !actor(c).Has(who...) {
			return fault.New(fault.Forbidden, fault.CodeWrongRole, "Your role never has this function.")
		}
		return next(c)
	}
}

// may looks whether the caller may see the request in the path and, where an
// action is named, ever do it; then, of what has no body, that no query
// parameter was sent.
//
// Errors: not_found, wrong_role, malformed.
func (s *Server) may(c echo.Context, flow desk.Flow, do workflow.Action) (uuid.UUID, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return id, err
	}
	act(c, flow, do)
	if err := s.desk.May(c.Request().Context(), actor(c), flow, id, do); err != nil {
		return id, err
	}
	return id, unasked(c)
}

// mustMatch is the precondition of a change: If-Match, whose absence and whose
// staleness are told when the change's turn comes.
func mustMatch(c echo.Context) desk.Precondition {
	return func(version int) error {
		asked, err := ifMatch(c)
		return matched(asked, version, err)
	}
}

// mayMatch honours If-Match where it is sent.
func mayMatch(c echo.Context) desk.Precondition {
	return func(version int) error {
		asked, sent, err := ifMatchSent(c)
		if !sent {
			return nil
		}
		return matched(asked, version, err)
	}
}

func matched(asked, version int, err error) error {
	if err == nil && asked != anyVersion && asked != version {
		err = fault.Outdated()
	}
	return err
}
