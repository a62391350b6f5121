package workflow

import "time"

// When a case is erased that nobody erases before.
const (
	// Notice is how long before its erasure the owner of a case is told.
	Notice = 30 * 24 * time.Hour
	// SecondWithin is how long a request of erasure waits for a second admin.
	SecondWithin = 14 * 24 * time.Hour
)

// OfKeeping reports whether an action is about how long a case is kept, and
// not about the person: its reason is the owner's and the desk's alone.
func OfKeeping(do Action) bool { return do == SetLegalHold || do == RequestErasure || do == Erase }

// EraseAt is when the clock erases a case: so many months after it ended, and
// Notice after its owner was told. A warning counts, and announced says so,
// if it was not given too early: where a desk has come to keep cases longer,
// there is another one.
func EraseAt(ended time.Time, months int, told *time.Time) (at time.Time, announced bool) {
	at = monthsAfter(ended.UTC(), months)
	if told == nil || told.Before(at.Add(-Notice)) {
		return at, false
	}
	if soonest := told.Add(Notice); soonest.After(at) {
		at = soonest
	}
	return at, true
}

// monthsAfter is the same day of a later month, or the month's last if it has
// no such day, as PostgreSQL counts.
func monthsAfter(t time.Time, months int) time.Time {
	later := t.AddDate(0, months, 0)
	if later.Day() != t.Day() {
		later = later.AddDate(0, 0, -later.Day())
	}
	return later
}
