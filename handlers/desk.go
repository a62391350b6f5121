package handlers

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"onward/api"
	"onward/fault"
	"onward/models"

	"github.com/labstack/echo/v4"
)

const (
	desks     = "/v1/desks/"
	retention = 24 // months, unless the desk says
)

// network refuses an admin of one desk what is the network's.
func network(c echo.Context) error {
	if actor(c).Network() {
		return nil
	}
	return fault.New(fault.Forbidden, fault.CodeWrongRole, "Only an admin of the network has this function.")
}

// POST /v1/desks
func (s *Server) createDesk(c echo.Context) error {
	if err := network(c); err != nil {
		return err
	}
	in, b, err := read[api.NewDesk](c)
	if err != nil {
		return err
	}
	in.Active = in.Active || !b.has("active")
	if !b.has("retention_months") {
		in.RetentionMonths = retention
	}
	return s.once(c, b, func(ctx context.Context) (reply, error) {
		if err := refuse(s.check(in)); err != nil {
			return reply{}, err
		}
		row := models.Desk{}
		setDesk(&row, in)
		if err := s.desk.AddDesk(ctx, actor(c), &row); err != nil {
			return reply{}, err
		}
		return answer(http.StatusCreated, desks+row.ID.String(), row.Version, showDesk(row))
	})
}

// GET /v1/desks
func (s *Server) listDesks(c echo.Context) error {
	p := query(c)
	sl := s.slice(p, "created_at")
	return list(s, c, p, func(ctx context.Context, a models.Actor) ([]models.Desk, *models.Position, error) {
		return s.desk.Desks(ctx, a, sl)
	}, showDesk)
}

// GET /v1/desks/{id}
func (s *Server) getDesk(c echo.Context) error {
	row, err := inPath(c, s.desk.GetDesk)
	if err != nil {
		return err
	}
	return respond(c, row.Version, showDesk(row))
}

// PATCH /v1/desks/{id}
func (s *Server) editDesk(c echo.Context) error {
	row, err := inPath(c, s.desk.GetDesk)
	if err != nil {
		return err
	}
	p, err := s.readDeskPatch(c, row)
	if err != nil {
		return err
	}
	row, err = s.desk.EditDesk(c.Request().Context(), actor(c), row.ID, mustMatch(c), func(d *models.Desk) error {
		said := api.NewDesk{DeskFields: api.DeskFields(d.DeskFields), Holidays: showHolidays(d.Holidays)}
		if err := p.apply(&said); err != nil {
			return err
		}
		setDesk(d, said)
		return refuse(s.check(said))
	})
	if err != nil {
		return err
	}
	return tell(c, row.Version, showDesk(row))
}

// ownDesk are the members that an admin of a desk may change of its own.
var ownDesk = []string{"languages", "working_days", "holidays"}

// readDeskPatch refuses an admin of a desk all that is the network's: another
// desk, and the members that say what comes to this one and how long it is kept.
func (s *Server) readDeskPatch(c echo.Context, row models.Desk) (p patch[api.NewDesk], err error) {
	if !actor(c).Administers(row.ID) {
		return p, network(c)
	}
	if p, err = readPatch[api.NewDesk](c); err != nil {
		return p, err
	}
	for _, name := range p.members {
		if !slices.Contains(ownDesk, name) && !actor(c).Network() {
			return p, fault.New(fault.Forbidden, fault.CodeWrongRole, "An admin of a desk changes its "+strings.Join(ownDesk, ", ")+", and nothing else of it.")
		}
	}
	return p, nil
}

// DELETE /v1/desks/{id} closes it; what it did stays.
func (s *Server) deleteDesk(c echo.Context) error {
	row, err := inPath(c, s.desk.GetDesk)
	if err != nil {
		return err
	}
	if err := network(c); err != nil {
		return err
	}
	_, err = s.desk.EditDesk(c.Request().Context(), actor(c), row.ID, mustMatch(c), func(d *models.Desk) error {
		d.Active = false
		return nil
	})
	if err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func setDesk(row *models.Desk, in api.NewDesk) {
	row.DeskFields, row.Holidays = models.DeskFields(in.DeskFields), make([]models.Holiday, len(in.Holidays))
	for i, h := range in.Holidays {
		row.Holidays[i] = models.Holiday(h)
	}
}

func showHolidays(in []models.Holiday) []api.Holiday {
	out := make([]api.Holiday, len(in))
	for i, h := range in {
		out[i] = api.Holiday(h)
	}
	return out
}

func showDesk(d models.Desk) api.Desk {
	return api.Desk{
		ID: d.ID.String(), Version: d.Version, DeskFields: api.DeskFields(d.DeskFields), Holidays: showHolidays(d.Holidays),
		CreatedAt: d.CreatedAt.UTC(), UpdatedAt: d.UpdatedAt.UTC(),
	}
}
