package handlers

import (
	"context"
	"net/http"

	"onward/api"
	"onward/fault"
	"onward/models"
	"onward/workflow"

	"github.com/labstack/echo/v4"
)

const organisations = "/v1/organisations/"

// POST /v1/organisations
func (s *Server) createOrganisation(c echo.Context) error {
	in, b, err := read[api.OrganisationFields](c)
	if err != nil {
		return err
	}
	in.Active = in.Active || !b.has("active")
	return s.once(c, b, func(ctx context.Context) (reply, error) {
		if err := refuse(s.check(in)); err != nil {
			return reply{}, err
		}
		row := models.Organisation{OrganisationFields: models.OrganisationFields(in)}
		if err := s.desk.AddOrganisation(ctx, actor(c), &row); err != nil {
			return reply{}, err
		}
		return answer(http.StatusCreated, organisations+row.ID.String(), row.Version, showOrganisation(row))
	})
}

// refuse makes a fault of the fields that can't be as they are, if any.
func refuse(faulty []fault.Field) error {
	if len(faulty) == 0 {
		return nil
	}
	return fault.Values(faulty...)
}

// GET /v1/organisations
func (s *Server) listOrganisations(c echo.Context) error {
	p := query(c)
	f := models.OrganisationFilter{Text: p.search(100), Type: p.code("type", workflow.Codes("organisation_type")...), Active: p.boolean("active")}
	sl := s.slice(p, "created_at")
	return list(s, c, p, func(ctx context.Context, a models.Actor) ([]models.Organisation, *models.Position, error) {
		return s.desk.Organisations(ctx, a, f, sl)
	}, showOrganisation)
}

// GET /v1/organisations/{id}
func (s *Server) getOrganisation(c echo.Context) error {
	row, err := inPath(c, s.desk.GetOrganisation)
	if err != nil {
		return err
	}
	return respond(c, row.Version, showOrganisation(row))
}

// PATCH /v1/organisations/{id}
func (s *Server) editOrganisation(c echo.Context) error {
	row, err := inPath(c, s.desk.GetOrganisation)
	if err != nil {
		return err
	}
	p, err := readPatch[api.OrganisationFields](c)
	if err != nil {
		return err
	}
	row, err = s.desk.EditOrganisation(c.Request().Context(), actor(c), row.ID, mustMatch(c), func(o *models.Organisation) error {
		said := api.OrganisationFields(o.OrganisationFields)
		if err := p.apply(&said); err != nil {
			return err
		}
		o.OrganisationFields = models.OrganisationFields(said)
		return refuse(s.check(said))
	})
	if err != nil {
		return err
	}
	return tell(c, row.Version, showOrganisation(row))
}

// DELETE /v1/organisations/{id} ends its part in the network; what it did stays.
func (s *Server) deleteOrganisation(c echo.Context) error {
	row, err := inPath(c, s.desk.GetOrganisation)
	if err != nil {
		return err
	}
	_, err = s.desk.EditOrganisation(c.Request().Context(), actor(c), row.ID, mustMatch(c), func(o *models.Organisation) error {
		o.Active = false
		return nil
	})
	if err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func showOrganisation(o models.Organisation) api.Organisation {
	return api.Organisation{
		ID: o.ID.String(), Version: o.Version, OrganisationFields: api.OrganisationFields(o.OrganisationFields),
		CreatedAt: o.CreatedAt.UTC(), UpdatedAt: o.UpdatedAt.UTC(),
	}
}
