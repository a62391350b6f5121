// Package desk holds the use cases: one exported function is one transaction.
// The HTTP edge, the demo and the clock all move records through it. It knows
// neither HTTP nor SQL.
package desk

import (
	"context"
	"time"

	"github.com/google/uuid"

	"onward/fault"
	"onward/models"
	"onward/workflow"
)

// Desk carries out use cases on one database.
type Desk struct {
	db     *models.DB
	now    func() time.Time
	limits Limits
	alarm  alarm
}

// Option sets what New leaves at its default.
type Option func(*Desk)

// New makes a desk. The clock is the system's unless a test gives another.
func New(db *models.DB, now func() time.Time, options ...Option) *Desk {
	d := &Desk{db: db, now: func() time.Time { return now().UTC().Truncate(time.Microsecond) }} // as fine as PostgreSQL keeps it: what is finer would differ once read back
	for _, set := range options {
		set(d)
	}
	return d
}

// Flow names a request's workflow where a use case serves both kinds.
type Flow = *workflow.Workflow

// write does what changes something. What its reply shows of cases is recorded
// in the same transaction.
func (d *Desk) write(ctx context.Context, a models.Actor, fn func(context.Context, *models.Tx) error) error {
	return d.db.InTx(ctx, a, d.now(), func(ctx context.Context, tx *models.Tx) error {
		if err := fn(ctx, tx); err != nil {
			return err
		}
		return d.record(tx, a, tx.TakeShown())
	})
}

// read does what changes nothing. What it shows of cases is recorded right
// after it, in a transaction of its own, and only then told: what can't be
// recorded is not shown. Within a write it is a part of that, and not limited:
// nobody reads more by working.
//
// Errors: those of fn; reading_limit.
func (d *Desk) read(ctx context.Context, a models.Actor, fn func(*models.Tx) error) error {
	var shown []models.Shown
	var alone bool
	err := d.db.Read(ctx, a, d.now(), func(_ context.Context, tx *models.Tx) error {
		err := fn(tx)
		shown, alone = tx.TakeShown(), tx.ReadOnly()
		return err
	})
	if err != nil || len(shown) == 0 {
		return err
	}
	return d.db.InTx(ctx, a, d.now(), func(ctx context.Context, tx *models.Tx) error {
		if alone {
			if err := d.admit(ctx, tx, a, shown); err != nil {
				return err
			}
		}
		return d.record(tx, a, shown)
	})
}

// Ready says whether the database answers. Errors: unavailable.
func (d *Desk) Ready(ctx context.Context) error { return d.db.Ping(ctx) }

// Secret reads a secret that all nodes share.
func (d *Desk) Secret(ctx context.Context, name string) (value string, err error) {
	err = d.read(ctx, models.Actor{}, func(tx *models.Tx) error {
		value, err = tx.Secret(name)
		return err
	})
	return value, err
}

// see refuses what the caller may not see with the very answer for what does
// not exist.
func (d *Desk) see(tx *models.Tx, a models.Actor, flow Flow, id uuid.UUID) error {
	ok, err := tx.CanSee(flow.Name, id, a, d.now())
	if err == nil && !ok {
		err = fault.Absent()
	}
	return err
}

// May reports whether the caller may see a request, and, where an action is
// named, whether its role ever has that action.
//
// Errors: not_found, wrong_role.
func (d *Desk) May(ctx context.Context, a models.Actor, flow Flow, id uuid.UUID, do workflow.Action) error {
	return d.read(ctx, a, func(tx *models.Tx) error {
		if do == "" {
			return d.see(tx, a, flow, id)
		}
		_, err := d.permitted(tx, a, flow, id, do)
		return err
	})
}

// permitted finds a request with what surrounds it, for a caller who may see
// it and whose role has an action there.
//
// Errors: not_found, wrong_role.
func (d *Desk) permitted(tx *models.Tx, a models.Actor, flow Flow, id uuid.UUID, do workflow.Action) (around, error) {
	if err := d.see(tx, a, flow, id); err != nil {
		return around{}, err
	}
	request, err := tx.GetRequest(flow.Name, id)
	if err != nil {
		return around{}, err
	}
	all, err := surround(tx, request)
	if err != nil {
		return around{}, err
	}
	return all[0], flow.Permit(do, all[0].as(a))
}

// SeeAssignment reports whether the caller may see an assignment.
//
// Errors: not_found.
func (d *Desk) SeeAssignment(ctx context.Context, a models.Actor, id uuid.UUID) error {
	return d.read(ctx, a, func(tx *models.Tx) error { return seeAssignment(tx, a, id) })
}

func seeAssignment(tx *models.Tx, a models.Actor, id uuid.UUID) error {
	ok, err := tx.CanSeeAssignment(id, a)
	if err == nil && !ok {
		err = fault.Absent()
	}
	return err
}

// Precondition judges the version that a record has when the caller's turn
// comes: nil lets the change go on. It is asked after what the caller may see
// and do, and before what the state allows (docs/contract.md, rule 12).
type Precondition func(version int) error

// Whatever takes a record as it is.
func Whatever(int) error { return nil }
