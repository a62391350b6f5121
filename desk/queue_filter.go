package desk

import (
	"context"

	"github.com/google/uuid"

	"onward/fault"
	"onward/models"
)

// AddQueueFilter saves a filter for its owner.
//
// Errors: name_taken, invalid (unknown_desk).
func (d *Desk) AddQueueFilter(ctx context.Context, a models.Actor, row *models.QueueFilter) error {
	return d.write(ctx, a, func(_ context.Context, tx *models.Tx) error {
		now := d.now()
		row.ID, row.Version, row.OwnerID, row.CreatedAt, row.UpdatedAt = models.NewID(), 1, a.UserID, now, now
		return models.Add(tx, row)
	})
}

// QueueFilter reads a filter of the admin's own, or one that is shared with it.
// Errors: not_found.
func (d *Desk) QueueFilter(ctx context.Context, a models.Actor, id uuid.UUID) (row models.QueueFilter, err error) {
	err = d.read(ctx, a, func(tx *models.Tx) error {
		row, err = tx.GetQueueFilter(a, id)
		return err
	})
	return row, err
}

// QueueFilters lists the filters that an admin may use.
func (d *Desk) QueueFilters(ctx context.Context, a models.Actor, s models.Slice) (list []models.QueueFilter, next *models.Position, err error) {
	err = d.read(ctx, a, func(tx *models.Tx) error {
		list, next, err = tx.QueueFilters(a, s)
		return err
	})
	return list, next, err
}

// OwnQueueFilter is QueueFilter for who would change it.
//
// Errors: not_found; wrong_role, where it is a colleague's.
func (d *Desk) OwnQueueFilter(ctx context.Context, a models.Actor, id uuid.UUID) (models.QueueFilter, error) {
	row, err := d.QueueFilter(ctx, a, id)
	if err == nil && row.OwnerID != a.UserID {
		err = fault.New(fault.Forbidden, fault.CodeWrongRole, "Only who saved a filter changes it; save one of your own.")
	}
	return row, err
}

// EditQueueFilter changes a filter of the admin's own.
//
// Errors: not_found, those of the precondition, name_taken, invalid.
func (d *Desk) EditQueueFilter(ctx context.Context, a models.Actor, id uuid.UUID, pre Precondition, change func(*models.QueueFilter) error) (row models.QueueFilter, err error) {
	err = d.write(ctx, a, func(_ context.Context, tx *models.Tx) error {
		if row, err = d.lockFilter(tx, id, pre); err != nil {
			return err
		}
		if err := change(&row); err != nil {
			return err
		}
		return models.Put(tx, &row, &row.Version, &row.UpdatedAt, d.now())
	})
	return row, err
}

// DeleteQueueFilter forgets a filter of the admin's own.
//
// Errors: not_found, those of the precondition.
func (d *Desk) DeleteQueueFilter(ctx context.Context, a models.Actor, id uuid.UUID, pre Precondition) error {
	return d.write(ctx, a, func(_ context.Context, tx *models.Tx) error {
		if _, err := d.lockFilter(tx, id, pre); err != nil {
			return err
		}
		return tx.DropQueueFilter(id)
	})
}

// lockFilter finds a filter for its owner: the database shows it to nobody else
// who would write.
func (d *Desk) lockFilter(tx *models.Tx, id uuid.UUID, pre Precondition) (models.QueueFilter, error) {
	row, err := models.Lock[models.QueueFilter](tx, id)
	if err == nil {
		err = pre(row.Version)
	}
	return row, err
}
