package models

import (
	"time"

	"github.com/google/uuid"

	"onward/workflow"
)

// Retention is what decides how long a case is kept, and whether it still is.
type Retention struct {
	EndedAt            *time.Time
	LegalHold          bool // nothing erases it
	ErasureAnnouncedAt *time.Time
	ErasureAskedBy     *uuid.UUID
	ErasureAskedAt     *time.Time
	ErasedAt           *time.Time
}

// ErasureAsked reports whether an admin has asked for the erasure, and a
// second one can still do it.
func (r Retention) ErasureAsked(now time.Time) bool {
	return r.ErasureAskedAt != nil && now.Before(r.ErasureLapses())
}

// ErasureLapses is until when a second admin can do what a first asked for.
func (r Retention) ErasureLapses() time.Time { return r.ErasureAskedAt.Add(workflow.SecondWithin) }

// Renew forgets what was said of the erasure: another end, or a legal hold,
// begins anew.
func (r *Retention) Renew() {
	r.ErasureAnnouncedAt, r.ErasureAskedBy, r.ErasureAskedAt = nil, nil, nil
}

// Erase empties what could tell who the person is. Codes, dates and states
// stay, to be counted.
func (r *Referral) Erase(at time.Time) {
	r.SubjectCode, r.Summary, r.Subdivision, r.Follows = "", "", "", nil
	r.Renew()
	r.ErasedAt = &at
}

// MonthsKept tells for how many months desks keep a case after its end.
func (tx *Tx) MonthsKept(desks ...uuid.UUID) (map[uuid.UUID]int, error) {
	var rows []Desk
	err := tx.g.Where("id IN ?", desks).Find(&rows).Error
	months := make(map[uuid.UUID]int, len(rows))
	for _, d := range rows {
		months[d.ID] = d.RetentionMonths
	}
	return months, err
}
