package desk

import (
	"context"
	"math"
	"time"

	"github.com/google/uuid"

	"onward/models"
	"onward/workflow"
)

// Export is everything that is held of the person of a case.
type Export struct {
	ReferralView
	At            time.Time
	Organisations map[uuid.UUID]string // names of those that consents name
	Assignments   []AssignmentView     // with what was written to the partners
	Events        []models.Event
	Readings      []models.Reading // the latest first
}

// Export reads everything that is held of the person of a case: a reading of
// what is sealed, like that of the case itself.
//
// Errors: not_found; wrong_role for a partner; reading_limit.
func (d *Desk) Export(ctx context.Context, a models.Actor, id uuid.UUID) (x Export, err error) {
	err = d.read(ctx, a, func(tx *models.Tx) error {
		around, err := d.wholly(tx, a, id)
		if err != nil {
			return err
		}
		x = Export{At: d.now()}
		if x.ReferralView, err = d.referral(tx, a, id, given); err != nil {
			return err
		}
		if x.Organisations, err = tx.OrganisationNames(named(x.Consents)...); err != nil {
			return err
		}
		if x.Assignments, err = d.messaged(tx, a, around); err != nil {
			return err
		}
		if x.Events, err = tx.EventsOf(id, nil, []workflow.Action{workflow.LinkDuplicate}, 0, everything); err != nil {
			return err
		}
		x.Readings, _, err = tx.AccessesOf(id, models.Slice{Limit: everything, Order: "-at"})
		return err
	})
	return x, err
}

// given is a sight of what is given away: nothing of which other cases may be
// of the same person.
func given(s workflow.Sight) workflow.Sight { return s.Without(workflow.Matching) }

const everything = math.MaxInt32 // no case has as many

// named are the organisations that consents name.
func named(consents []models.Consent) (ids []uuid.UUID) {
	for _, c := range consents {
		for _, text := range c.Organisations {
			id, _ := uuid.Parse(text) // what isn't one has no name
			ids = append(ids, id)
		}
	}
	return ids
}

// messaged are all assignments of a case, with what was written to the
// partners, for who sees all of the case.
func (d *Desk) messaged(tx *models.Tx, a models.Actor, s around) ([]AssignmentView, error) {
	list, err := assignmentViews(tx, a, d.now(), unsealed, s.assignments)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	ids := make([]uuid.UUID, len(list))
	for i, v := range list {
		ids[i] = v.Row.MessageOf()
	}
	said, err := tx.Unseal(s.request.Head().ID, ids...)
	for i, v := range list {
		list[i].Sight, v.Row.Message = workflow.SightOf(workflow.Owner), said[v.Row.MessageOf()]["message"]
	}
	s.show(tx, a, d.now(), workflow.Message)
	return list, err
}
