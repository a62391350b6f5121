package handlers

import (
	"context"
	"net/http"
	"reflect"
	"strings"
	"time"

	"onward/api"
	"onward/desk"
	"onward/models"
	"onward/workflow"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
)

// respond answers the GET of one record: 304 to who has this version already.
func respond(c echo.Context, version int, v any) error {
	if notModified(c, version) {
		return known(c, version)
	}
	return tell(c, version, v)
}

func known(c echo.Context, version int) error {
	setETag(c, version)
	return c.NoContent(http.StatusNotModified)
}

func tell(c echo.Context, version int, v any) error {
	setETag(c, version)
	return write(c, http.StatusOK, v)
}

// unmoved answers 304 to who has read a request or an assignment in this
// version, before anything of it is read. Its reply also follows what moves and
// comes due around it: where any did since that version, it does not answer.
func (s *Server) unmoved(c echo.Context, id uuid.UUID) (answered bool, err error) {
	if c.Request().Header.Get("If-None-Match") == "" {
		return false, nil
	}
	version, err := s.desk.Unmoved(c.Request().Context(), actor(c), id)
	if err != nil || version == 0 || !notModified(c, version) {
		return false, err
	}
	return true, known(c, version)
}

// finding is a use case that reads one thing by its id.
type finding[R any] func(context.Context, models.Actor, uuid.UUID) (R, error)

// inPath reads the one that the path names; then no parameter must be there.
//
// Errors: not_found, malformed.
func inPath[R any](c echo.Context, find finding[R]) (row R, err error) {
	id, err := pathID(c, "id")
	if err != nil {
		return row, err
	}
	if row, err = find(c.Request().Context(), actor(c), id); err != nil {
		return row, err
	}
	return row, unasked(c)
}

// listing is a use case that reads one page of a list.
type listing[R any] func(context.Context, models.Actor) ([]R, *models.Position, error)

// list answers the GET of a list, after its parameters were read.
//
// Errors: malformed.
func list[R, T any](s *Server, c echo.Context, p *params, find listing[R], show func(R) T) error {
	if err := p.done(); err != nil {
		return err
	}
	rows, next, err := find(c.Request().Context(), actor(c))
	if err != nil {
		return err
	}
	return respondPage(s, c, rows, next, show)
}

// respondPage answers with one page of a list, each row shown.
func respondPage[R, T any](s *Server, c echo.Context, rows []R, next *models.Position, show func(R) T) error {
	items := make([]T, len(rows))
	for i, r := range rows {
		items[i] = show(r)
	}
	if next == nil {
		return writePage(c, items, "")
	}
	cursor, err := s.cursors.after(c.Request().URL, position{Keys: []string{next.Key}, ID: next.ID})
	if err != nil {
		return err
	}
	return writePage(c, items, cursor)
}

func head(r models.Record, organisation string) api.Head {
	return api.Head{
		ID: r.ID.String(), Reference: r.Reference, State: string(r.State), Version: r.Version, Desk: r.DeskID.String(),
		Owner: r.OwnerID.String(), Organisation: &api.Link{ID: r.OrganisationID.String(), Name: organisation},
		CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(), DueAt: utc(r.DueAt), Reason: r.Reason,
	}
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}

func optionalText(id *uuid.UUID) *string {
	if id == nil {
		return nil
	}
	text := id.String()
	return &text
}

func tail(actions []workflow.Available, thread []models.Said) api.Tail {
	out := api.Tail{Actions: make([]api.Action, len(actions))}
	for i, a := range actions {
		out.Actions[i] = api.Action{Action: string(a.Action), To: string(a.To), Needs: a.Needs}
		if a.BlockedBy != "" {
			code := string(a.BlockedBy)
			out.Actions[i].BlockedBy = &code
		}
	}
	for _, t := range thread {
		out.Thread = append(out.Thread, api.Text{Action: string(t.Action), Member: t.Member, Text: t.Text, By: t.ActorRole, At: t.At.UTC()})
	}
	return out
}

// blank empties the members that a sight does not show. It fails closed: a
// member that the table of needs to know doesn't name is emptied.
func blank(v any, sight workflow.Sight) {
	blankStruct(reflect.ValueOf(v).Elem(), sight)
}

func blankStruct(v reflect.Value, sight workflow.Sight) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if field.Anonymous {
			blankStruct(v.Field(i), sight)
			continue
		}
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); !sight.Shows(name) {
			v.Field(i).SetZero()
		}
	}
}

// listOf answers the GET of a list that belongs to a request. Who may read it
// is whoever may do an action, which is asked before what is wrong with the
// query (docs/contract.md, rule 12).
func listOf[R, T any](
	s *Server, c echo.Context, flow desk.Flow, do workflow.Action, order string,
	find func(context.Context, models.Actor, desk.Flow, uuid.UUID, models.Slice) ([]R, *models.Position, error), show func(R) T,
) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	if err := s.desk.May(c.Request().Context(), actor(c), flow, id, do); err != nil {
		return err
	}
	p := query(c)
	sl := s.slice(p, order)
	return list(s, c, p, func(ctx context.Context, a models.Actor) ([]R, *models.Position, error) {
		return find(ctx, a, flow, id, sl)
	}, show)
}

// endOf answers the DELETE of what belongs to a request and has a version of
// its own.
func endOf(
	c echo.Context, flow desk.Flow, do workflow.Action, name string,
	may func(context.Context, models.Actor, desk.Flow, uuid.UUID, uuid.UUID) error,
	end func(context.Context, models.Actor, desk.Flow, uuid.UUID, uuid.UUID, desk.Precondition) error,
) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	of, err := pathID(c, name)
	if err != nil {
		return err
	}
	act(c, flow, do)
	if err := may(c.Request().Context(), actor(c), flow, id, of); err != nil {
		return err
	}
	if err := unasked(c); err != nil {
		return err
	}
	if err := end(c.Request().Context(), actor(c), flow, id, of, mustMatch(c)); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// nullable is a value, or null where it is the zero one.
func nullable[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
