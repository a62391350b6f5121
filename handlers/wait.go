package handlers

import (
	"context"
	"net/http"

	"onward/api"
	"onward/desk"
	"onward/models"
	"onward/workflow"

	"github.com/labstack/echo/v4"
)

// enlist answers POST …/{id}/waiting.
func (s *Server) enlist(c echo.Context, flow desk.Flow) error {
	id, err := s.may(c, flow, workflow.Enlist)
	if err != nil {
		return err
	}
	sent, b, err := read[api.NewWait](c)
	if err != nil {
		return err
	}
	if err := carried(flow, workflow.Enlist, b); err != nil {
		return err
	}
	in := workflow.Input{Organisation: sent.OrganisationID, Service: sent.Service, Faulty: s.check(sent)}
	return s.once(c, b, func(ctx context.Context) (reply, error) {
		v, err := s.desk.Enlist(ctx, actor(c), flow, id, mayMatch(c), in)
		if err != nil {
			return reply{}, err
		}
		return answer(http.StatusCreated, c.Request().URL.Path, v.Version, showWait(v))
	})
}

// listWaits answers GET …/{id}/waiting.
func (s *Server) listWaits(c echo.Context, flow desk.Flow) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	if err := s.desk.May(c.Request().Context(), actor(c), flow, id, workflow.Enlist); err != nil {
		return err // before what is wrong with the query (docs/contract.md, rule 12)
	}
	p := query(c)
	sl := s.slice(p, "since")
	return list(s, c, p, func(ctx context.Context, a models.Actor) ([]desk.WaitView, *models.Position, error) {
		return s.desk.Waits(ctx, a, flow, id, sl)
	}, showWait)
}

// delist answers DELETE …/{id}/waiting/{entry_id}.
func (s *Server) delist(c echo.Context, flow desk.Flow) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	entry, err := pathID(c, "entry_id")
	if err != nil {
		return err
	}
	act(c, flow, workflow.Delist)
	if err := s.desk.MayWait(c.Request().Context(), actor(c), flow, id, entry); err != nil {
		return err
	}
	if err := unasked(c); err != nil {
		return err
	}
	if err := s.desk.Delist(c.Request().Context(), actor(c), flow, id, entry, mustMatch(c)); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func showWait(v desk.WaitView) api.Wait {
	out := api.Wait{
		ID: v.ID.String(), Version: v.Version, State: string(v.State), Organisation: api.Link{ID: v.OrganisationID.String(), Name: v.OrganisationName},
		Service: v.Service, Since: v.Since.UTC(), MadeBy: v.MadeBy.String(), UpdatedAt: v.UpdatedAt.UTC(), EndedAt: utc(v.EndedAt),
	}
	if v.Position > 0 {
		out.Position = &v.Position
	}
	if v.AssignmentID != nil {
		out.AssignmentID = text(*v.AssignmentID)
	}
	if v.Reason != "" {
		out.Reason = &v.Reason
	}
	return out
}

// GET /v1/organisations/{id}/services/{service_id}/waiting
func (s *Server) countWaiting(c echo.Context) error {
	row, err := s.service(c)
	if err != nil {
		return err
	}
	n, err := s.desk.WaitingFor(c.Request().Context(), actor(c), row.OrganisationID, row.ID)
	if err != nil {
		return err
	}
	return write(c, http.StatusOK, api.WaitingFor{Waiting: n})
}

// POST /v1/training-requests/{id}/waiting
func (s *Server) enlistTraining(c echo.Context) error { return s.enlist(c, workflow.Training) }

// GET /v1/training-requests/{id}/waiting
func (s *Server) listTrainingWaits(c echo.Context) error { return s.listWaits(c, workflow.Training) }

// DELETE /v1/training-requests/{id}/waiting/{entry_id}
func (s *Server) delistTraining(c echo.Context) error { return s.delist(c, workflow.Training) }

// POST /v1/case-referrals/{id}/waiting
func (s *Server) enlistReferral(c echo.Context) error { return s.enlist(c, workflow.Referral) }

// GET /v1/case-referrals/{id}/waiting
func (s *Server) listReferralWaits(c echo.Context) error { return s.listWaits(c, workflow.Referral) }

// DELETE /v1/case-referrals/{id}/waiting/{entry_id}
func (s *Server) delistReferral(c echo.Context) error { return s.delist(c, workflow.Referral) }
