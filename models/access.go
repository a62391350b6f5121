package models

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"onward/models/queries"
	"onward/workflow"
)

// Shown is what of a case a transaction shows to its actor, and by which
// right: as its owner, its admin, or the partner of an assignment.
type Shown struct {
	Referral   uuid.UUID
	As         workflow.Role
	Assignment uuid.UUID // of a partner
	Parts      []workflow.Part
	Made       bool `json:"-"` // by the same transaction: who made it learns nothing by it
}

// ledger is what a transaction shows of cases.
type ledger struct {
	made  []uuid.UUID // records, by this transaction
	shown []Shown
	taken int // of shown
}

// Show notes what of a case the transaction shows. The trace of a case tells
// of nobody and is left out.
func (l *ledger) Show(s Shown) {
	s.Parts = slices.DeleteFunc(slices.Clone(s.Parts), func(p workflow.Part) bool { return p == workflow.Trace })
	s.Made = slices.Contains(l.made, s.Referral)
	fresh := l.shown[l.taken:]
	same := func(o Shown) bool { return o.Referral == s.Referral && o.As == s.As && o.Assignment == s.Assignment }
	switch i := slices.IndexFunc(fresh, same); {
	case len(s.Parts) == 0:
	case i < 0:
		l.shown = append(l.shown, s)
	default:
		s.Parts = slices.DeleteFunc(s.Parts, func(p workflow.Part) bool { return slices.Contains(fresh[i].Parts, p) })
		fresh[i].Parts = append(fresh[i].Parts, s.Parts...)
	}
}

// TakeShown gives what Show noted since it was last taken.
func (l *ledger) TakeShown() []Shown {
	fresh := l.shown[l.taken:]
	l.taken = len(l.shown)
	return fresh
}

// Shown is all that the transaction has shown so far.
func (l *ledger) Shown() []Shown { return l.shown }

// Access is a row of accesses: one reading of one case.
type Access struct {
	ID             uuid.UUID
	At             time.Time
	ReferralID     uuid.UUID
	UserID         uuid.UUID
	OrganisationID uuid.UUID
	TokenID        *uuid.UUID
	Operation      string
	AsRole         string
	AssignmentID   *uuid.UUID
	Parts          []string `gorm:"serializer:array"`
	RequestID      string
}

// AddAccesses writes readings, in one statement.
func (tx *Tx) AddAccesses(a Actor, at time.Time, shown []Shown) error {
	rows := make([]Access, len(shown))
	for i, s := range shown {
		rows[i] = Access{
			ID: NewID(), At: at, ReferralID: s.Referral, UserID: a.UserID, OrganisationID: a.OrganisationID, TokenID: orNone(a.TokenID),
			Operation: a.Operation, AsRole: s.As.String(), AssignmentID: orNone(s.Assignment), RequestID: a.RequestID,
		}
		for _, p := range s.Parts {
			rows[i].Parts = append(rows[i].Parts, string(p))
		}
	}
	return tx.insert(&rows)
}

func orNone(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}

// LockReader keeps a person's readings one after the other until the
// transaction ends, on whichever node they come in.
func (tx *Tx) LockReader(user uuid.UUID) error {
	return tx.g.Exec("SELECT pg_advisory_xact_lock(hashtext('accesses'), hashtext(?))", user.String()).Error
}

// TooMany reports whether, with these cases, a person would have read more
// than limit different ones since a moment. Sealed parts are counted apart
// from the rest. oldest is the reading that has to grow older than since for
// the person to be within the limit again; nil if none would do.
func (tx *Tx) TooMany(user uuid.UUID, cases []uuid.UUID, sealed bool, since time.Time, limit int) (tooMany bool, oldest *time.Time, err error) {
	var rows []struct{ At *time.Time }
	err = tx.g.Raw(queries.Reading, map[string]any{
		"user": user, "cases": uuidArray(cases), "sealed": sealed, "since": since, "limit": limit,
	}).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return false, nil, err
	}
	return true, rows[0].At, nil
}

// Reading is a row of accesses with the names of who read.
type Reading struct {
	Access
	UserName, OrganisationName string
}

// AccessesOf lists who read a case, the latest first.
func (tx *Tx) AccessesOf(referral uuid.UUID, s Slice) ([]Reading, *Position, error) {
	var rows []Reading
	err := slice(tx.g.Table("accesses").Where("referral_id = ?", referral), s).
		Select(`accesses.*, (SELECT name FROM users WHERE users.id = user_id) AS user_name,
			(SELECT name FROM organisations WHERE organisations.id = organisation_id) AS organisation_name`).
		Scan(&rows).Error
	page, next := cut(rows, s, func(r Reading) Position { return Position{stamp(&r.At), r.ID.String()} })
	return page, next, err
}

// Unmoved gives the version of a record, if a reply that was given of that
// version would be the same now; 0 if not.
func (tx *Tx) Unmoved(id uuid.UUID, now time.Time) (version int, err error) {
	err = tx.g.Raw(queries.Unmoved, map[string]any{"id": id, "now": now, "completed_before": now.Add(-workflow.AfterCompletion)}).Scan(&version).Error
	return version, err
}
