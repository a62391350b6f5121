package workflow

import (
	"time"

	"onward/fault"
)

// Facts is all that a guard may look at. Package desk gathers them under the
// locks of the transaction that will do the move.
type Facts struct {
	Now time.Time // in the desk's time zone, where a day counts

	// The request.
	Missing    []fault.Field // required members that it lacks
	Child      bool          // the person is, or may be, under 18
	Recorded   bool          // a consent is in force
	Asked      time.Time     // when the open question was put
	HeldUntil  time.Time     // on_hold: until when
	Starts     time.Time     // when the training is scheduled to start
	Objectives int           // how many SMART objectives were promised

	// What of a case is kept, and how long.
	LegalHold    bool      // nothing erases it
	Erased       bool      // what was held of the person is gone
	EraseAt      time.Time // when the clock erases it; zero: it is not at an end
	Announced    bool      // its owner was told in time
	ErasureAsked bool      // an admin has asked for its erasure, and that has not lapsed
	AskedBySelf  bool      // it was the one at hand who asked

	// Its assignments, since it was last reopened.
	Offered, Taken, Completed int

	// The organisation and service at hand: those of an offer to be made, or
	// of the assignment. Nil: none is.
	Partner *PartnerFacts
	Consent Coverage // for them; of the case's best consent if none is at hand
	Best    Coverage // of the case's best consent, whoever is at hand

	// The desk that a transfer names.
	Desk *DeskFacts

	// An assignment's own.
	RespondBy    time.Time
	RequestKind  string // the workflow of its request
	RequestState State

	Sent Input
}

// PartnerFacts is what counts of an organisation and its service.
type PartnerFacts struct {
	Active   bool // the organisation, and the service
	Service  bool // it serves the service, or one of the topics
	Country  bool
	Age      bool
	Gender   bool
	Language bool
	Capacity int  // places left
	Already  bool // it holds a live assignment of this request and service
}

// DeskFacts is what counts of the desk that a transfer names.
type DeskFacts struct{ Active, Same bool }

// Coverage says how far consent reaches an organisation and a service.
type Coverage uint8

// The coverages, from the least to the most.
const (
	Uncovered  Coverage = iota // no consent covers them
	Expired                    // one did, until it expired
	Unapproved                 // one does, but it is an override that no second admin approved
	Covered
)

// Guard is a named condition. Holds is pure.
type Guard struct {
	Code  fault.Code
	Says  string // why not, for a person
	Holds func(Facts) bool

	// Of names the fields of the input that a guard judges; such a guard
	// holds as long as nothing was sent.
	Of func(Facts) []fault.Field
}

func firstBroken(guards []Guard, f Facts) *Guard {
	for _, g := range guards {
		if !g.Holds(f) {
			return &g
		}
	}
	return nil
}

func (g *Guard) fields(f Facts) []fault.Field {
	if g.Of == nil {
		return nil
	}
	return g.Of(f)
}

// member names the one field that a guard judges.
func member(name string, g Guard) Guard {
	g.Of = func(Facts) []fault.Field { return []fault.Field{{Pointer: "/" + name, Code: g.Code, Detail: g.Says}} }
	return g
}

// unsent are the facts before anything was sent. An assignment's organisation
// is its own; a request's is the one that an offer named.
func (f Facts) unsent() Facts {
	f.Sent, f.Desk = Input{}, nil
	if f.RequestKind == "" {
		f.Partner, f.Consent = nil, max(f.Consent, f.Best)
	}
	return f
}

// The guards, by what they look at. A guard that judges what was sent holds
// when nothing was: the need speaks for that.
var (
	complete = Guard{
		Code: "incomplete", Says: "Required fields are missing; see errors.",
		Holds: func(f Facts) bool { return len(f.Missing) == 0 },
		Of:    func(f Facts) []fault.Field { return f.Missing },
	}
	sentWhole = Guard{
		Code: "is_draft", Says: "It was sent as a draft.",
		Holds: func(f Facts) bool { return !f.Sent.Draft },
	}
	sentAsDraft = Guard{
		Code: "is_no_draft", Says: "It was not sent as a draft.",
		Holds: func(f Facts) bool { return f.Sent.Draft },
	}
	consentRecorded = Guard{
		Code: "consent_missing", Says: "No consent is in force; record one first.",
		Holds: func(f Facts) bool { return f.Recorded },
	}
	answerOverdue = Guard{
		Code: "answer_not_overdue", Says: "The answer is not overdue.",
		Holds: func(f Facts) bool { return !f.Now.Before(f.Asked.Add(AnswerSpan)) },
	}
	anotherDesk = member("desk", Guard{
		Code: "same_desk", Says: "The record is at this desk already.",
		Holds: func(f Facts) bool { return f.Desk == nil || !f.Desk.Same },
	})
	activeDesk = member("desk", Guard{
		Code: "desk_inactive", Says: "This desk takes nothing in.",
		Holds: func(f Facts) bool { return f.Desk == nil || f.Desk.Active },
	})
	childUrgent = member("urgency", Guard{
		Code: "child_needs_urgency", Says: "The case of a child, or of a person who may be one, is at least urgent.",
		Holds: func(f Facts) bool { return !f.Child || f.Sent.Urgency != "normal" },
	})
	endsAfterStart = ofSessions("ends_before_start", "It must end after it starts.", func(_ Facts, x Session) bool {
		return !x.StartsAt.IsZero() && !x.EndsAt.IsZero() && !x.EndsAt.After(x.StartsAt)
	})
	within5Years = ofSessions("too_far_ahead", "It must end within five years.", func(f Facts, x Session) bool {
		return x.EndsAt.After(f.Now.AddDate(5, 0, 0))
	})
	deliveredByNow = member("delivered_on", Guard{
		Code: "delivered_in_future", Says: "What was delivered lies in the past.",
		Holds: func(f Facts) bool { return !f.Sent.DeliveredOn.After(f.day(f.Now)) },
	})
	deliveredAfterStart = member("delivered_on", Guard{
		Code: "delivered_before_start", Says: "It can't have been delivered before the day it starts.",
		Holds: func(f Facts) bool {
			return f.Sent.DeliveredOn.IsZero() || !f.Sent.DeliveredOn.Before(f.day(f.Starts))
		},
	})

	partnerActive  = partner("partner_inactive", "The organisation, or its service, takes nothing on now.", func(p PartnerFacts) bool { return p.Active })
	servesService  = partner("service_not_offered", "The organisation does not offer this.", func(p PartnerFacts) bool { return p.Service })
	servesCountry  = partner("country_not_served", "The organisation does not serve this country.", func(p PartnerFacts) bool { return p.Country })
	servesAge      = partner("age_not_served", "The organisation does not serve this age.", func(p PartnerFacts) bool { return p.Age })
	servesGender   = partner("gender_not_served", "The organisation does not serve this gender.", func(p PartnerFacts) bool { return p.Gender })
	servesLanguage = partner("language_not_served", "The organisation speaks none of the languages.", func(p PartnerFacts) bool { return p.Language })
	notYetOffered  = partner("already_assigned", "The organisation holds a live assignment of this already.", func(p PartnerFacts) bool { return !p.Already })
	noPlaceLeft    = partner("has_capacity", "A place is left; offer it instead.", func(p PartnerFacts) bool { return p.Capacity <= 0 })
	hasCapacity    = partner("no_capacity", "No place is left.", func(p PartnerFacts) bool { return p.Capacity > 0 })
	placeLeft      = Guard{Code: hasCapacity.Code, Says: hasCapacity.Says, Holds: hasCapacity.Holds}

	consentCovers    = consent("consent_missing", "No consent covers this organisation and service.", Uncovered)
	consentUnexpired = consent("consent_expired", "The consent has expired; record a new one.", Expired)
	overrideApproved = consent("override_unapproved", "A second admin must approve this override of consent first.", Unapproved)

	notErased = Guard{
		Code: "erased", Says: "What was held of the person is erased.",
		Holds: func(f Facts) bool { return !f.Erased },
	}
	noLegalHold = Guard{
		Code: "legal_hold", Says: "A legal hold stands.",
		Holds: func(f Facts) bool { return !f.LegalHold },
	}
	legalHold = Guard{
		Code: "no_legal_hold", Says: "No legal hold stands.",
		Holds: func(f Facts) bool { return f.LegalHold },
	}
	noticeDue = Guard{
		Code: "notice_not_due", Says: "The owner was told already, or it is too early.",
		Holds: func(f Facts) bool {
			return !f.Announced && !f.EraseAt.IsZero() && !f.Now.Before(f.EraseAt.Add(-Notice))
		},
	}
	retentionOver = Guard{
		Code: "retention_not_over", Says: "The time for which the desk keeps a case is not over.",
		Holds: func(f Facts) bool { return f.Announced && !f.Now.Before(f.EraseAt) },
	}
	erasureNotAsked = Guard{
		Code: "erasure_requested", Says: "Its erasure is requested; it takes a second admin.",
		Holds: func(f Facts) bool { return !f.ErasureAsked },
	}
	erasureAsked = Guard{
		Code: "erasure_not_requested", Says: "No admin has asked for its erasure, or that has lapsed.",
		Holds: func(f Facts) bool { return f.ErasureAsked },
	}
	secondPerson = Guard{
		Code: "same_person", Says: "It takes a second person: another admin than the first.",
		Holds: func(f Facts) bool { return !f.ErasureAsked || !f.AskedBySelf },
	}

	nothingLive = Guard{
		Code: "assignments_live", Says: "An assignment is still live.",
		Holds: func(f Facts) bool { return f.Offered+f.Taken == 0 },
	}
	noneTaken = Guard{
		Code: "assignment_taken", Says: "An assignment is accepted or further.",
		Holds: func(f Facts) bool { return f.Taken+f.Completed == 0 },
	}
	oneTaken = Guard{
		Code: "no_assignment_taken", Says: "No assignment is accepted.",
		Holds: func(f Facts) bool { return f.Taken+f.Completed > 0 },
	}
	noneHeld = Guard{
		Code: "assignment_taken", Says: "An assignment is accepted.",
		Holds: func(f Facts) bool { return f.Taken == 0 },
	}
	holdOver = Guard{
		Code: "hold_not_over", Says: "The hold is not over.",
		Holds: func(f Facts) bool { return !f.HeldUntil.IsZero() && !f.Now.Before(f.HeldUntil) },
	}

	requestOpen = Guard{
		Code: "request_closed", Says: "The request is no longer open to an answer.",
		Holds: func(f Facts) bool {
			switch f.RequestState {
			case Offered:
				return f.RequestKind == Training.Name
			case Open, InService, OnHold:
				return f.RequestKind == Referral.Name
			}
			return false
		},
	}
	beforeRespondBy = Guard{
		Code: "offer_closed", Says: "The time to respond has passed.",
		Holds: func(f Facts) bool { return f.Now.Before(f.RespondBy) },
	}
	respondByPassed = Guard{
		Code: "offer_open", Says: "The time to respond has not passed.",
		Holds: func(f Facts) bool { return !f.Now.Before(f.RespondBy) },
	}
	notDelivered = Guard{
		Code: "already_delivered", Says: "The training was delivered; its assignment can't be undone.",
		Holds: func(f Facts) bool { return !f.delivered() },
	}
	deliveredIfTraining = Guard{
		Code: "not_delivered", Says: "The training was not delivered yet.",
		Holds: func(f Facts) bool { return f.RequestKind != Training.Name || f.delivered() },
	}
)

// day is the date of a moment where Now is told, the desk's time zone; as
// dates are sent, it is a midnight of UTC.
func (f Facts) day(t time.Time) time.Time {
	year, month, day := t.In(f.Now.Location()).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

func (f Facts) delivered() bool {
	return f.RequestState == Delivered || f.RequestState == Evaluated || f.RequestKind == Training.Name && f.RequestState == Closed
}

func partner(code fault.Code, says string, holds func(PartnerFacts) bool) Guard {
	return member("organisation_id", Guard{
		Code: code, Says: says,
		Holds: func(f Facts) bool { return f.Partner == nil || holds(*f.Partner) },
	})
}

func consent(code fault.Code, says string, not Coverage) Guard {
	return Guard{Code: code, Says: says, Holds: func(f Facts) bool { return f.Consent != not }}
}

// Guards lists every guard of every table once, for the pages that explain
// their codes.
func Guards() []Guard {
	var all []Guard
	seen := map[fault.Code]bool{}
	for _, w := range All() {
		for _, r := range w.Rows {
			for _, g := range r.If {
				if !seen[g.Code] {
					seen[g.Code] = true
					all = append(all, g)
				}
			}
		}
	}
	return all
}
