package handlers

import (
	"bytes"
	"cmp"
	"net/http"
	"slices"

	"onward/api"
	"onward/desk"
	"onward/workflow"

	"github.com/labstack/echo/v4"
)

// GET /v1/case-referrals/{id}/export
func (s *Server) exportReferral(c echo.Context) error {
	id, err := s.may(c, workflow.Referral, workflow.AddConsent) // as those who see who consented
	if err != nil {
		return err
	}
	media, err := acceptable(c, mediaJSON, "text/html")
	if err != nil {
		return err
	}
	x, err := s.desk.Export(c.Request().Context(), actor(c), id)
	if err != nil {
		return err
	}
	name := `attachment; filename="` + x.Row.Reference
	if media == mediaJSON {
		c.Response().Header().Set(echo.HeaderContentDisposition, name+`.json"`)
		return write(c, http.StatusOK, showExport(x))
	}
	var page bytes.Buffer
	if err := printed(&page, showExport(x), language(c)); err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentDisposition, name+`.html"`)
	h.Set(echo.HeaderContentSecurityPolicy, exportPolicy)
	h.Add(echo.HeaderVary, "Accept-Language")
	return c.HTMLBlob(http.StatusOK, page.Bytes())
}

func showExport(x desk.Export) api.Export {
	out := api.Export{
		ExportedAt: x.At, Referral: showReferral(x.ReferralView), Organisations: []api.Link{},
		Assignments: make([]api.Assignment, len(x.Assignments)), Events: make([]api.Event, len(x.Events)), Readings: make([]api.Reading, len(x.Readings)),
	}
	for id, name := range x.Organisations {
		out.Organisations = append(out.Organisations, api.Link{ID: id.String(), Name: name})
	}
	slices.SortFunc(out.Organisations, func(a, b api.Link) int { return cmp.Compare(a.ID, b.ID) })
	for i, v := range x.Assignments {
		out.Assignments[i] = showAssignment(v)
	}
	for i, e := range x.Events {
		out.Events[i] = showEvent(e)
	}
	for i, r := range x.Readings {
		out.Readings[i] = api.Reading{At: r.At.UTC(), Organisation: api.Link{ID: r.OrganisationID.String(), Name: r.OrganisationName}, As: r.AsRole, Parts: r.Parts}
	}
	return out
}
