package desk

import (
	"context"

	"onward/models"
)

// Together does several use cases as one: all of them happen, or none. They
// join through the context that fn is given; fn may run again after a deadlock.
//
// Errors: those of fn.
func (d *Desk) Together(ctx context.Context, a models.Actor, fn func(context.Context) error) error {
	return d.write(ctx, a, func(ctx context.Context, _ *models.Tx) error { return fn(ctx) })
}
