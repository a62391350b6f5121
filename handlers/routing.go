package handlers

import (
	"context"
	"net/http"
	"slices"

	"onward/api"
	"onward/desk"
	"onward/fault"
	"onward/models"
	"onward/workflow"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
)

const routingRules = "/v1/routing-rules/"

// POST /v1/routing-rules
func (s *Server) createRoutingRule(c echo.Context) error {
	if err := network(c); err != nil {
		return err
	}
	in, b, err := read[api.NewRoutingRule](c)
	if err != nil {
		return err
	}
	in.Active = in.Active || !b.has("active")
	return s.once(c, b, func(ctx context.Context) (reply, error) {
		var row models.RoutingRule
		if err := s.setRoutingRule(&row, in); err != nil {
			return reply{}, err
		}
		if err := s.desk.AddRoutingRule(ctx, actor(c), &row); err != nil {
			return reply{}, err
		}
		return answer(http.StatusCreated, routingRules+row.ID.String(), row.Version, showRoutingRule(row))
	})
}

// setRoutingRule writes onto a row what was sent, if it can be so.
func (s *Server) setRoutingRule(row *models.RoutingRule, in api.NewRoutingRule) error {
	faulty := s.check(in)
	known := map[string][]string{"": desk.ServiceKinds(), workflow.Training.Name: workflow.Codes("topics"), workflow.Referral.Name: workflow.Codes("services")}
	if codes, ok := known[in.Kind]; ok && in.Topic != "" && !slices.Contains(codes, in.Topic) {
		faulty = append(faulty, fault.Field{Pointer: "/topic", Code: "unknown_code", Detail: "This must be a code of the vocabulary topics (trainings), or of services (cases)."})
	}
	if err := refuse(faulty); err != nil {
		return err
	}
	row.DeskID, row.RoutingRuleFields = uuid.MustParse(in.Desk), models.RoutingRuleFields(in.RoutingRuleFields)
	return nil
}

// GET /v1/routing-rules
func (s *Server) listRoutingRules(c echo.Context) error {
	p := query(c)
	active, sl := p.boolean("active"), s.slice(p, "created_at")
	return list(s, c, p, func(ctx context.Context, a models.Actor) ([]models.RoutingRule, *models.Position, error) {
		return s.desk.RoutingRules(ctx, a, active, sl)
	}, showRoutingRule)
}

// GET /v1/routing-rules/{id}
func (s *Server) getRoutingRule(c echo.Context) error {
	row, err := inPath(c, s.desk.GetRoutingRule)
	if err != nil {
		return err
	}
	return respond(c, row.Version, showRoutingRule(row))
}

// PATCH /v1/routing-rules/{id}
func (s *Server) editRoutingRule(c echo.Context) error {
	row, err := s.routingRule(c)
	if err != nil {
		return err
	}
	p, err := readPatch[api.NewRoutingRule](c)
	if err != nil {
		return err
	}
	row, err = s.desk.EditRoutingRule(c.Request().Context(), actor(c), row.ID, mustMatch(c), func(r *models.RoutingRule) error {
		said := api.NewRoutingRule{RoutingRuleFields: api.RoutingRuleFields(r.RoutingRuleFields), Desk: r.DeskID.String()}
		if err := p.apply(&said); err != nil {
			return err
		}
		return s.setRoutingRule(r, said)
	})
	if err != nil {
		return err
	}
	return tell(c, row.Version, showRoutingRule(row))
}

// routingRule reads the one in the path, for who may change it.
func (s *Server) routingRule(c echo.Context) (models.RoutingRule, error) {
	row, err := inPath(c, s.desk.GetRoutingRule)
	if err != nil {
		return row, err
	}
	return row, network(c)
}

// DELETE /v1/routing-rules/{id} ends it; what it did stays.
func (s *Server) deleteRoutingRule(c echo.Context) error {
	row, err := s.routingRule(c)
	if err != nil {
		return err
	}
	_, err = s.desk.EditRoutingRule(c.Request().Context(), actor(c), row.ID, mustMatch(c), func(r *models.RoutingRule) error {
		r.Active = false
		return nil
	})
	if err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// POST /v1/routing-rehearsals
func (s *Server) rehearseRouting(c echo.Context) error {
	in, b, err := read[api.NewRehearsal](c)
	if err != nil {
		return err
	}
	return s.once(c, b, func(ctx context.Context) (reply, error) {
		asked, err := s.asked(in)
		if err != nil {
			return reply{}, err
		}
		routing, rule, err := s.desk.Rehearse(ctx, actor(c), asked)
		if err != nil {
			return reply{}, err
		}
		return answer(http.StatusOK, "", 0, showRehearsal(routing, rule))
	})
}

// asked is what routing looks at of what was sent.
func (s *Server) asked(in api.NewRehearsal) (workflow.Asked, error) {
	faulty, topics := s.check(in), in.Topics
	other, name := in.Services, "/services"
	if in.Kind == workflow.Referral.Name {
		topics, other, name = in.Services, in.Topics, "/topics"
	}
	if len(other) > 0 {
		faulty = append(faulty, fault.Field{Pointer: name, Code: codeUnexpected, Detail: "A training has topics, a case services."})
	}
	return workflow.Asked{Kind: in.Kind, Country: in.Country, Topics: topics, Languages: in.Languages}, refuse(faulty)
}

func showRoutingRule(r models.RoutingRule) api.RoutingRule {
	return api.RoutingRule{
		ID: r.ID.String(), Version: r.Version, RoutingRuleFields: api.RoutingRuleFields(r.RoutingRuleFields), Desk: r.DeskID.String(),
		CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(),
	}
}

func showRehearsal(r workflow.Routing, rule *models.RoutingRule) api.Rehearsal {
	link := func(d workflow.Centre) api.Link { return api.Link{ID: d.ID, Name: d.Name} }
	out := api.Rehearsal{Desk: link(r.Desk), Because: r.Because, Text: r.Text, Considered: make([]api.Considered, len(r.Considered))}
	if rule != nil {
		shown := showRoutingRule(*rule)
		out.Rule = &shown
	}
	for i, x := range r.Considered {
		out.Considered[i] = api.Considered{Rule: nullable(x.Rule), Desk: link(x.Desk), Matched: x.Matched, Text: x.Text}
	}
	return out
}
