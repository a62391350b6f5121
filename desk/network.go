package desk

import (
	"context"

	"github.com/google/uuid"

	"onward/models"
)

// The people, organisations, services and desks of the network are no
// workflow's: they are made, read and changed. Whoever may do so by role is
// checked at the edge; here stands what depends on the row.

// AddDesk makes a desk. A new default takes the place of the old.
//
// Errors: name_taken.
func (d *Desk) AddDesk(ctx context.Context, a models.Actor, row *models.Desk) error {
	return d.write(ctx, a, func(_ context.Context, tx *models.Tx) error {
		now := d.now()
		row.ID, row.Version, row.CreatedAt, row.UpdatedAt = models.NewID(), 1, now, now
		row.Complete()
		if row.Default {
			if err := tx.NoDefaultDesk(row.ID, now); err != nil {
				return err
			}
		}
		return models.Add(tx, row)
	})
}

// GetDesk reads a desk. Errors: not_found.
func (d *Desk) GetDesk(ctx context.Context, a models.Actor, id uuid.UUID) (row models.Desk, err error) {
	err = d.read(ctx, a, func(tx *models.Tx) error {
		row, err = tx.GetDesk(id)
		return err
	})
	return row, err
}

// Desks lists the desks.
func (d *Desk) Desks(ctx context.Context, a models.Actor, s models.Slice) (list []models.Desk, next *models.Position, err error) {
	err = d.read(ctx, a, func(tx *models.Tx) error {
		list, next, err = tx.Desks(s)
		return err
	})
	return list, next, err
}

// EditDesk changes a desk.
//
// Errors: not_found, those of the precondition, name_taken, desk_is_default,
// desk_in_use, invalid.
func (d *Desk) EditDesk(ctx context.Context, a models.Actor, id uuid.UUID, pre Precondition, change func(*models.Desk) error) (row models.Desk, err error) {
	err = d.write(ctx, a, func(_ context.Context, tx *models.Tx) error {
		if row, err = models.Lock[models.Desk](tx, id); err != nil {
			return err
		}
		was := row
		if err := pre(row.Version); err != nil {
			return err
		}
		if err := change(&row); err != nil {
			return err
		}
		row.Complete()
		if err := d.settle(tx, was, row); err != nil {
			return err
		}
		return models.Put(tx, &row, &row.Version, &row.UpdatedAt, d.now())
	})
	return row, err
}

// settle keeps one default desk, and lets none close with work in it.
func (d *Desk) settle(tx *models.Tx, was, row models.Desk) error {
	if was.Default && (!row.Default || !row.Active) {
		return deskIsDefault
	}
	if was.Active && !row.Active {
		busy, err := tx.Unfinished(row.ID)
		if err != nil {
			return err
		}
		if busy {
			return deskInUse
		}
	}
	if row.Default && !was.Default {
		return tx.NoDefaultDesk(row.ID, d.now())
	}
	return nil
}
