package handlers

import (
	"onward/api"
	"onward/models"
	"onward/workflow"

	"github.com/labstack/echo/v4"
)

// GET /v1/case-referrals/{id}/accesses
func (s *Server) listAccesses(c echo.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	if err := s.desk.May(c.Request().Context(), actor(c), workflow.Referral, id, workflow.AddConsent); err != nil { // those who see who consented
		return err
	}
	p := query(c)
	sl := s.slice(p, "-at")
	if err := p.done(); err != nil {
		return err
	}
	list, next, err := s.desk.Accesses(c.Request().Context(), actor(c), id, sl)
	if err != nil {
		return err
	}
	return respondPage(s, c, list, next, showAccess)
}

func showAccess(r models.Reading) api.Access {
	return api.Access{
		ID: r.ID.String(), At: r.At.UTC(), User: api.Link{ID: r.UserID.String(), Name: r.UserName},
		Organisation: api.Link{ID: r.OrganisationID.String(), Name: r.OrganisationName}, Operation: r.Operation, As: r.AsRole, Parts: r.Parts,
		AssignmentID: optionalText(r.AssignmentID),
	}
}
