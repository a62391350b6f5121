package handlers

import (
	"context"
	"net/http"

	"onward/api"
	"onward/fault"
	"onward/models"
	"onward/workflow"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
)

// GET /v1/queue
func (s *Server) listQueue(c echo.Context) error {
	p := query(c)
	f, err := s.ofQueue(c, p)
	if err != nil {
		return err
	}
	sl := s.slice(p, "due_at")
	return list(s, c, p, func(ctx context.Context, a models.Actor) ([]models.QueueItem, *models.Position, error) {
		return s.desk.Queue(ctx, a, f, sl)
	}, showQueueItem)
}

// ofQueue reads the filters of the queue, those of a saved one under those that
// were sent.
func (s *Server) ofQueue(c echo.Context, p *params) (models.Filter, error) {
	f := models.Filter{
		Kind: p.code("kind", workflow.Training.Name, workflow.Referral.Name), Desk: id(p, "desk"), Urgency: p.code("urgency", workflow.Codes("urgency")...),
		Country: p.country("country"), DueBefore: p.time("due_before"), Overdue: p.boolean("overdue"),
	}
	f, known, err := s.under(c.Request().Context(), c, id(p, "filter"), f)
	if !known {
		p.refuse("filter", codeUnknownFilter, noSuchFilter)
	}
	return f, err
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
		f, err := s.wanted(ctx, c, in)
		if err != nil {
			return reply{}, err
		}
		w, ok, err := s.desk.TakeNext(ctx, actor(c), f)
		if err != nil || !ok {
			return reply{Status: http.StatusNoContent}, err
		}
		return answer(http.StatusOK, pathOf(w.Kind)+w.ID.String(), w.Version, showQueueItem(w))
	})
}

// wanted is what to choose the next one from. Errors: invalid (unknown_filter).
func (s *Server) wanted(ctx context.Context, c echo.Context, in api.TakeNext) (models.Filter, error) {
	at, _ := uuid.Parse(in.Desk) // "" where it was not sent; check refuses what isn't an id
	saved, _ := uuid.Parse(in.Filter)
	f, known, err := s.under(ctx, c, saved, models.Filter{Kind: in.Kind, Desk: at, Urgency: in.Urgency, Country: in.Country})
	if err == nil && !known {
		err = fault.Values(fault.Field{Pointer: "/filter", Code: codeUnknownFilter, Detail: noSuchFilter})
	}
	return f, err
}

func pathOf(kind string) string {
	if kind == workflow.Training.Name {
		return trainings
	}
	return referrals
}

func showQueueItem(w models.QueueItem) api.QueueItem {
	return api.QueueItem{
		Kind: w.Kind, ID: w.ID.String(), Reference: w.Reference, State: string(w.State), Version: w.Version, Desk: w.DeskID.String(),
		Urgency: w.Urgency, Title: w.Title, Country: w.Country, DueAt: utc(w.DueAt), Overdue: w.Overdue, CreatedAt: w.CreatedAt.UTC(),
	}
}
