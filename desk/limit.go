package desk

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"onward/fault"
	"onward/models"
	"onward/workflow"
)

// window is the time over which readings are counted.
const window = time.Hour

// Limits says of how many different cases a person may read within an hour.
type Limits struct {
	Roles map[string]int // sealed parts, by role; 0 or absent: DefaultLimit
	Lists int            // anything else, as lists show it; 0: DefaultListLimit
}

// The limits where nothing else is set: well above a day's work, and well
// below a copy of everything.
const (
	DefaultLimit     = 100
	DefaultListLimit = 2000
)

// LimitReading sets the limits, and whom to tell when somebody reaches one: at
// most once an hour for each person.
func LimitReading(l Limits, tell func(context.Context, models.Actor)) Option {
	return func(d *Desk) { d.limits, d.alarm.tell = l, tell }
}

// of gives the limit of an actor: of several roles, the largest.
func (l Limits) of(a models.Actor, sealed bool) int {
	if !sealed {
		return orDefault(l.Lists, DefaultListLimit)
	}
	largest := 0
	for _, role := range a.Roles {
		largest = max(largest, orDefault(l.Roles[role], DefaultLimit))
	}
	return largest
}

func orDefault(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

// admit lets a reading pass, unless with it the actor would have read of more
// different cases within the hour than its limit. What was read within the
// hour can be read again. The count and the reading are one transaction, and
// those of one person come one after the other.
//
// Errors: reading_limit.
func (d *Desk) admit(ctx context.Context, tx *models.Tx, a models.Actor, shown []models.Shown) error {
	if err := tx.LockReader(a.UserID); err != nil {
		return err
	}
	for _, sealed := range []bool{true, false} {
		var cases []uuid.UUID
		for _, s := range shown {
			if slices.Contains(s.Parts, workflow.Sealed) == sealed {
				cases = append(cases, s.Referral)
			}
		}
		if len(cases) == 0 {
			continue
		}
		now := d.now()
		tooMany, oldest, err := tx.TooMany(a.UserID, cases, sealed, now.Add(-window), d.limits.of(a, sealed))
		if err != nil {
			return err
		}
		if tooMany {
			d.alarm.raise(ctx, a, now)
			return tooManyRead(oldest, now)
		}
	}
	return nil
}

func tooManyRead(oldest *time.Time, now time.Time) *fault.Fault {
	no := fault.New(fault.Limited, fault.CodeReadingLimit, "You have read as many different cases as you may within an hour; those you can read again.")
	no.RetryAfter = window
	if oldest != nil {
		no.RetryAfter = oldest.Add(window).Sub(now)
	}
	return no
}

// alarm tells of a person at most once an hour.
type alarm struct {
	tell func(context.Context, models.Actor)
	mu   sync.Mutex
	last map[uuid.UUID]time.Time
}

func (al *alarm) raise(ctx context.Context, a models.Actor, now time.Time) {
	al.mu.Lock()
	defer al.mu.Unlock()
	if last, ok := al.last[a.UserID]; al.tell == nil || ok && now.Sub(last) < window {
		return
	}
	if al.last == nil {
		al.last = map[uuid.UUID]time.Time{}
	}
	al.last[a.UserID] = now
	al.tell(ctx, a)
}
