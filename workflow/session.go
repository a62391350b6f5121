package workflow

import (
	"fmt"
	"slices"
	"time"

	"onward/fault"
)

// Session is one part of a training: a day, or less. Its place and link are
// those of the whole schedule where it has none of its own.
type Session struct {
	StartsAt, EndsAt time.Time
	Place, Link      string
}

// Meetings are the sessions that were sent, or the one that a start and an end
// are.
func (i Input) Meetings() []Session {
	if len(i.Sessions) > 0 {
		return i.Sessions
	}
	return []Session{{StartsAt: i.StartsAt, EndsAt: i.EndsAt}}
}

// Spread gives an input that has sessions its start and its end: those of the
// first and the last. What was sent beside them must agree, and each session
// must start when the one before it has ended, or later.
func (i Input) Spread() Input {
	if len(i.Sessions) == 0 {
		return i
	}
	i.Faulty = slices.Clone(i.Faulty)
	first, last := i.Sessions[0].StartsAt, i.Sessions[len(i.Sessions)-1].EndsAt
	i.agree("starts_at", i.StartsAt, first, "This must be when the first session starts; you can leave it out.")
	i.agree("ends_at", i.EndsAt, last, "This must be when the last session ends; you can leave it out.")
	i.StartsAt, i.EndsAt = first, last
	for n := 1; n < len(i.Sessions); n++ {
		if i.Sessions[n].StartsAt.Before(i.Sessions[n-1].EndsAt) {
			i.Faulty = append(i.Faulty, fault.Field{Pointer: fmt.Sprintf("/sessions/%d/starts_at", n), Code: "out_of_order", Detail: "A session must not start before the one before it has ended."})
		}
	}
	return i
}

func (i *Input) agree(member string, sent, is time.Time, says string) {
	if !sent.IsZero() && !sent.Equal(is) {
		i.Faulty = append(i.Faulty, fault.Field{Pointer: "/" + member, Code: "not_of_sessions", Detail: says})
	}
}

// ofSessions is a guard that judges when each session ends.
func ofSessions(code fault.Code, says string, wrong func(Facts, Session) bool) Guard {
	broken := func(f Facts) []fault.Field {
		for n, x := range f.Sent.Meetings() {
			if !wrong(f, x) {
				continue
			}
			pointer := "/ends_at"
			if len(f.Sent.Sessions) > 0 {
				pointer = fmt.Sprintf("/sessions/%d/ends_at", n)
			}
			return []fault.Field{{Pointer: pointer, Code: code, Detail: says}}
		}
		return nil
	}
	return Guard{Code: code, Says: says, Holds: func(f Facts) bool { return len(broken(f)) == 0 }, Of: broken}
}
