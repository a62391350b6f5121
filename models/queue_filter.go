package models

import (
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"onward/fault"
)

// QueueFilterFields is the twin of api.QueueFilterFields.
type QueueFilterFields struct {
	Name           string
	Shared         bool
	Kind           string
	Urgency        string
	Country        string
	Overdue        *bool
	DueWithinHours int
}

// QueueFilter is a row of queue_filters: a name for a part of the queue.
type QueueFilter struct {
	ID      uuid.UUID `gorm:"primaryKey"`
	Version int
	OwnerID uuid.UUID
	QueueFilterFields
	DeskID    *uuid.UUID // that it narrows to
	CreatedAt time.Time  `gorm:"autoCreateTime:false"`
	UpdatedAt time.Time  `gorm:"autoUpdateTime:false"`
}

// Under lays what was asked for by itself over a saved filter: of each of its
// parameters the one that was sent counts.
func (q QueueFilter) Under(f Filter) Filter {
	f.Kind, f.Urgency, f.Country = either(f.Kind, q.Kind), either(f.Urgency, q.Urgency), either(f.Country, q.Country)
	if q.DeskID != nil {
		f.Desk = either(f.Desk, *q.DeskID)
	}
	if f.Overdue == nil {
		f.Overdue = q.Overdue
	}
	if f.DueBefore.IsZero() {
		f.DueWithin = time.Duration(q.DueWithinHours) * time.Hour
	}
	return f
}

func either[T comparable](sent, saved T) T {
	var zero T
	if sent == zero {
		return saved
	}
	return sent
}

// filtersOf limits a query to an admin's own filters and those that its
// colleagues of the same desk share.
func filtersOf(query *gorm.DB, a Actor) *gorm.DB {
	return query.Where(`(owner_id = @id OR shared AND EXISTS (SELECT FROM users u
		WHERE u.id = queue_filters.owner_id AND u.active AND 'admin' = ANY (u.roles) AND u.desk_id IS NOT DISTINCT FROM cast(@desk AS uuid)))`,
		map[string]any{"id": a.UserID, "desk": a.DeskID})
}

// GetQueueFilter reads one that an admin may use. Errors: not_found.
func (tx *Tx) GetQueueFilter(a Actor, id uuid.UUID) (QueueFilter, error) {
	var row QueueFilter
	err := one(filtersOf(tx.g.Where("id = ?", id), a).Take(&row).Error)
	return row, err
}

// QueueFilters lists those that an admin may use.
func (tx *Tx) QueueFilters(a Actor, s Slice) ([]QueueFilter, *Position, error) {
	var rows []QueueFilter
	err := slice(filtersOf(tx.g.Model(&QueueFilter{}), a), s).Find(&rows).Error
	page, next := cut(rows, s, func(q QueueFilter) Position { return created(q.CreatedAt, q.ID) })
	return page, next, err
}

// DropQueueFilter deletes a filter. Errors: not_found.
func (tx *Tx) DropQueueFilter(id uuid.UUID) error {
	done := tx.g.Where("id = ?", id).Delete(&QueueFilter{})
	if done.Error == nil && done.RowsAffected == 0 {
		return fault.Absent()
	}
	return done.Error
}
