package models

import (
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm/clause"
)

// WaitState is where an entry of a waiting list is.
type WaitState string

// The states of an entry.
const (
	WaitWaiting WaitState = "waiting"
	WaitOffered WaitState = "offered" // its turn came
	WaitEnded   WaitState = "ended"
)

// Wait is a row of waits: a request that waits for a place of a full service.
type Wait struct {
	ID             uuid.UUID `gorm:"primaryKey"`
	Version        int
	Kind           string // of its request
	RequestID      uuid.UUID
	OrganisationID uuid.UUID
	ServiceID      uuid.UUID
	Service        string
	State          WaitState
	Reason         string     // the code of what ended it, where there is one
	AssignmentID   *uuid.UUID // the offer that was made
	MadeBy         uuid.UUID
	Since          time.Time
	UpdatedAt      time.Time `gorm:"autoUpdateTime:false"`
	EndedAt        *time.Time
}

// AddWait writes a new entry. Errors: already_waiting.
func (tx *Tx) AddWait(w *Wait) error { return tx.insert(w) }

// PutWait writes what became of an entry, as its next version. Whoever changes
// it holds the lock on its request.
func (tx *Tx) PutWait(w *Wait, at time.Time) error {
	w.Version, w.UpdatedAt = w.Version+1, at
	return tx.g.Model(w).Select("version", "state", "reason", "assignment_id", "updated_at", "ended_at").Updates(w).Error
}

// FindWait reads an entry, for who does not know of which request it is.
// Errors: not_found.
func (tx *Tx) FindWait(id uuid.UUID) (*Wait, error) {
	var row Wait
	return &row, one(tx.g.Where("id = ?", id).Take(&row).Error)
}

// GetWait reads an entry of a request. Errors: not_found.
func (tx *Tx) GetWait(request, id uuid.UUID) (*Wait, error) {
	var row Wait
	return &row, one(tx.g.Where("id = ? AND request_id = ?", id, request).Take(&row).Error)
}

// Waits lists the entries of a request, the earliest first.
func (tx *Tx) Waits(request uuid.UUID, s Slice) ([]*Wait, *Position, error) {
	var rows []*Wait
	err := slice(tx.g.Where("request_id = ?", request), s).Find(&rows).Error
	page, next := cut(rows, s, func(w *Wait) Position { return created(w.Since, w.ID) })
	return page, next, err
}

// EndWaits ends what waits of a request, for the code of a reason.
func (tx *Tx) EndWaits(request uuid.UUID, reason string, at time.Time) error {
	rows := []*Wait{}
	if err := tx.g.Where("request_id = ? AND state = ?", request, WaitWaiting).Order("id").Find(&rows).Error; err != nil {
		return err
	}
	for _, w := range rows {
		w.State, w.Reason, w.EndedAt = WaitEnded, reason, &at
		if err := tx.PutWait(w, at); err != nil {
			return err
		}
	}
	return nil
}

// Positions gives the places of entries in their lists, by id: none to one that
// has no turn now.
func (tx *Tx) Positions(entries ...uuid.UUID) (map[uuid.UUID]int, error) {
	var rows []struct {
		Entry uuid.UUID
		Turn  int
	}
	err := tx.g.Raw("SELECT * FROM positions_of(cast(? AS uuid[]))", uuidArray(entries)).Scan(&rows).Error
	at := make(map[uuid.UUID]int, len(rows))
	for _, r := range rows {
		at[r.Entry] = r.Turn
	}
	return at, err
}

// WaitingFor counts the requests that wait for a service, of whichever desk.
func (tx *Tx) WaitingFor(service uuid.UUID) (n int, err error) {
	err = tx.g.Raw("SELECT waiting_for(?)", service).Scan(&n).Error
	return n, err
}

// LockPlaces locks a service and tells how many of its places are left that no
// open offer from its waiting list speaks for: no two offers are made of one.
func (tx *Tx) LockPlaces(service uuid.UUID) (int, error) {
	var s Service
	if err := tx.g.Clauses(clause.Locking{Strength: "UPDATE"}).Where("id = ?", service).Take(&s).Error; err != nil {
		return 0, err
	}
	var spoken int64
	err := tx.g.Model(&Wait{}).Joins("JOIN assignments a ON a.id = waits.assignment_id").
		Where("waits.service_id = ? AND a.state = 'offered'", service).Count(&spoken).Error
	return s.CapacityAvailable - int(spoken), err
}
