package models

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"

	"onward/fault"
	"onward/models/queries"
	"onward/workflow"
)

// RoutingRuleFields is the twin of api.RoutingRuleFields.
type RoutingRuleFields struct {
	Kind     string
	Country  string
	Topic    string
	Language string
	Note     string
	Active   bool
}

// RoutingRule is a row of routing_rules: what sends requests to a desk.
type RoutingRule struct {
	ID      uuid.UUID `gorm:"primaryKey"`
	Version int
	DeskID  uuid.UUID
	RoutingRuleFields
	CreatedAt time.Time `gorm:"autoCreateTime:false"`
	UpdatedAt time.Time `gorm:"autoUpdateTime:false"`
}

// GetRoutingRule reads one. Errors: not_found.
func (tx *Tx) GetRoutingRule(id uuid.UUID) (RoutingRule, error) { return get[RoutingRule](tx, id) }

// RoutingRules lists the rules; active nil lists them all.
func (tx *Tx) RoutingRules(active *bool, s Slice) ([]RoutingRule, *Position, error) {
	query := tx.g.Model(&RoutingRule{})
	if active != nil {
		query = query.Where("active = ?", *active)
	}
	var rows []RoutingRule
	err := slice(query, s).Find(&rows).Error
	page, next := cut(rows, s, func(r RoutingRule) Position { return created(r.CreatedAt, r.ID) })
	return page, next, err
}

// centre is a row of queries.Routing.
type centre struct {
	ID, Name  string
	Countries []string `gorm:"serializer:array"`
	Languages []string `gorm:"serializer:array"`
	IsDefault bool
	Active    bool
	Rules     []struct {
		workflow.RoutingRule
		Age int
	} `gorm:"serializer:json"`
}

// Route says to which desk a request goes and why, as the rules and desks are
// now. It holds nothing: a request is routed by RouteTo.
//
// Errors: unavailable, when the network has no desk for it.
func (tx *Tx) Route(asked workflow.Asked) (workflow.Routing, error) {
	var centres []centre
	if err := tx.g.Raw(queries.Routing).Scan(&centres).Error; err != nil {
		return workflow.Routing{}, err
	}
	var desks []workflow.Centre
	var rules []workflow.RoutingRule
	ages := map[string]int{}
	for _, c := range centres {
		desks = append(desks, workflow.Centre{ID: c.ID, Name: c.Name, Countries: c.Countries, Languages: c.Languages, Default: c.IsDefault, Active: c.Active})
		for _, r := range c.Rules {
			r.Desk, ages[r.ID] = c.ID, r.Age
			rules = append(rules, r.RoutingRule)
		}
	}
	slices.SortFunc(rules, func(a, b workflow.RoutingRule) int { return cmp.Compare(ages[a.ID], ages[b.ID]) })
	routing := workflow.Route(asked, rules, desks)
	if routing.Desk.ID == "" {
		return routing, fault.New(fault.Unavailable, fault.CodeUnavailable, "The network has no default desk yet; an admin must make one.")
	}
	return routing, nil
}

// RouteTo gives the desk of a request by Route, and keeps it from closing until
// the transaction ends.
//
// Errors: those of Route.
func (tx *Tx) RouteTo(asked workflow.Asked) (Desk, workflow.Routing, error) {
	for {
		routing, err := tx.Route(asked)
		if err != nil {
			return Desk{}, routing, err
		}
		id, err := uuid.Parse(routing.Desk.ID)
		if err != nil {
			return Desk{}, routing, err
		}
		if to, err := Keep[Desk](tx, id); err != nil || to.Active {
			return to, routing, err
		} // it closed at this very moment: by now it is no longer found
	}
}
