package desk

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"onward/models"
	"onward/workflow"
)

// View is a request as one caller sees it: the row, what the caller may know
// of it, and what the caller can do next.
type View[R models.Request] struct {
	Row              R
	OrganisationName string // of the owner
	Sight            workflow.Sight
	Actions          []workflow.Available
	EraseAt          *time.Time    // when the clock erases a case that ended, unless a legal hold stands
	ErasureAsked     bool          // a second admin can erase it
	Thread           []models.Said // of the GET of one record alone
}

// around is what surrounds a request and decides who is who to it.
type around struct {
	request     models.Request
	assignments []*models.Assignment // all rounds
	consents    []models.Consent     // of a case, the latest first
	months      int                  // for which its desk keeps a case
}

// surround reads what surrounds some requests of one kind, in two queries.
func surround[R models.Request](tx *models.Tx, requests ...R) ([]around, error) {
	all := make([]around, len(requests))
	if len(requests) == 0 {
		return all, nil
	}
	ids, desks := make([]uuid.UUID, len(requests)), make([]uuid.UUID, len(requests))
	for i, r := range requests {
		ids[i], desks[i] = r.Head().ID, r.Head().DeskID
	}
	var assignments map[uuid.UUID][]*models.Assignment
	var consents map[uuid.UUID][]models.Consent
	var months map[uuid.UUID]int
	err := tx.Around(ids, func() (err error) {
		if assignments, err = tx.AssignmentsOf(ids...); err != nil || requests[0].Flow() != workflow.Referral {
			return err
		}
		if consents, err = tx.ConsentsOf(ids...); err == nil {
			months, err = tx.MonthsKept(desks...)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for i, r := range requests {
		all[i] = around{r, assignments[ids[i]], consents[ids[i]], months[desks[i]]}
	}
	return all, nil
}

// as says what an actor is to the request, for the workflow's tables. A
// partner is one while its organisation holds a taken assignment.
func (s around) as(a models.Actor) workflow.Role {
	var as workflow.Role
	r := *s.request.Head()
	if a.Owns(s.request.Flow().Name, r) {
		as |= workflow.Owner
	}
	if a.Administers(r.DeskID) {
		as |= workflow.Admin
	}
	if a.Has(models.RolePartner) && slices.ContainsFunc(s.assignments, func(x *models.Assignment) bool {
		return x.OrganisationID == a.OrganisationID && x.Taken()
	}) {
		as |= workflow.Partner
	}
	return as
}

// sight says what an actor may know of the request; what was written with an
// offer, only the assignment tells.
func (s around) sight(a models.Actor, now time.Time) workflow.Sight {
	sight := workflow.SightOf(s.as(a) &^ workflow.Partner)
	for _, x := range s.assignments {
		if a.PartnerOf(x.OrganisationID) {
			sight = sight.Or(s.sightOf(x, now))
		}
	}
	return sight.Without(workflow.Message)
}

// sightOf says what the partner of one assignment may know: what the table
// gives its state, less what the consent withholds.
func (s around) sightOf(x *models.Assignment, now time.Time) workflow.Sight {
	r, ofPerson := s.request.(*models.Referral)
	if ofPerson && (r.State == workflow.ConsentRevoked || r.ErasedAt != nil) {
		return workflow.PartnerSight(workflow.Revoked, 0, nil) // whatever became of the assignment
	}
	if x.Round != s.request.Head().Round && !x.Live() {
		return workflow.PartnerSight(workflow.Returned, 0, nil) // what was completed is open again, and no longer its own
	}
	if x.State == workflow.Offered {
		if reach, _ := s.coverage(x.OrganisationID, x.Service, x.OfferedBy, now); reach != workflow.Covered {
			return workflow.PartnerSight(workflow.Lapsed, 0, nil) // it can't be accepted: there is nothing to know
		}
	}
	var ago time.Duration
	if x.EndedAt != nil {
		ago = now.Sub(*x.EndedAt)
	}
	return workflow.PartnerSight(x.State, ago, s.withheld(x, now))
}

// withheld is what the person does not want passed on to the holder of an
// assignment: by the consent that covers it, and by any given since that
// reaches as far. One who says less later meant it for all who know.
func (s around) withheld(x *models.Assignment, now time.Time) (members []string) {
	for _, c := range s.consents { // the latest first
		if x.ConsentID != nil && c.ID == *x.ConsentID {
			return append(members, c.Withheld...)
		}
		if c.Covers(x.OrganisationID, x.Service, x.OfferedBy, now) == workflow.Covered {
			members = append(members, c.Withheld...)
		}
	}
	return members
}

// count counts the assignments of the present round.
func (s around) count(f *workflow.Facts) {
	for _, x := range s.assignments {
		switch {
		case x.Round != s.request.Head().Round:
		case x.State == workflow.Offered:
			f.Offered++
		case x.Taken():
			f.Taken++
		case x.State == workflow.Completed:
			f.Completed++
		}
	}
}

// facts are what the guards of the request's workflow look at, when an actor
// is at hand.
func (s around) facts(a models.Actor, now time.Time) workflow.Facts {
	head := s.request.Head()
	f := workflow.Facts{Now: now, Asked: value(head.AskedAt), HeldUntil: value(head.HeldUntil)}
	s.count(&f)
	switch r := s.request.(type) {
	case *models.Training:
		f.Missing, f.Starts, f.Objectives = r.Missing(), value(r.StartsAt), len(r.Objectives)
	case *models.Referral:
		f.Missing, f.Child = r.Missing(), workflow.IsChild(r.AgeBand)
		for _, c := range s.consents {
			f.Recorded = f.Recorded || c.InForce(now)
			f.Best = max(f.Best, best(c, now))
		}
		f.Consent = f.Best
		s.keeping(&f, r, a)
	}
	return f
}

// keeping adds what decides whether a case is erased.
func (s around) keeping(f *workflow.Facts, r *models.Referral, a models.Actor) {
	f.LegalHold, f.Erased, f.ErasureAsked = r.LegalHold, r.ErasedAt != nil, r.ErasureAsked(f.Now)
	f.AskedBySelf = f.ErasureAsked && *r.ErasureAskedBy == a.UserID
	if r.EndedAt != nil && !f.Erased {
		f.EraseAt, f.Announced = workflow.EraseAt(*r.EndedAt, s.months, r.ErasureAnnouncedAt)
	}
}

// best is how far a consent could reach, for the organisations and services
// that it names.
func best(c models.Consent, now time.Time) workflow.Coverage {
	organisation, service := uuid.Nil, ""
	if len(c.Organisations) > 0 {
		organisation, _ = uuid.Parse(c.Organisations[0]) // what isn't one covers nothing
	}
	if len(c.Services) > 0 {
		service = c.Services[0]
	}
	return c.Covers(organisation, service, uuid.Nil, now)
}

// views are requests as a caller sees them, its sight narrowed to what the
// reply shows. Whoever makes a view has shown it: that is recorded.
func views[R models.Request](tx *models.Tx, a models.Actor, now time.Time, narrow narrowing, rows ...R) ([]View[R], error) {
	surrounded, err := surround(tx, rows...)
	if err != nil {
		return nil, err
	}
	var organisations []uuid.UUID
	for _, r := range rows {
		organisations = append(organisations, r.Head().OrganisationID)
	}
	names, err := tx.OrganisationNames(organisations...)
	if err != nil {
		return nil, err
	}
	all := make([]View[R], len(rows))
	for i, s := range surrounded {
		head, f := rows[i].Head(), s.facts(a, now)
		all[i] = View[R]{
			Row: rows[i], OrganisationName: names[head.OrganisationID], Sight: narrow(s.sight(a, now)),
			Actions: rows[i].Flow().Actions(head.State, s.as(a), f), ErasureAsked: f.ErasureAsked,
		}
		if !f.EraseAt.IsZero() && !f.LegalHold {
			all[i].EraseAt = &f.EraseAt
		}
		s.show(tx, a, now, all[i].Sight.Parts()...)
	}
	return all, nil
}

// narrowing says how much of what a caller may see a reply shows.
type narrowing func(workflow.Sight) workflow.Sight

// whole shows all of it: the GET of one record.
func whole(s workflow.Sight) workflow.Sight { return s }

// unsealed shows nothing sealed: lists.
func unsealed(s workflow.Sight) workflow.Sight { return s.Unsealed() }

// after shows nothing sealed, and where the change ended the caller's own
// sight, the trace: replies to changes.
func after(s workflow.Sight) workflow.Sight { return s.Unsealed().Or(workflow.TraceSight()) }

func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
