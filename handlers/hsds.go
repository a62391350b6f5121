package handlers

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"

	"onward/api"
	"onward/desk"
	"onward/hsds"
	"onward/models"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
)

// The directory as HSDS 3.1 has it, for other directories: without a token, and
// of what is public alone. Paths, names and pages are the standard's.

// GET /hsds/
func (s *Server) getHSDS(c echo.Context) error {
	if err := query(c).done(); err != nil {
		return err
	}
	return publish(c, api.HSDSMetadata{Version: hsds.Version, Profile: "https://docs.openreferral.org", OpenAPIURL: "/openapi.yaml"})
}

// GET /hsds/organizations
func (s *Server) listHSDSOrganizations(c echo.Context) error {
	p := query(c)
	return pageOf(c, p, numberedPage(p), s.desk.PublicOrganisations, hsds.Show)
}

// GET /hsds/organizations/{id}
func (s *Server) getHSDSOrganization(c echo.Context) error {
	return published(c, s.desk.PublicOrganisation, hsds.ShowWhole)
}

// GET /hsds/services
func (s *Server) listHSDSServices(c echo.Context) error {
	p := query(c)
	f := numberedPage(p)
	if id := p.id("organization_id"); id != "" {
		f.Organisation, _ = uuid.Parse(id) // as p.id saw
	}
	return pageOf(c, p, f, s.desk.PublicServices, showPublic)
}

// GET /hsds/services/{id}
func (s *Server) getHSDSService(c echo.Context) error {
	return published(c, s.desk.PublicService, showPublic)
}

func showPublic(s desk.PublicService) api.HSDSService { return hsds.ShowService(s.Service, s.Of) }

// lastPage is the highest number that a page may have.
const lastPage = 100_000

// numberedPage reads which page is asked for, as the standard calls it.
func numberedPage(p *params) models.PublicPage {
	return models.PublicPage{Number: p.number("page", 1, lastPage), Size: p.number("per_page", defaultLimit, maxLimit), Text: p.words("search", 100)}
}

// pageOf answers with one page of a list. One that is beyond the end is empty.
func pageOf[R, W any](c echo.Context, p *params, f models.PublicPage, list func(context.Context, models.PublicPage) ([]R, int64, error), show func(R) W) error {
	if err := p.done(); err != nil {
		return err
	}
	rows, total, err := list(c.Request().Context(), f)
	if err != nil {
		return err
	}
	pages := (int(total) + f.Size - 1) / f.Size
	page := api.HSDSPage[W]{
		TotalItems: int(total), TotalPages: pages, PageNumber: f.Number, Size: len(rows),
		FirstPage: f.Number == 1, LastPage: f.Number >= pages, Empty: len(rows) == 0, Contents: make([]W, len(rows)),
	}
	for i, row := range rows {
		page.Contents[i] = show(row)
	}
	return publish(c, page)
}

// published answers with the one that the path names. Errors: not_found,
// malformed.
func published[R, W any](c echo.Context, find func(context.Context, uuid.UUID) (R, error), show func(R) W) error {
	row, err := inPath(c, func(ctx context.Context, _ models.Actor, id uuid.UUID) (R, error) { return find(ctx, id) })
	if err != nil {
		return err
	}
	return publish(c, show(row))
}

// publish answers with what anybody may read and keep for a while.
func publish(c echo.Context, v any) error {
	public(c)
	return digested(c, v)
}

// digested answers with something whose entity tag is a digest of it: a version
// would tell of changes that it does not show.
func digested(c echo.Context, v any) error {
	text, err := json.Marshal(v, writing)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	tag := base64.RawURLEncoding.EncodeToString(sum[:16])
	c.Response().Header().Set("ETag", `"`+tag+`"`)
	header := strings.Join(c.Request().Header.Values("If-None-Match"), ",")
	if strings.TrimSpace(header) == "*" || slices.ContainsFunc(entityTags(header), func(t entityTag) bool { return t.opaque == tag }) {
		return c.NoContent(http.StatusNotModified)
	}
	return c.Blob(http.StatusOK, mediaJSON, text)
}
