package workflow

import (
	"slices"
	"time"
)

// Part is a group of a case's fields that is shown or kept together.
type Part string

// The parts of a case, from what says least to what says most.
const (
	Trace    Part = "trace"    // the assignment's own dates and reasons
	Summary  Part = "summary"  // service, country, first subdivision, age band, languages, urgency, summary: no identity
	Message  Part = "message"  // what the desk wrote to the partner with the offer
	Person   Part = "person"   // every other field of the case that isn't sealed
	Sealed   Part = "sealed"   // narrative, actions taken, contact, and the words of the thread
	Consent  Part = "consent"  // who consented to what
	Matching Part = "matching" // which other cases may be of the same person
)

// AfterCompletion is how long a partner can still read a case that it
// completed.
const AfterCompletion = 30 * 24 * time.Hour

// needToKnow is the one table of who sees what of a case. Of an assignment
// that is live or completed, a partner sees within what the consent that
// covers it passes on (Withheld).
var needToKnow = map[Role]map[State][]Part{
	Owner: {anyState: {Trace, Summary, Message, Person, Sealed, Consent}},
	Admin: {anyState: {Trace, Summary, Message, Person, Sealed, Consent, Matching}},
	Partner: {
		Offered:    {Trace, Summary, Message},
		Accepted:   {Trace, Summary, Message, Person, Sealed},
		InProgress: {Trace, Summary, Message, Person, Sealed},
		OnHold:     {Trace, Summary, Message, Person, Sealed},
		Completed:  {Trace, Summary, Message, Person, Sealed}, // for AfterCompletion
		Declined:   {Trace},
		Lapsed:     {Trace},
		Returned:   {Trace},
		Revoked:    {Trace},
	},
}

const anyState State = "*"

// DeskOnly are the actions that the desk alone hears of: to anybody else they
// would tell that a person is known already.
var DeskOnly = []Action{LinkDuplicate}

// Sees reports whether a caller who is `as` to a case sees a part of it. For a
// partner, the state of its assignment decides, and after completion the time
// since it ended.
func Sees(as Role, assignment State, sinceEnd time.Duration, part Part) bool {
	for _, role := range as.Each() {
		parts, ok := needToKnow[role][anyState]
		if !ok {
			parts = needToKnow[role][assignment]
		}
		if role == Partner && assignment == Completed && sinceEnd > AfterCompletion {
			parts = []Part{Trace}
		}
		if slices.Contains(parts, part) {
			return true
		}
	}
	return false
}
