package models

import (
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm/clause"

	"onward/fault"
)

// entity is a row of the network itself, which no workflow moves: a desk, an
// organisation, a rule, a service, a user, a saved filter.
type entity interface {
	Desk | Organisation | QueueFilter | RoutingRule | Service | User
}

// get reads one row. Errors: not_found.
func get[T entity](tx *Tx, id uuid.UUID, locking ...clause.Expression) (T, error) {
	var row T
	err := one(tx.g.Clauses(locking...).Where("id = ?", id).Take(&row).Error)
	return row, err
}

// Lock reads one row for update. Errors: not_found.
func Lock[T entity](tx *Tx, id uuid.UUID) (T, error) {
	return get[T](tx, id, clause.Locking{Strength: "UPDATE"})
}

// kept holds off who would close a desk or retire an organisation, and nobody
// else.
var kept = clause.Locking{Strength: "KEY SHARE"}

// Keep reads one row and keeps it as it is in use, not closed and not retired,
// until the transaction ends. Errors: not_found.
func Keep[T entity](tx *Tx, id uuid.UUID) (T, error) { return get[T](tx, id, kept) }

// Add writes a new row; its ID, version and times are given. Errors: the code
// of the constraint that refuses.
func Add[T entity](tx *Tx, row *T) error { return tx.insert(row) }

// Put writes a row that Lock gave, whole, with the next version.
//
// Errors: stale; the code of the constraint that refuses.
func Put[T entity](tx *Tx, row *T, version *int, updated *time.Time, at time.Time) error {
	was := *version
	*version, *updated = was+1, at
	done := tx.g.Model(row).Select("*").Omit("id").Where("version = ?", was).Updates(row) // Select("*"): zero values too, for the row is the truth
	if done.Error == nil && done.RowsAffected == 0 {
		return fault.Outdated()
	}
	return done.Error
}
