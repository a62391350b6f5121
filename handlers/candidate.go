package handlers

import (
	"net/http"

	"onward/api"
	"onward/desk"
	"onward/fault"
	"onward/models"
	"onward/workflow"

	"github.com/labstack/echo/v4"
)

// GET /v1/training-requests/{id}/candidates
func (s *Server) listTrainingCandidates(c echo.Context) error {
	return s.listCandidates(c, workflow.Training)
}

// GET /v1/case-referrals/{id}/candidates
func (s *Server) listReferralCandidates(c echo.Context) error {
	return s.listCandidates(c, workflow.Referral)
}

func (s *Server) listCandidates(c echo.Context, flow desk.Flow) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	if err := s.desk.May(c.Request().Context(), actor(c), flow, id, workflow.Offer); err != nil {
		return err
	}
	p := query(c)
	var asked desk.CandidateFilter
	if flow == workflow.Referral {
		asked.Service = p.code("service", workflow.Codes("services")...)
	}
	asked.Own, asked.Excluded, asked.Limit = p.yes("own"), p.yes("excluded"), p.limit()
	if err := p.done(); err != nil {
		return err
	}
	ranking, err := s.desk.Candidates(c.Request().Context(), actor(c), flow, id, asked)
	if err != nil {
		return err
	}
	return write(c, http.StatusOK, showRanking(ranking))
}

func showRanking(r desk.Ranking) api.Candidates {
	out := api.Candidates{Items: []api.Candidate{}}
	for _, x := range r.Candidates {
		item := api.Candidate{
			Organisation: api.Link{ID: x.OrganisationID.String(), Name: x.OrganisationName}, Score: x.Score,
			Service: nullable(x.Service), Parts: []api.ScorePart{}, ExcludedBy: nullable(string(x.ExcludedBy)),
		}
		for _, part := range r.Parts(x) {
			item.Parts = append(item.Parts, api.ScorePart(part))
		}
		out.Items = append(out.Items, item)
	}
	return out
}

// GET /v1/desks/{id}/weights
func (s *Server) getWeights(c echo.Context) error {
	row, err := inPath(c, s.desk.GetDesk)
	if err != nil {
		return err
	}
	return respond(c, row.Version, api.Weights(row.Weights))
}

// PATCH /v1/desks/{id}/weights
func (s *Server) editWeights(c echo.Context) error {
	row, err := inPath(c, s.desk.GetDesk)
	if err != nil {
		return err
	}
	if !actor(c).Administers(row.ID) {
		return fault.New(fault.Forbidden, fault.CodeWrongRole, "Only an admin of the desk, or of the network, has this function.")
	}
	p, err := readPatch[api.Weights](c)
	if err != nil {
		return err
	}
	row, err = s.desk.EditDesk(c.Request().Context(), actor(c), row.ID, mustMatch(c), func(d *models.Desk) error {
		said := api.Weights(d.Weights)
		if err := p.apply(&said); err != nil {
			return err
		}
		d.Weights = models.Weights(said)
		return refuse(append(s.check(said), weightless(said)...))
	})
	if err != nil {
		return err
	}
	return tell(c, row.Version, api.Weights(row.Weights))
}

// weightless refuses weights by which a case could not be ranked.
func weightless(w api.Weights) []fault.Field {
	w.Topics = 0
	if w != (api.Weights{}) {
		return nil
	}
	return []fault.Field{{Pointer: "/language", Code: "required", Detail: "At least one weight beside that of topics must be above 0."}}
}
