package desk

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"onward/models"
	"onward/workflow"
)

// record writes who read what of which case. Who is shown a case by the very
// request that makes it has read nothing; by a replay of that request, it has.
func (d *Desk) record(tx *models.Tx, a models.Actor, shown []models.Shown) error {
	read := slices.DeleteFunc(slices.Clone(shown), func(s models.Shown) bool { return s.Made })
	if len(read) == 0 {
		return nil
	}
	return tx.AddAccesses(a, d.now(), read)
}

// show notes that an actor is shown some parts of a case, by the first of its
// rights: as owner, as admin, or through the assignment that shows it most.
func (s around) show(tx *models.Tx, a models.Actor, now time.Time, parts ...workflow.Part) {
	if s.request.Flow() != workflow.Referral {
		return // a training is about nobody
	}
	seen := models.Shown{Referral: s.request.Head().ID, As: workflow.Partner, Parts: parts}
	if rights := (s.as(a) &^ workflow.Partner).Each(); len(rights) > 0 {
		seen.As = rights[0]
	} else {
		seen.Assignment = s.widest(a, now)
	}
	tx.Show(seen)
}

// showAssignment notes that an actor is shown a case through an assignment, as
// admin or as its partner.
func (s around) showAssignment(tx *models.Tx, a models.Actor, x *models.Assignment, sight workflow.Sight) {
	if s.request.Flow() != workflow.Referral {
		return
	}
	seen := models.Shown{Referral: x.RequestID, As: s.as(a) & workflow.Admin, Parts: sight.Parts()}
	if seen.As == 0 {
		seen.As, seen.Assignment = workflow.Partner, x.ID
	}
	tx.Show(seen)
}

// widest is the assignment of the actor's organisation that shows it the most.
func (s around) widest(a models.Actor, now time.Time) (widest uuid.UUID) {
	most := -1
	for _, x := range s.assignments {
		if n := len(s.sightOf(x, now).Parts()); x.OrganisationID == a.OrganisationID && n > most {
			most, widest = n, x.ID
		}
	}
	return widest
}

// Accesses lists who read what of a case, the latest first. To look at it is
// not itself a reading.
//
// Errors: not_found; wrong_role for a partner.
func (d *Desk) Accesses(ctx context.Context, a models.Actor, id uuid.UUID, s models.Slice) (list []models.Reading, next *models.Position, err error) {
	err = d.read(ctx, a, func(tx *models.Tx) error {
		if _, err := d.wholly(tx, a, id); err != nil {
			return err
		}
		list, next, err = tx.AccessesOf(id, s)
		return err
	})
	return list, next, err
}

// wholly finds a case with what surrounds it, for those who see all of it: its
// owner and its desk.
func (d *Desk) wholly(tx *models.Tx, a models.Actor, id uuid.UUID) (around, error) {
	return d.permitted(tx, a, workflow.Referral, id, workflow.AddConsent)
}

// Unmoved gives the version of a record that the caller may see, if a reply
// that was given of that version would be the same now, whatever else moved
// or came due around it; 0 if not.
func (d *Desk) Unmoved(ctx context.Context, a models.Actor, id uuid.UUID) (version int, err error) {
	err = d.read(ctx, a, func(tx *models.Tx) error {
		version, err = tx.Unmoved(id, d.now())
		return err
	})
	return version, err
}
