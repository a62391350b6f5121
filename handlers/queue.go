package handlers

import (
	"context"
	"net/http"

	"onward/api"
	"onward/models"
	"onward/workflow"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
)

// GET /v1/queue
func (s *Server) listQueue(c echo.Context) error {
	p := query(c)
	f := models.Filter{
		Kind: p.code("kind", workflow.Training.Name, workflow.Referral.Name), Desk: id(p, "desk"), Urgency: p.code("urgency", workflow.Codes("urgency")...),
		Country: p.country("country"), DueBefore: p.time("due_before"), Overdue: p.boolean("overdue"),
	}
	sl := s.slice(p, "due_at")
	return list(s, c, p, func(ctx context.Context, a models.Actor) ([]models.Waiting, *models.Position, error) {
		return s.desk.Queue(ctx, a, f, sl)
	}, showWaiting)
}

// POST /v1/queue/next
func (s *Server) takeNext(c echo.Context) error {
	in, b, err := readOptional[api.TakeNext](c)
	if err != nil {
		return err
	}
	return s.once(c, b, func(ctx context.Context) (reply, error) {
		if err := refuse(s.check(in)); err != nil {
			return reply{}, err
		}
		at, _ := uuid.Parse(in.Desk) // "" where it was not sent; check refuses what isn't an id
		w, ok, err := s.desk.TakeNext(ctx, actor(c), models.Filter{Kind: in.Kind, Desk: at, Urgency: in.Urgency, Country: in.Country})
		if err != nil || !ok {
			return reply{Status: http.StatusNoContent}, err
		}
		return answer(http.StatusOK, pathOf(w.Kind)+w.ID.String(), w.Version, showWaiting(w))
	})
}

func pathOf(kind string) string {
	if kind == workflow.Training.Name {
		return trainings
	}
	return referrals
}

func showWaiting(w models.Waiting) api.QueueItem {
	return api.QueueItem{
		Kind: w.Kind, ID: w.ID.String(), Reference: w.Reference, State: string(w.State), Version: w.Version, Desk: w.DeskID.String(),
		Urgency: w.Urgency, Title: w.Title, Country: w.Country, DueAt: utc(w.DueAt), Overdue: w.Overdue, CreatedAt: w.CreatedAt.UTC(),
	}
}
