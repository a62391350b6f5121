package models

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm/clause"
)

// KeyUse tells how many data keys are under one key-encryption key.
type KeyUse struct {
	KEK      string
	DataKeys int64
	Wraps    bool `gorm:"-"` // the current one: data keys are wrapped by it now
}

// wrapping takes a lock that everybody who wraps the key of a new request
// shares, from before the ring is asked until the key is in its table.
func (tx *Tx) wrapping() error {
	return tx.g.Exec("SELECT pg_advisory_xact_lock_shared(hashtext('onward wrapping'))").Error
}

// StopWrapping waits until every transaction that wraps a new data key has
// ended, and lets no other begin before this one has. So a ring can be changed:
// whoever wraps later does it by the new one, and whatever was wrapped before
// can be seen.
func (tx *Tx) StopWrapping() error {
	return tx.g.Exec("SELECT pg_advisory_xact_lock(hashtext('onward wrapping'))").Error
}

// KeyUses lists the key-encryption keys of the ring.
func (tx *Tx) KeyUses() ([]KeyUse, error) {
	names, err := tx.ring.Names()
	if err != nil {
		return nil, err
	}
	var uses []KeyUse
	if err := tx.g.Model(&DataKey{}).Select("kek, count(*) AS data_keys").Group("kek").Scan(&uses).Error; err != nil {
		return nil, err
	}
	for _, name := range names {
		if !slices.ContainsFunc(uses, func(u KeyUse) bool { return u.KEK == name }) {
			uses = append(uses, KeyUse{KEK: name})
		}
	}
	for i := range uses {
		uses[i].Wraps = uses[i].KEK == tx.ring.Current()
	}
	return uses, nil
}

// Rewrap wraps data keys by the current key that were under an older one, as
// many as limit at most, and gives their number. It stands in nobody's way: a
// text can be sealed and opened meanwhile.
func (tx *Tx) Rewrap(older string, limit int) (int, error) {
	var rows []DataKey
	err := tx.g.Clauses(clause.Locking{Strength: "NO KEY UPDATE"}).Where("kek = ?", older).Order("request_id").Limit(limit).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	for i, row := range rows {
		key, err := tx.ring.Unwrap(tx.ctx(), row.Wrapped, keyBound(row.RequestID))
		if err == nil {
			rows[i], err = tx.wrap(row.RequestID, key, row.CreatedAt)
		}
		if err != nil {
			return 0, fmt.Errorf("wrapping the data key of %s anew: %w", row.RequestID, err)
		}
	}
	err = tx.g.Clauses(clause.OnConflict{ // they are all there, and locked
		Columns:   []clause.Column{{Name: "request_id"}},
		DoUpdates: clause.AssignmentColumns([]string{"wrapped", "kek"}),
	}).Create(&rows).Error
	return len(rows), err
}

// holds refuses a ring that lacks a key which data keys are under: a copy of
// the right one from before a rotation, or, for a dump of that time, from after.
func (db *DB) holds(ctx context.Context) error {
	var used []string
	err := db.Read(ctx, Actor{}, time.Now(), func(_ context.Context, tx *Tx) error { // as the system, who sees them all
		return tx.g.Model(&DataKey{}).Distinct().Order("kek").Pluck("kek", &used).Error
	})
	if err != nil {
		return fmt.Errorf("reading which keys are in use: %w", err)
	}
	names, err := db.ring.Names()
	if err != nil {
		return err
	}
	missing := slices.DeleteFunc(used, func(name string) bool { return slices.Contains(names, name) })
	if len(missing) > 0 {
		return fmt.Errorf("the keys are of another time than the database: they lack %v, which data keys are wrapped by: put the keys.json that goes with it in its place, or set ONWARD_KEYS to it", missing)
	}
	return nil
}
