package desk

import (
	"context"
	"errors"

	"onward/models"
	"onward/workflow"
)

// Queue lists everything that waits for the caller's desk, by due time.
func (d *Desk) Queue(ctx context.Context, a models.Actor, f models.Filter, s models.Slice) (list []models.QueueItem, next *models.Position, err error) {
	f.Now = d.now()
	err = d.read(ctx, a, func(tx *models.Tx) error {
		list, next, err = tx.Queue(a, f, s)
		return err
	})
	return list, next, err
}

// TakeNext takes the submitted request that is due first among those that a
// filter leaves, and never gives one to two people. False: none waits.
func (d *Desk) TakeNext(ctx context.Context, a models.Actor, f models.Filter) (taken models.QueueItem, ok bool, err error) {
	err = d.write(ctx, a, func(_ context.Context, tx *models.Tx) error {
		f.Now, f.Submitted = d.now(), true
		next, found, err := claim(tx, a, f)
		if ok = found; err != nil || !found {
			return err
		}
		s, err := d.enter(tx, a, next.Kind, next.ID)
		if err != nil {
			return err
		}
		if err := s.fire(workflow.Take, workflow.Admin, workflow.Input{}); err != nil {
			return err
		}
		taken = queueItem(s.request)
		return nil
	})
	return taken, ok, err
}

// claimed is how many of those that wait are tried before the queue is read anew.
const claimed = 50

// claim locks what waits and is due first, of both kinds in one order. It passes
// over what somebody else holds at this moment. That is not yet taken: they may
// leave it as it is, having added a consent, or having failed. So where nothing
// else is left it waits for them, for one record at a time and holding no other,
// and looks again: it says that nothing waits only where the queue is empty.
func claim(tx *models.Tx, a models.Actor, f models.Filter) (models.QueueItem, bool, error) {
	for {
		page, _, err := tx.Queue(a, f, models.Slice{Limit: claimed})
		if err != nil || len(page) == 0 {
			return models.QueueItem{}, false, err
		}
		next, found, err := first(tx, page, false)
		if err == nil && !found {
			next, found, err = first(tx, page[:1], true)
		}
		if err != nil || found {
			return next, found, err
		}
	}
}

// errHeld says that none could be locked.
var errHeld = errors.New("somebody else has taken it")

// first locks the first of some that can be. Where none can, it gives back the
// locks that it took on what has moved on since.
func first(tx *models.Tx, of []models.QueueItem, wait bool) (next models.QueueItem, found bool, err error) {
	err = tx.Attempt(func() error {
		for _, next = range of {
			if found, err = tx.Claim(next, wait); err != nil || found {
				return err
			}
		}
		return errHeld
	})
	if errors.Is(err, errHeld) {
		err = nil
	}
	return next, found, err
}

func queueItem(r models.Request) models.QueueItem {
	h := r.Head()
	w := models.QueueItem{
		Kind: r.Flow().Name, ID: h.ID, Reference: h.Reference, State: h.State, Version: h.Version, DeskID: h.DeskID,
		Country: r.CountryCode(), DueAt: h.DueAt, CreatedAt: h.CreatedAt,
	}
	switch r := r.(type) {
	case *models.Training:
		w.Title = r.Title
	case *models.Referral:
		w.Urgency = r.Urgency
	}
	return w
}
