package handlers

import (
	"context"
	"net/http"

	"onward/api"
	"onward/fault"
	"onward/models"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
)

const queueFilters = "/v1/queue/filters/"

// POST /v1/queue/filters
func (s *Server) createQueueFilter(c echo.Context) error {
	in, b, err := read[api.NewQueueFilter](c)
	if err != nil {
		return err
	}
	return s.once(c, b, func(ctx context.Context) (reply, error) {
		if err := refuse(s.check(in)); err != nil {
			return reply{}, err
		}
		row := models.QueueFilter{QueueFilterFields: models.QueueFilterFields(in.QueueFilterFields), DeskID: optionalID(in.Desk)}
		if err := s.desk.AddQueueFilter(ctx, actor(c), &row); err != nil {
			return reply{}, err
		}
		return answer(http.StatusCreated, queueFilters+row.ID.String(), row.Version, showQueueFilter(row))
	})
}

// GET /v1/queue/filters
func (s *Server) listQueueFilters(c echo.Context) error {
	p := query(c)
	sl := s.slice(p, "created_at")
	return list(s, c, p, func(ctx context.Context, a models.Actor) ([]models.QueueFilter, *models.Position, error) {
		return s.desk.QueueFilters(ctx, a, sl)
	}, showQueueFilter)
}

// GET /v1/queue/filters/{id}
func (s *Server) getQueueFilter(c echo.Context) error {
	row, err := inPath(c, s.desk.QueueFilter)
	if err != nil {
		return err
	}
	return respond(c, row.Version, showQueueFilter(row))
}

// PATCH /v1/queue/filters/{id}
func (s *Server) editQueueFilter(c echo.Context) error {
	row, err := inPath(c, s.desk.OwnQueueFilter)
	if err != nil {
		return err
	}
	p, err := readPatch[api.NewQueueFilter](c)
	if err != nil {
		return err
	}
	row, err = s.desk.EditQueueFilter(c.Request().Context(), actor(c), row.ID, mustMatch(c), func(q *models.QueueFilter) error {
		said := api.NewQueueFilter{QueueFilterFields: api.QueueFilterFields(q.QueueFilterFields), Desk: textOf(q.DeskID)}
		if err := p.apply(&said); err != nil {
			return err
		}
		q.QueueFilterFields, q.DeskID = models.QueueFilterFields(said.QueueFilterFields), optionalID(said.Desk)
		return refuse(s.check(said))
	})
	if err != nil {
		return err
	}
	return tell(c, row.Version, showQueueFilter(row))
}

// DELETE /v1/queue/filters/{id}
func (s *Server) deleteQueueFilter(c echo.Context) error {
	row, err := inPath(c, s.desk.OwnQueueFilter)
	if err != nil {
		return err
	}
	if err := s.desk.DeleteQueueFilter(c.Request().Context(), actor(c), row.ID, mustMatch(c)); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

const codeUnknownFilter fault.Code = "unknown_filter"

const noSuchFilter = "There is no such filter, or it is not yours to use."

// under lays what was asked for over a saved filter, where one is named.
// Unknown: there is none for this caller.
func (s *Server) under(ctx context.Context, c echo.Context, saved uuid.UUID, f models.Filter) (_ models.Filter, known bool, err error) {
	if saved == uuid.Nil {
		return f, true, nil
	}
	row, err := s.desk.QueueFilter(ctx, actor(c), saved)
	if fault.Is(err, fault.CodeNotFound) {
		return f, false, nil
	}
	return row.Under(f), err == nil, err
}

func showQueueFilter(q models.QueueFilter) api.QueueFilter {
	return api.QueueFilter{
		ID: q.ID.String(), Version: q.Version, Owner: q.OwnerID.String(), QueueFilterFields: api.QueueFilterFields(q.QueueFilterFields),
		Desk: textOf(q.DeskID), CreatedAt: q.CreatedAt.UTC(), UpdatedAt: q.UpdatedAt.UTC(),
	}
}
