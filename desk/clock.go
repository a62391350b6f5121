package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"onward/fault"
	"onward/models"
	"onward/workflow"
)

// batch bounds how many moves the clock makes before it looks anew.
const batch = 200

// Tick makes the moves whose time has come: offers and questions that nobody
// answered, holds that are over. Each is a transaction of its own, and one
// that somebody else made first is left alone, so that any number of nodes can
// tick at once. It returns how many moves were made.
func (d *Desk) Tick(ctx context.Context) (made int, err error) {
	var moves []models.DueMove
	err = d.read(ctx, models.Actor{}, func(tx *models.Tx) error {
		moves, err = tx.DueMoves(d.now(), batch)
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, m := range moves {
		switch failed := d.tick(ctx, m); {
		case failed == nil:
			made++
		case !passed(failed): // one that fails holds up nobody else
			err = errors.Join(err, fmt.Errorf("the clock's %s of a %s: %w", m.Action, m.Kind, failed))
		}
	}
	return made, err
}

// passed reports that somebody else moved the record first.
func passed(err error) bool {
	f, ok := fault.As(err)
	return ok && (f.Kind == fault.Conflict || f.Kind == fault.Stale || f.Kind == fault.NotFound)
}

func (d *Desk) tick(ctx context.Context, m models.DueMove) error {
	return d.write(ctx, models.Actor{}, func(_ context.Context, tx *models.Tx) error {
		if m.Kind == models.OfWait {
			return d.offerPlace(tx, m.ID)
		}
		if m.Kind == workflow.Assignment.Name {
			s, x, err := d.enterAssignment(tx, models.Actor{}, m.ID)
			if err != nil {
				return err
			}
			return s.fireAssignment(x, m.Action, workflow.Clock, workflow.Input{})
		}
		s, err := d.enter(tx, models.Actor{}, m.Kind, m.ID)
		if err != nil {
			return err
		}
		in := workflow.Input{}
		if m.Action == workflow.Lapse {
			in.Reason = &workflow.Reason{Code: "lapsed"}
		}
		return s.fire(m.Action, workflow.Clock, in)
	})
}

// KeysLast is how long an idempotency key is kept.
const KeysLast = 24 * time.Hour

// Forget deletes what has grown too old: idempotency keys, and denials.
func (d *Desk) Forget(ctx context.Context) error {
	return d.write(ctx, models.Actor{}, func(_ context.Context, tx *models.Tx) error {
		if err := tx.ForgetKeys(d.now().Add(-KeysLast)); err != nil {
			return err
		}
		return tx.ForgetDenials()
	})
}

// Verify holds every record against its log, and returns what disagrees.
func (d *Desk) Verify(ctx context.Context) (records, events int64, wrong []models.Disagreement, err error) {
	err = d.read(ctx, models.Actor{}, func(tx *models.Tx) error {
		records, events, wrong, err = tx.Verify()
		return err
	})
	return records, events, wrong, err
}
