package desk

import (
	"bytes"
	"context"
	"slices"

	"github.com/google/uuid"

	"onward/fault"
	"onward/models"
	"onward/workflow"
)

// Item is one record of many that are moved alike.
type Item struct {
	Flow Flow
	ID   uuid.UUID
	Pre  Precondition
}

// Moved is what became of an item: where it is now, or why it stayed.
type Moved struct {
	State   workflow.State
	Version int
	Refused *fault.Fault
}

// Bulk moves some records by one action, each for itself: one that is refused
// changes nothing of the others. All of it is one transaction, with a savepoint
// for each, so that it happens exactly once for an Idempotency-Key, and after a
// failure that is nobody's fault not at all. The records are locked in the
// order of their ids, whatever order they are named in.
//
// Errors: what a record is refused is its own, as Fire has it; unavailable.
func (d *Desk) Bulk(ctx context.Context, a models.Actor, do workflow.Action, in workflow.Input, items []Item) (moved []Moved, err error) {
	err = d.write(ctx, a, func(ctx context.Context, tx *models.Tx) error {
		moved = make([]Moved, len(items))
		for _, i := range byID(items) {
			err := tx.Attempt(func() (err error) {
				moved[i], err = d.one(ctx, a, do, in, items[i])
				return err
			})
			if no, ok := fault.As(err); ok && no.Kind > fault.Unauthenticated && no.Kind <= fault.Invalid {
				moved[i] = Moved{Refused: no}
			} else if err != nil {
				return err
			}
		}
		return nil
	})
	return moved, err
}

func (d *Desk) one(ctx context.Context, a models.Actor, do workflow.Action, in workflow.Input, x Item) (m Moved, err error) {
	err = d.act(ctx, a, x.Flow, x.ID, do, x.Pre, workflow.Transitions, func(s *scene, as workflow.Role) error {
		if err := s.fire(do, as, in); err != nil {
			return err
		}
		head := s.request.Head()
		m = Moved{State: head.State, Version: head.Version}
		return nil
	})
	return m, err
}

// byID gives the places of items, in the order of their ids.
func byID(items []Item) []int {
	order := make([]int, len(items))
	for i := range items {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return bytes.Compare(items[i].ID[:], items[j].ID[:]) })
	return order
}
