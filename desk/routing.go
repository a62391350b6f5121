package desk

import (
	"context"

	"github.com/google/uuid"

	"onward/models"
	"onward/workflow"
)

// AddRoutingRule makes a rule, which counts from the next request on.
//
// Errors: invalid, for a rule that names nothing, or a desk that is none.
func (d *Desk) AddRoutingRule(ctx context.Context, a models.Actor, row *models.RoutingRule) error {
	return d.write(ctx, a, func(_ context.Context, tx *models.Tx) error {
		now := d.now()
		row.ID, row.Version, row.CreatedAt, row.UpdatedAt = models.NewID(), 1, now, now
		return models.Add(tx, row)
	})
}

// GetRoutingRule reads a rule. Errors: not_found.
func (d *Desk) GetRoutingRule(ctx context.Context, a models.Actor, id uuid.UUID) (row models.RoutingRule, err error) {
	err = d.read(ctx, a, func(tx *models.Tx) error {
		row, err = tx.GetRoutingRule(id)
		return err
	})
	return row, err
}

// RoutingRules lists the rules; active nil lists them all.
func (d *Desk) RoutingRules(ctx context.Context, a models.Actor, active *bool, s models.Slice) (list []models.RoutingRule, next *models.Position, err error) {
	err = d.read(ctx, a, func(tx *models.Tx) error {
		list, next, err = tx.RoutingRules(active, s)
		return err
	})
	return list, next, err
}

// EditRoutingRule changes a rule; what it sent anywhere stays there.
//
// Errors: not_found, those of the precondition, invalid.
func (d *Desk) EditRoutingRule(ctx context.Context, a models.Actor, id uuid.UUID, pre Precondition, change func(*models.RoutingRule) error) (row models.RoutingRule, err error) {
	err = d.write(ctx, a, func(_ context.Context, tx *models.Tx) error {
		if row, err = models.Lock[models.RoutingRule](tx, id); err != nil {
			return err
		}
		if err := pre(row.Version); err != nil {
			return err
		}
		if err := change(&row); err != nil {
			return err
		}
		return models.Put(tx, &row, &row.Version, &row.UpdatedAt, d.now())
	})
	return row, err
}

// Rehearse says where a request like this would go now, and why: by the very
// function that routes one, and without a trace. rule is the one that decides,
// nil if none does.
//
// Errors: unavailable.
func (d *Desk) Rehearse(ctx context.Context, a models.Actor, asked workflow.Asked) (routing workflow.Routing, rule *models.RoutingRule, err error) {
	err = d.read(ctx, a, func(tx *models.Tx) error {
		if routing, err = tx.Route(asked); err != nil || routing.Rule == "" {
			return err
		}
		id, err := uuid.Parse(routing.Rule)
		if err != nil {
			return err
		}
		row, err := tx.GetRoutingRule(id)
		rule = &row
		return err
	})
	return routing, rule, err
}
