package handlers

import (
	"context"

	"onward/api"
	"onward/desk"
	"onward/fault"
	"onward/models"
	"onward/workflow"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
)

// watched hands on what was refused. It does the same for what exists and what
// doesn't, and waits for nothing.
func (s *Server) watched(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		err := next(c)
		if err == nil {
			return nil
		}
		if f := asFault(c, err); isDenial(c, f) {
			s.denied(denial(c, f))
		}
		return err
	}
}

// isDenial tells an attempt at what the caller may not see or do from a slip
// of the pen.
func isDenial(c echo.Context, f *fault.Fault) bool {
	known := actor(c).UserID != uuid.Nil
	switch f.Kind {
	case fault.Forbidden, fault.NotFound:
		return known
	case fault.Limited:
		return true
	case fault.Unauthenticated:
		return desk.TokenHash(bearer(c)) != nil
	case fault.Conflict, fault.Invalid:
		return acting(c) != "" && f.Code != fault.CodeKeyInFlight && f.Code != fault.CodeKeyReused
	default:
		return false
	}
}

// denial is what is kept of an attempt: codes, ids, and the route's pattern.
func denial(c echo.Context, f *fault.Fault) models.Denial {
	d := models.Denial{
		Method: c.Request().Method, Route: c.Path(), Target: optionalID(lastParam(c)), Action: string(acting(c)),
		Status: statuses[f.Kind], Code: string(f.Code), RequestID: requestID(c),
	}
	if a := actor(c); a.UserID != uuid.Nil {
		d.ActorID, d.OrganisationID = &a.UserID, &a.OrganisationID
	} else {
		d.TokenHash = desk.TokenHash(bearer(c))
	}
	return d
}

func lastParam(c echo.Context) string {
	if all := c.ParamValues(); len(all) > 0 {
		return all[len(all)-1]
	}
	return ""
}

// act notes which action of a workflow the caller is about. A word that is no
// action could be anything, and is not noted.
func act(c echo.Context, flow desk.Flow, do workflow.Action) {
	if _, known := flow.DoneBy(do); known {
		c.Set("action", do)
	}
}

func acting(c echo.Context) workflow.Action {
	do, _ := c.Get("action").(workflow.Action)
	return do
}

// GET /v1/denials
func (s *Server) listDenials(c echo.Context) error {
	if !actor(c).Has(models.RoleAuditor) {
		if err := network(c); err != nil {
			return err
		}
	}
	p := query(c)
	f := models.DenialFilter{Actor: id(p, "actor"), Code: p.code("code", s.problems.codes()...), Since: p.time("since"), Until: p.time("until")}
	sl := s.slice(p, "-at")
	return list(s, c, p, func(ctx context.Context, a models.Actor) ([]models.Denial, *models.Position, error) {
		return s.desk.Denials(ctx, a, f, sl)
	}, showDenial)
}

func showDenial(d models.Denial) api.Denial {
	return api.Denial{
		ID: d.ID.String(), At: d.At.UTC(), Actor: optionalText(d.ActorID), Organisation: optionalText(d.OrganisationID), Token: optionalText(d.TokenID),
		Method: d.Method, Route: d.Route, Target: optionalText(d.Target), Existed: d.Existed, Action: d.Action,
		Status: d.Status, Code: d.Code, RequestID: d.RequestID,
	}
}
