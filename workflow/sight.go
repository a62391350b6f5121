package workflow

import (
	"slices"
	"time"
)

// partOf says to which part each member of a case belongs. A member that is
// not here is nobody's.
var partOf = map[string]Part{
	"id": Trace, "reference": Trace, "state": Trace, "version": Trace, "desk": Trace,
	"created_at": Trace, "updated_at": Trace, "due_at": Trace, "actions": Trace,

	"age_band": Summary, "country": Summary, "subdivision": Summary, "languages": Summary, "urgency": Summary,
	"summary": Summary,

	"message": Message,

	"owner": Person, "organisation": Person, "reason": Person, "subject_code": Person, "gender": Person, "trafficking_status": Person,
	"exploitation_types": Person, "citizenships": Person, "protection_flags": Person, "services": Person,
	"decision_reason": Person, "outcome": Person,

	"narrative": Sealed, "actions_taken": Sealed, "contact": Sealed, "thread": Sealed,

	"consents": Consent, "follows": Consent, "warnings": Consent,
	"legal_hold": Consent, "erase_at": Consent, "erasure": Consent, "erased_at": Consent,

	"possible_duplicates": Matching,
}

// Sight is the set of a case's members that one caller may see. The zero
// value sees nothing.
type Sight struct{ members map[string]bool }

// SightOf is what an owner or an admin sees.
func SightOf(as Role) Sight {
	return sightOf(nil, func(p Part) bool { return Sees(as, "", 0, p) })
}

// PartnerSight is what the partner of an assignment in some state sees, the
// time since its end having passed, less what the consent withholds.
func PartnerSight(assignment State, sinceEnd time.Duration, withheld []string) Sight {
	return sightOf(withheld, func(p Part) bool { return Sees(Partner, assignment, sinceEnd, p) })
}

func sightOf(withheld []string, sees func(Part) bool) Sight {
	members := map[string]bool{}
	for name, part := range partOf {
		if sees(part) && !slices.Contains(withheld, name) {
			members[name] = true
		}
	}
	return Sight{members}
}

// Or is what either sees.
func (s Sight) Or(other Sight) Sight {
	members := map[string]bool{}
	for _, one := range []Sight{s, other} {
		for name := range one.members {
			members[name] = true
		}
	}
	return Sight{members}
}

// Unsealed is the sight without what is sealed: that of lists, of the queue
// and of replies to transitions.
func (s Sight) Unsealed() Sight { return s.Without(Sealed, Message) }

// Without is the sight without some parts.
func (s Sight) Without(parts ...Part) Sight {
	members := map[string]bool{}
	for name := range s.members {
		if !slices.Contains(parts, partOf[name]) {
			members[name] = true
		}
	}
	return Sight{members}
}

// Parts lists the parts of which something may be shown, from what says least
// to what says most.
func (s Sight) Parts() []Part {
	return slices.DeleteFunc(slices.Clone(needToKnow[Owner][anyState]), func(p Part) bool { return !s.SeesPart(p) })
}

// Shows reports whether a member may be shown.
func (s Sight) Shows(member string) bool { return s.members[member] }

// SeesPart reports whether any member of a part may be shown.
func (s Sight) SeesPart(p Part) bool {
	for name := range s.members {
		if partOf[name] == p {
			return true
		}
	}
	return false
}

// TraceSight sees that a case is there and where it stands, nothing of the
// person: for the reply to a change that ended the caller's own sight.
func TraceSight() Sight { return sightOf(nil, func(p Part) bool { return p == Trace }) }
