package handlers

import (
	"context"
	"net/http"

	"onward/api"
	"onward/desk"
	"onward/models"
	"onward/workflow"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
)

const assignments = "/v1/assignments/"

// offer answers POST …/{id}/assignments.
func (s *Server) offer(c echo.Context, flow desk.Flow) error {
	id, err := s.may(c, flow, workflow.Offer)
	if err != nil {
		return err
	}
	sent, b, err := read[api.NewAssignment](c)
	if err != nil {
		return err
	}
	if err := carried(flow, workflow.Offer, b); err != nil {
		return err
	}
	in := workflow.Input{Organisation: sent.OrganisationID, Service: sent.Service, Message: sent.Message, Faulty: s.check(sent)}
	if sent.RespondBy != nil {
		in.RespondBy = *sent.RespondBy
	}
	return s.once(c, b, func(ctx context.Context) (reply, error) {
		made, err := s.desk.Offer(ctx, actor(c), flow, id, mayMatch(c), in)
		if err != nil {
			return reply{}, err
		}
		return s.assignmentAfter(ctx, c, http.StatusCreated, made)
	})
}

func (s *Server) assignmentAfter(ctx context.Context, c echo.Context, status int, id uuid.UUID) (reply, error) {
	v, err := s.desk.AssignmentAfter(ctx, actor(c), id)
	if err != nil {
		return reply{}, err
	}
	return answer(status, location(status, assignments+id.String()), v.Row.Version, showAssignment(v))
}

// listAssignmentsOf answers GET …/{id}/assignments.
func (s *Server) listAssignmentsOf(c echo.Context, flow desk.Flow) error {
	of := func(ctx context.Context, a models.Actor, _ desk.Flow, id uuid.UUID, sl models.Slice) ([]desk.AssignmentView, *models.Position, error) {
		return s.desk.Assignments(ctx, a, models.Filter{Request: id}, sl)
	}
	return listOf(s, c, flow, workflow.Offer, "created_at", of, showAssignment)
}

// GET /v1/assignments
func (s *Server) listAssignments(c echo.Context) error {
	f, sl, err := s.assignmentFilter(c)
	if err != nil {
		return err
	}
	list, next, err := s.desk.Assignments(c.Request().Context(), actor(c), f, sl)
	if err != nil {
		return err
	}
	return respondPage(s, c, list, next, showAssignment)
}

// GET /v1/assignments/{id}
func (s *Server) getAssignment(c echo.Context) error {
	id, err := s.mayAssignment(c)
	if err != nil {
		return err
	}
	if known, err := s.unmoved(c, id); known || err != nil {
		return err
	}
	v, err := s.desk.Assignment(c.Request().Context(), actor(c), id)
	if err != nil {
		return err
	}
	return tell(c, v.Row.Version, showAssignment(v))
}

func (s *Server) mayAssignment(c echo.Context) (uuid.UUID, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return id, err
	}
	if err := s.desk.SeeAssignment(c.Request().Context(), actor(c), id); err != nil {
		return id, err
	}
	return id, unasked(c)
}

// POST /v1/assignments/{id}/transitions
func (s *Server) fireAssignment(c echo.Context) error {
	id, err := s.mayAssignment(c)
	if err != nil {
		return err
	}
	do, in, b, err := s.readTransition(c, workflow.Assignment)
	if err != nil {
		return err
	}
	return s.once(c, b, func(ctx context.Context) (reply, error) {
		if err := s.desk.FireAssignment(ctx, actor(c), id, mustMatch(c), do, in); err != nil {
			return reply{}, err
		}
		return s.assignmentAfter(ctx, c, http.StatusOK, id)
	}, func(ctx context.Context, kept *reply) error { return s.assignmentNow(ctx, c, kept, id) })
}

// assignmentNow takes off a kept reply what an assignment says of its request,
// once the caller's sight of that has ended.
func (s *Server) assignmentNow(ctx context.Context, c echo.Context, kept *reply, id uuid.UUID) error {
	v, err := s.desk.AssignmentAfter(ctx, actor(c), id)
	if err != nil || v.Sight.SeesPart(workflow.Summary) {
		return err
	}
	var x api.Assignment
	if err := json.Unmarshal(kept.Body, &x, writing); err != nil {
		return err
	}
	x.Request = showSummary(v)
	kept.Body, err = json.Marshal(x, writing)
	return err
}

func showAssignment(v desk.AssignmentView) api.Assignment {
	x := v.Row
	out := api.Assignment{
		ID: x.ID.String(), State: string(x.State), Version: x.Version, Kind: x.Kind, Request: showSummary(v),
		Organisation: api.Link{ID: x.OrganisationID.String(), Name: v.OrganisationName}, Service: x.Service,
		RespondBy: x.RespondBy.UTC(), Outcome: x.Outcome, CreatedAt: x.CreatedAt.UTC(), UpdatedAt: x.UpdatedAt.UTC(),
		DueAt: utc(x.DueAt()), AcceptedAt: utc(x.AcceptedAt), EndedAt: utc(x.EndedAt), Reason: x.Reason, Tail: tail(v.Actions, v.Thread),
	}
	if v.Sight.Shows("message") {
		out.Message = x.Message
	}
	return out
}

// showSummary is what an assignment says of its request, by need to know.
func showSummary(v desk.AssignmentView) api.RequestSummary {
	h := v.Request.Head()
	out := api.RequestSummary{ID: h.ID.String(), Reference: h.Reference}
	if v.Sight.SeesPart(workflow.Summary) { // whose part is over is told no more of its course
		out.State = string(h.State)
	}
	switch r := v.Request.(type) {
	case *models.Training:
		out.Title, out.Topics, out.Audiences, out.Country, out.Subdivision, out.Languages = r.Title, r.Topics, r.Audiences, r.Country, r.Subdivision, r.Languages
	case *models.Referral:
		out.Country, out.Subdivision, out.AgeBand, out.Languages, out.Urgency, out.Summary = r.Country, r.Subdivision, r.AgeBand, r.Languages, r.Urgency, r.Summary
		blank(&out, v.Sight)
	}
	return out
}
