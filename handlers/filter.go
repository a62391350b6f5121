package handlers

import (
	"onward/desk"
	"onward/models"
	"onward/workflow"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
)

// recordOrders are the orders of a list of requests; the first is the usual.
var recordOrders = []string{"-created_at", "created_at", "due_at", "-updated_at"}

// records reads the filters of a list of requests.
func (s *Server) records(c echo.Context, flow desk.Flow) (models.Filter, models.Slice, error) {
	p := query(c)
	f := models.Filter{
		States: p.codes("state", states(flow)...), Desk: id(p, "desk"), Organisation: id(p, "organisation"), Country: p.country("country"),
		CreatedAfter: p.time("created_after"), CreatedBefore: p.time("created_before"), DueBefore: p.time("due_before"),
		Overdue: p.boolean("overdue"), Text: p.search(100),
	}
	if flow == workflow.Referral {
		f.Urgency = p.code("urgency", workflow.Codes("urgency")...)
	}
	sl := s.slice(p, recordOrders...)
	return f, sl, p.done()
}

// assignmentFilter reads the filters of the inbox.
func (s *Server) assignmentFilter(c echo.Context) (models.Filter, models.Slice, error) {
	p := query(c)
	f := models.Filter{
		States: p.codes("state", states(workflow.Assignment)...), Organisation: id(p, "organisation"),
		Kind: p.code("kind", workflow.Training.Name, workflow.Referral.Name), CreatedAfter: p.time("created_after"),
		CreatedBefore: p.time("created_before"), DueBefore: p.time("due_before"), Overdue: p.boolean("overdue"),
	}
	sl := s.slice(p, "-created_at", "created_at", "respond_by", "-updated_at")
	return f, sl, p.done()
}

// slice reads which page of a list is asked for, and in which order.
func (s *Server) slice(p *params, orders ...string) models.Slice {
	sl := models.Slice{Limit: p.limit(), Order: orders[0]}
	if len(orders) > 1 {
		sl.Order = p.sort(orders...)
	}
	if at := p.cursor(s.cursors); at != nil && len(at.Keys) == 1 {
		sl.After = &models.Position{Key: at.Keys[0], ID: at.ID}
	}
	return sl
}

func states(flow desk.Flow) []string {
	all := make([]string, len(flow.States))
	for i, st := range flow.States {
		all[i] = string(st)
	}
	return all
}

func id(p *params, name string) uuid.UUID {
	parsed, _ := uuid.Parse(p.id(name)) // "" where it was not sent, or refused
	return parsed
}
