package handlers

import (
	"context"
	"net/http"
	"slices"

	"onward/api"
	"onward/desk"
	"onward/fault"
	"onward/models"

	"github.com/labstack/echo/v4"
)

// POST /v1/organisations/{id}/services
func (s *Server) createService(c echo.Context) error {
	of, err := inPath(c, s.desk.GetOrganisation)
	if err != nil {
		return err
	}
	in, b, err := read[api.NewService](c)
	if err != nil {
		return err
	}
	return s.once(c, b, func(ctx context.Context) (reply, error) {
		if err := refuse(s.checkService(in)); err != nil {
			return reply{}, err
		}
		row := models.Service{OrganisationID: of.ID}
		setService(&row, in)
		if err := s.desk.AddService(ctx, actor(c), &row); err != nil {
			return reply{}, err
		}
		return answer(http.StatusCreated, servicePath(row), row.Version, s.showService(c, row))
	})
}

// checkService adds what no tag can say: a kind is a code of either of two
// vocabularies.
func (s *Server) checkService(in api.NewService) []fault.Field {
	faulty := s.check(in)
	if in.Kind != "" && !slices.Contains(desk.ServiceKinds(), in.Kind) {
		faulty = append(faulty, fault.Field{Pointer: "/kind", Code: "unknown_code", Detail: "This must be a code of the vocabulary services, or of topics."})
	}
	return faulty
}

func setService(row *models.Service, in api.NewService) (confirms bool) {
	confirms = row.CapacityAvailable != in.Capacity.Available || row.CapacityMaximum != in.Capacity.Maximum
	row.ServiceFields = models.ServiceFields(in.ServiceFields)
	row.CapacityAvailable, row.CapacityMaximum = in.Capacity.Available, in.Capacity.Maximum
	return confirms
}

func servicePath(row models.Service) string {
	return organisations + row.OrganisationID.String() + "/services/" + row.ID.String()
}

// GET /v1/organisations/{id}/services
func (s *Server) listServices(c echo.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	if _, err := s.desk.GetOrganisation(c.Request().Context(), actor(c), id); err != nil {
		return err // before what is wrong with the query (docs/contract.md, rule 12)
	}
	p := query(c)
	sl := s.slice(p, "created_at")
	return list(s, c, p, func(ctx context.Context, a models.Actor) ([]models.Service, *models.Position, error) {
		return s.desk.Services(ctx, a, id, sl)
	}, func(row models.Service) api.Service { return s.showService(c, row) })
}

// GET /v1/organisations/{id}/services/{service_id}
func (s *Server) getService(c echo.Context) error {
	row, err := s.service(c)
	if err != nil {
		return err
	}
	if shown := s.showService(c, row); shown.Capacity == nil {
		return digested(c, shown) // a version would tell what is not shown
	}
	return respond(c, row.Version, s.showService(c, row))
}

// service reads the one in the path.
func (s *Server) service(c echo.Context) (models.Service, error) {
	of, err := pathID(c, "id")
	if err != nil {
		return models.Service{}, err
	}
	id, err := pathID(c, "service_id")
	if err != nil {
		return models.Service{}, err
	}
	row, err := s.desk.Service(c.Request().Context(), actor(c), of, id)
	if err != nil {
		return row, err
	}
	return row, unasked(c)
}

// PATCH /v1/organisations/{id}/services/{service_id}
func (s *Server) editService(c echo.Context) error {
	row, err := s.service(c)
	if err != nil {
		return err
	}
	p, err := readPatch[api.NewService](c)
	if err != nil {
		return err
	}
	row, err = s.desk.EditService(c.Request().Context(), actor(c), row.OrganisationID, row.ID, mustMatch(c), func(row *models.Service) (bool, error) {
		said := api.NewService{ServiceFields: api.ServiceFields(row.ServiceFields), Capacity: showCapacity(*row)}
		if err := p.apply(&said); err != nil {
			return false, err
		}
		return setService(row, said) || p.has("capacity"), refuse(s.checkService(said))
	})
	if err != nil {
		return err
	}
	return tell(c, row.Version, s.showService(c, row))
}

// PUT /v1/organisations/{id}/services/{service_id}/capacity
func (s *Server) setCapacity(c echo.Context) error {
	row, err := s.service(c)
	if err != nil {
		return err
	}
	if err := desk.MaySetCapacity(actor(c), row); err != nil {
		return err
	}
	in, _, err := read[api.NewCapacity](c)
	if err != nil {
		return err
	}
	row, err = s.desk.EditService(c.Request().Context(), actor(c), row.OrganisationID, row.ID, mayMatch(c), func(row *models.Service) (confirms bool, err error) {
		if err := refuse(s.check(in)); err != nil {
			return false, err
		}
		row.CapacityAvailable, row.CapacityMaximum = *in.Available, *in.Maximum
		return true, nil
	})
	if err != nil {
		return err
	}
	return tell(c, row.Version, s.showService(c, row))
}

// DELETE /v1/organisations/{id}/services/{service_id} makes it defunct; what
// was assigned to it stays.
func (s *Server) deleteService(c echo.Context) error {
	row, err := s.service(c)
	if err != nil {
		return err
	}
	_, err = s.desk.EditService(c.Request().Context(), actor(c), row.OrganisationID, row.ID, mustMatch(c), func(row *models.Service) (bool, error) {
		row.Status = "defunct"
		return false, nil
	})
	if err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func showCapacity(row models.Service) api.Capacity {
	return api.Capacity{Available: row.CapacityAvailable, Maximum: row.CapacityMaximum}
}

// showService tells how many places there are, and what changes with them, to
// those alone who may say so: each acceptance takes a place, and who watches
// would see that somebody was referred, and to whom.
func (s *Server) showService(c echo.Context, row models.Service) api.Service {
	out := api.Service{
		ID: row.ID.String(), OrganisationID: row.OrganisationID.String(), ServiceFields: api.ServiceFields(row.ServiceFields), CreatedAt: row.CreatedAt.UTC(),
	}
	if desk.MaySetCapacity(actor(c), row) == nil {
		capacity, uncertain := showCapacity(row), s.desk.Uncertain(row)
		out.Version, out.Capacity, out.CapacityUncertain = row.Version, &capacity, &uncertain
		out.CapacityUpdated, out.UpdatedAt = utc(&row.CapacityUpdated), utc(&row.UpdatedAt)
	}
	return out
}
