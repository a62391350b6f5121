package handlers

import (
	"net/http"
	"strings"

	"onward/api"
	"onward/fault"
	"onward/workflow"

	"github.com/labstack/echo/v4"
)

const (
	mediaMermaid = "text/vnd.mermaid"
	mediaSVG     = "image/svg+xml"
)

// public lets anyone keep what says nothing of anybody, for a while.
func public(c echo.Context) {
	c.Response().Header().Set(echo.HeaderCacheControl, "public, max-age=300")
}

// GET /v1/workflows
func (s *Server) listWorkflows(c echo.Context) error {
	if err := query(c).done(); err != nil {
		return err
	}
	public(c)
	return respondPage(s, c, workflow.All(), nil, showWorkflow)
}

// GET /v1/workflows/{name}
func (s *Server) getWorkflow(c echo.Context) error {
	flow, ok := workflow.Named(c.Param("name"))
	if !ok {
		return fault.Absent()
	}
	if err := query(c).done(); err != nil {
		return err
	}
	media, err := acceptable(c, mediaJSON, mediaMermaid, mediaSVG)
	if err != nil {
		return err
	}
	public(c)
	switch media {
	case mediaMermaid:
		return c.Blob(http.StatusOK, mediaMermaid, []byte(flow.Mermaid()))
	case mediaSVG:
		c.Response().Header().Set(echo.HeaderContentSecurityPolicy, "default-src 'none'; style-src 'unsafe-inline'")
		return c.Blob(http.StatusOK, mediaSVG, []byte(flow.SVG()))
	}
	return write(c, http.StatusOK, showWorkflow(flow))
}

// GET /v1/vocabularies
func (s *Server) listVocabularies(c echo.Context) error {
	if err := query(c).done(); err != nil {
		return err
	}
	public(c)
	return respondPage(s, c, workflow.Vocabularies(), nil, showVocabulary)
}

// GET /v1/vocabularies/{name}
func (s *Server) getVocabulary(c echo.Context) error {
	v, ok := workflow.VocabularyNamed(c.Param("name"))
	if !ok {
		return fault.Absent()
	}
	if err := query(c).done(); err != nil {
		return err
	}
	public(c)
	return write(c, http.StatusOK, showVocabulary(v))
}

func showWorkflow(flow *workflow.Workflow) api.Workflow {
	out := api.Workflow{Name: flow.Name, States: names(flow.States), Ends: names(flow.Ends)}
	for _, r := range flow.Rows {
		row := api.WorkflowRow{
			From: names(r.From), Do: string(r.Do), By: strings.Split(r.By.String(), ", "), Needs: workflow.Members(r.Needs), May: workflow.Members(r.May),
			If: []api.WorkflowGuard{}, Then: []api.WorkflowCause{}, Event: flow.EventOf(r), Door: door(r),
		}
		if r.To != workflow.Same {
			to := string(r.To)
			row.To = &to
		}
		for _, g := range r.If {
			row.If = append(row.If, api.WorkflowGuard{Code: string(g.Code), Says: g.Says})
		}
		for _, cause := range r.Then {
			row.Then = append(row.Then, api.WorkflowCause{On: string(cause.On), Do: string(cause.Do)})
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

// door names the endpoint of a row; a row that only the clock or an effect
// fires has none.
func door(r workflow.Row) string {
	switch {
	case r.By&^(workflow.Clock|workflow.Effect) == 0:
		return ""
	case r.Door == workflow.Transitions:
		return "transitions"
	}
	return string(r.Door)
}

func names[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, one := range list {
		out[i] = string(one)
	}
	return out
}

func showVocabulary(v workflow.Vocabulary) api.Vocabulary {
	out := api.Vocabulary{Name: v.Name, Source: v.Source}
	for _, t := range v.Terms {
		out.Terms = append(out.Terms, api.Term(t))
	}
	return out
}
