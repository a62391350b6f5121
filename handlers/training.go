package handlers

import (
	"context"
	"net/http"

	"onward/api"
	"onward/desk"
	"onward/fault"
	"onward/models"
	"onward/workflow"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
)

const trainings = "/v1/training-requests/"

// POST /v1/training-requests
func (s *Server) createTraining(c echo.Context) error {
	in, b, err := read[api.NewTraining](c)
	if err != nil {
		return err
	}
	return s.once(c, b, func(ctx context.Context) (reply, error) {
		t := &models.Training{TrainingFields: models.TrainingFields(in.TrainingFields), Objectives: objectives(in.Objectives)}
		input := workflow.Input{Draft: in.Draft, Faulty: s.check(in)}
		if err := s.desk.CreateTraining(ctx, actor(c), t, input); err != nil {
			return reply{}, err
		}
		return s.trainingAfter(ctx, c, http.StatusCreated, t.ID)
	})
}

// trainingAfter is the reply to a change.
func (s *Server) trainingAfter(ctx context.Context, c echo.Context, status int, id uuid.UUID) (reply, error) {
	v, err := s.desk.TrainingAfter(ctx, actor(c), id)
	if err != nil {
		return reply{}, err
	}
	return answer(status, location(status, trainings+id.String()), v.Row.Version, showTraining(v))
}

// location is told of what was made.
func location(status int, path string) string {
	if status == http.StatusCreated {
		return path
	}
	return ""
}

// GET /v1/training-requests
func (s *Server) listTrainings(c echo.Context) error {
	f, sl, err := s.records(c, workflow.Training)
	if err != nil {
		return err
	}
	list, next, err := s.desk.Trainings(c.Request().Context(), actor(c), f, sl)
	if err != nil {
		return err
	}
	return respondPage(s, c, list, next, showTraining)
}

// GET /v1/training-requests/{id}
func (s *Server) getTraining(c echo.Context) error {
	id, err := s.may(c, workflow.Training, "")
	if err != nil {
		return err
	}
	if known, err := s.unmoved(c, id); known || err != nil {
		return err
	}
	v, err := s.desk.Training(c.Request().Context(), actor(c), id)
	if err != nil {
		return err
	}
	return tell(c, v.Row.Version, showTraining(v))
}

// PATCH /v1/training-requests/{id}
func (s *Server) editTraining(c echo.Context) error {
	id, err := s.may(c, workflow.Training, workflow.Edit)
	if err != nil {
		return err
	}
	p, err := readPatch[api.TrainingPatch](c)
	if err != nil {
		return err
	}
	return s.change(c, id, func(ctx context.Context) error {
		return s.desk.EditTraining(ctx, actor(c), id, mustMatch(c), func(t *models.Training) ([]fault.Field, error) {
			said := api.TrainingPatch{TrainingFields: api.TrainingFields(t.TrainingFields), Objectives: showObjectives(t.Objectives)}
			err := p.apply(&said)
			t.TrainingFields, t.Objectives = models.TrainingFields(said.TrainingFields), objectives(said.Objectives)
			return s.check(said), err
		})
	}, s.trainingAfter)
}

// change answers a PATCH: the change and what is shown of it are one
// transaction.
func (s *Server) change(c echo.Context, id uuid.UUID, do func(context.Context) error, show func(context.Context, echo.Context, int, uuid.UUID) (reply, error)) error {
	var r reply
	err := s.desk.Together(c.Request().Context(), actor(c), func(ctx context.Context) (err error) {
		if err = do(ctx); err == nil {
			r, err = show(ctx, c, http.StatusOK, id)
		}
		return err
	})
	if err != nil {
		return err
	}
	c.Response().Header().Set("ETag", r.ETag)
	return c.Blob(r.Status, mediaJSON, r.Body)
}

// DELETE /v1/training-requests/{id}
func (s *Server) deleteTraining(c echo.Context) error { return s.remove(c, workflow.Training) }

func (s *Server) remove(c echo.Context, flow desk.Flow) error {
	id, err := s.may(c, flow, workflow.Delete)
	if err != nil {
		return err
	}
	if err := s.desk.Delete(c.Request().Context(), actor(c), flow, id, mustMatch(c)); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// POST /v1/training-requests/{id}/transitions
func (s *Server) fireTraining(c echo.Context) error {
	return s.fire(c, workflow.Training, s.trainingAfter)
}

// GET /v1/training-requests/{id}/events
func (s *Server) listTrainingEvents(c echo.Context) error { return s.listEvents(c, workflow.Training) }

// POST /v1/training-requests/{id}/assignments
func (s *Server) offerTraining(c echo.Context) error { return s.offer(c, workflow.Training) }

// GET /v1/training-requests/{id}/assignments
func (s *Server) listTrainingAssignments(c echo.Context) error {
	return s.listAssignmentsOf(c, workflow.Training)
}

func objectives(in []api.Objective) []models.Objective {
	out := make([]models.Objective, len(in))
	for i, o := range in {
		out[i] = models.Objective(o)
	}
	return out
}

func showObjectives(in []models.Objective) []api.Objective {
	out := make([]api.Objective, len(in))
	for i, o := range in {
		out[i] = api.Objective(o)
	}
	return out
}

func showTraining(v desk.View[*models.Training]) api.Training {
	t := v.Row
	out := api.Training{
		Head: head(v.Row.Record, v.OrganisationName), TrainingFields: api.TrainingFields(t.TrainingFields), Objectives: showObjectives(t.Objectives),
		Priority: t.Priority, Outcome: t.Outcome, Tail: tail(v.Actions, v.Thread),
	}
	if t.StartsAt != nil && t.EndsAt != nil {
		out.Schedule = &api.Schedule{StartsAt: t.StartsAt.UTC(), EndsAt: t.EndsAt.UTC(), Mode: t.ScheduledMode, Place: t.Place, Link: t.Link, Sessions: showSessions(t), Sequence: t.CalendarSequence}
	}
	if t.DeliveredOn != nil {
		out.Delivery = &api.Delivery{Participants: t.Participants, DeliveredOn: *t.DeliveredOn}
	}
	if len(t.Levels) > 0 {
		out.Evaluation = &api.Evaluation{Levels: []api.Level{}, Objectives: []api.Result{}}
		for _, l := range t.Levels {
			out.Evaluation.Levels = append(out.Evaluation.Levels, api.Level(l))
		}
		for _, r := range t.Results {
			out.Evaluation.Objectives = append(out.Evaluation.Objectives, api.Result(r))
		}
	}
	return out
}
