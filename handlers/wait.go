package handlers

import (
	"context"
	"net/http"

	"onward/api"
	"onward/desk"
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
	return listOf(s, c, flow, workflow.Enlist, "since", s.desk.Waits, showWait)
}

// delist answers DELETE …/{id}/waiting/{entry_id}.
func (s *Server) delist(c echo.Context, flow desk.Flow) error {
	return endOf(c, flow, workflow.Delist, "entry_id", s.desk.MayWait, s.desk.Delist)
}

func showWait(v desk.WaitView) api.Wait {
	return api.Wait{
		ID: v.ID.String(), Version: v.Version, State: string(v.State), Organisation: api.Link{ID: v.OrganisationID.String(), Name: v.OrganisationName},
		Service: v.Service, Position: nullable(v.Position), Since: v.Since.UTC(), AssignmentID: nullable(textOf(v.AssignmentID)), Reason: nullable(v.Reason),
		MadeBy: v.MadeBy.String(), UpdatedAt: v.UpdatedAt.UTC(), EndedAt: utc(v.EndedAt),
	}
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
