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

// planOffers answers POST …/{id}/offers.
func (s *Server) planOffers(c echo.Context, flow desk.Flow) error {
	id, err := s.may(c, flow, workflow.PlanOffers)
	if err != nil {
		return err
	}
	sent, b, err := read[api.NewPlan](c)
	if err != nil {
		return err
	}
	if err := carried(flow, workflow.PlanOffers, b); err != nil {
		return err
	}
	return s.once(c, b, func(ctx context.Context) (reply, error) {
		v, err := s.desk.PlanOffers(ctx, actor(c), flow, id, mayMatch(c), s.planned(sent))
		if err != nil {
			return reply{}, err
		}
		return answer(http.StatusCreated, c.Request().URL.Path, v.Version, showPlan(v))
	})
}

func (s *Server) planned(sent api.NewPlan) workflow.Input {
	sent.Organisations = canonicals(sent.Organisations) // or one could be named twice
	in := workflow.Input{
		Organisations: sent.Organisations, Service: sent.Service, Message: sent.Message, Broadcast: sent.Broadcast, Faulty: s.check(sent),
	}
	if sent.RespondWithinHours != nil {
		in.RespondWithin = *sent.RespondWithinHours
	}
	return in
}

// listPlans answers GET …/{id}/offers.
func (s *Server) listPlans(c echo.Context, flow desk.Flow) error {
	return listOf(s, c, flow, workflow.PlanOffers, "created_at", s.desk.Plans, showPlan)
}

// cancelPlan answers DELETE …/{id}/offers/{plan_id}.
func (s *Server) cancelPlan(c echo.Context, flow desk.Flow) error {
	return endOf(c, flow, workflow.CancelPlan, "plan_id", s.desk.MayPlan, s.desk.CancelPlan)
}

func showPlan(v desk.PlanView) api.Plan {
	out := api.Plan{
		ID: v.ID.String(), Version: v.Version, State: string(v.State), Reason: v.Reason, Service: v.Service, Broadcast: v.Broadcast,
		MadeBy: v.MadeBy.String(), CreatedAt: v.CreatedAt.UTC(), UpdatedAt: v.UpdatedAt.UTC(), EndedAt: utc(v.EndedAt),
	}
	if v.RespondWithin != nil {
		out.RespondWithinHours = *v.RespondWithin
	}
	for _, step := range v.Steps {
		out.Steps = append(out.Steps, showStep(v, step))
	}
	return out
}

func showStep(v desk.PlanView, step models.PlanStep) api.PlanStep {
	return api.PlanStep{
		Position: step.Position, Organisation: api.Link{ID: step.OrganisationID.String(), Name: v.Names[step.OrganisationID]}, State: v.Fate(step),
		AssignmentID: nullable(textOf(step.AssignmentID)), Reason: nullable(step.Reason),
	}
}

// POST /v1/training-requests/{id}/offers
func (s *Server) planTrainingOffers(c echo.Context) error { return s.planOffers(c, workflow.Training) }

// GET /v1/training-requests/{id}/offers
func (s *Server) listTrainingPlans(c echo.Context) error { return s.listPlans(c, workflow.Training) }

// DELETE /v1/training-requests/{id}/offers/{plan_id}
func (s *Server) cancelTrainingPlan(c echo.Context) error { return s.cancelPlan(c, workflow.Training) }

// POST /v1/case-referrals/{id}/offers
func (s *Server) planReferralOffers(c echo.Context) error { return s.planOffers(c, workflow.Referral) }

// GET /v1/case-referrals/{id}/offers
func (s *Server) listReferralPlans(c echo.Context) error { return s.listPlans(c, workflow.Referral) }

// DELETE /v1/case-referrals/{id}/offers/{plan_id}
func (s *Server) cancelReferralPlan(c echo.Context) error { return s.cancelPlan(c, workflow.Referral) }
