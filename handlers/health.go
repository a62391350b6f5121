package handlers

import (
	"io/fs"
	"net/http"
	"slices"
	"strings"

	"onward/api"
	"onward/desk"
	"onward/fault"
	"onward/models"
	"onward/workflow"

	"github.com/labstack/echo/v4"
	"github.com/swaggest/swgui/v5/static"
	swgui "github.com/swaggest/swgui/v5emb"
)

// GET /healthz says that the program runs.
func (s *Server) getHealth(c echo.Context) error {
	if err := query(c).done(); err != nil {
		return err
	}
	return write(c, http.StatusOK, api.Health{Status: "ok"})
}

// GET /readyz says that the database answers too. Errors: unavailable.
func (s *Server) getReadiness(c echo.Context) error {
	if err := query(c).done(); err != nil {
		return err
	}
	if err := s.desk.Ready(c.Request().Context()); err != nil {
		return err
	}
	return write(c, http.StatusOK, api.Health{Status: "ok"})
}

// GET /openapi.yaml
func (s *Server) getOpenAPI(c echo.Context) error {
	if err := query(c).done(); err != nil {
		return err
	}
	public(c)
	return c.Blob(http.StatusOK, "application/yaml", s.spec)
}

// docsPolicy lets the page load what this server has, and nothing else.
const docsPolicy = "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; " +
	"img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'"

const docsFiles = "/docs/*"

// docs is Swagger UI, embedded: it asks no other host for anything.
var docs = swgui.New("Onward", "/openapi.yaml", "/docs/")

// GET /docs, and the page's own files. Errors: not_found.
func (s *Server) getDocs(c echo.Context) error {
	if file := c.Param("*"); file != "" && !isDocsFile(file) {
		return fault.Absent()
	}
	if err := query(c).done(); err != nil {
		return err
	}
	public(c)
	c.Response().Header().Set(echo.HeaderContentSecurityPolicy, docsPolicy)
	docs.ServeHTTP(c.Response(), c.Request())
	return nil
}

// isDocsFile reports whether the docs page has a file of that name; most are
// kept compressed.
func isDocsFile(file string) bool {
	for _, kept := range []string{file, file + ".gz"} {
		if _, err := fs.Stat(static.FS, kept); err == nil {
			return !strings.HasSuffix(file, ".gz")
		}
	}
	return false
}

// explained are the pages of the codes that the workflows and the database
// bring: the sentence of a guard is its page.
func explained() []problemPage {
	var pages []problemPage
	for _, g := range workflow.Guards() {
		pages = append(pages, problemPage{
			Code: g.Code, Title: title(string(g.Code)), Meaning: g.Says,
			Remedy: "Read the record: `actions` has what can be done now and what stands in the way; the workflow's table (/v1/workflows) has the rule.",
		})
	}
	for _, f := range append(desk.Refusals(), models.Refusals()...) {
		if slices.ContainsFunc(pages, func(p problemPage) bool { return p.Code == f.Code }) {
			continue // the database's own word for a guard's
		}
		pages = append(pages, problemPage{Code: f.Code, Title: title(string(f.Code)), Meaning: f.Detail, Remedy: "Read what is there now, and change the request."})
	}
	return pages
}

// title makes words of a code.
func title(code string) string {
	words := strings.ReplaceAll(code, "_", " ")
	return strings.ToUpper(words[:1]) + words[1:]
}
