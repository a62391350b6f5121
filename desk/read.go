package desk

import (
	"context"
	"maps"
	"slices"

	"github.com/google/uuid"

	"onward/models"
	"onward/workflow"
)

// ReferralView is a case as one caller sees it.
type ReferralView struct {
	View[*models.Referral]
	Texts    models.ReferralTexts // where Sight shows what is sealed
	Consents []models.Consent     // where Sight shows them
	// Duplicates are told by the GET of one case alone, where Sight shows them.
	Duplicates []models.Duplicate
}

// Training reads one training request. Errors: not_found.
func (d *Desk) Training(ctx context.Context, a models.Actor, id uuid.UUID) (v View[*models.Training], err error) {
	err = d.read(ctx, a, func(tx *models.Tx) error {
		if err := d.see(tx, a, workflow.Training, id); err != nil {
			return err
		}
		v, err = brief[*models.Training](d, tx, a, workflow.Training, id, whole)
		if err == nil {
			v.Thread, err = thread(tx, a, id, v.Sight)
		}
		return err
	})
	return v, err
}

// Referral reads one case, with what is sealed of it as far as the caller may
// read that. Errors: not_found.
func (d *Desk) Referral(ctx context.Context, a models.Actor, id uuid.UUID) (v ReferralView, err error) {
	err = d.read(ctx, a, func(tx *models.Tx) error {
		v, err = d.referral(tx, a, id, whole)
		return err
	})
	return v, err
}

func (d *Desk) referral(tx *models.Tx, a models.Actor, id uuid.UUID, narrow narrowing) (v ReferralView, err error) {
	if err := d.see(tx, a, workflow.Referral, id); err != nil {
		return v, err
	}
	if v.View, err = brief[*models.Referral](d, tx, a, workflow.Referral, id, narrow); err != nil {
		return v, err
	}
	if v.Sight.SeesPart(workflow.Consent) {
		consents, err := tx.ConsentsOf(id)
		if err != nil {
			return v, err
		}
		v.Consents = consents[id]
		if err := tx.UnsealConsents(id, v.Consents); err != nil {
			return v, err
		}
	}
	if v.Sight.SeesPart(workflow.Matching) {
		if v.Duplicates, err = tx.DuplicatesOf(id); err != nil {
			return v, err
		}
	}
	if !v.Sight.SeesPart(workflow.Sealed) {
		return v, nil
	}
	if v.Texts, err = tx.TextsOf(id); err != nil {
		return v, err
	}
	v.Thread, err = thread(tx, a, id, v.Sight)
	return v, err
}

// TrainingAfter is a training request as the caller who just changed it may
// see it: without the thread, and without asking whether it may still see it.
func (d *Desk) TrainingAfter(ctx context.Context, a models.Actor, id uuid.UUID) (v View[*models.Training], err error) {
	err = d.read(ctx, a, func(tx *models.Tx) error {
		v, err = brief[*models.Training](d, tx, a, workflow.Training, id, after)
		return err
	})
	return v, err
}

// ReferralAfter is TrainingAfter for a case: nothing sealed, and where the
// caller's sight has ended, no more than the trace of it.
func (d *Desk) ReferralAfter(ctx context.Context, a models.Actor, id uuid.UUID) (v ReferralView, err error) {
	err = d.read(ctx, a, func(tx *models.Tx) error {
		v.View, err = brief[*models.Referral](d, tx, a, workflow.Referral, id, after)
		return err
	})
	return v, err
}

func brief[R models.Request](d *Desk, tx *models.Tx, a models.Actor, flow Flow, id uuid.UUID, narrow narrowing) (View[R], error) {
	request, err := tx.GetRequest(flow.Name, id)
	if err != nil {
		return View[R]{}, err
	}
	all, err := views(tx, a, d.now(), narrow, request.(R)) //nolint:forcetypeassert // of this workflow
	if err != nil {
		return View[R]{}, err
	}
	return all[0], nil
}

// thread is what was written in moving a request: all of it for those who see
// who consented, that is, owner and admin; for a partner what belongs to its
// own assignments.
func thread(tx *models.Tx, a models.Actor, id uuid.UUID, sight workflow.Sight) ([]models.Said, error) {
	if sight.SeesPart(workflow.Consent) {
		return tx.ThreadOf(id)
	}
	own, err := ownAssignments(tx, a, id)
	if err != nil || len(own) == 0 {
		return nil, err
	}
	return tx.ThreadOf(id, slices.Collect(maps.Keys(own))...)
}

func ownAssignments(tx *models.Tx, a models.Actor, request uuid.UUID) (map[uuid.UUID]bool, error) {
	all, err := tx.AssignmentsOf(request)
	own := map[uuid.UUID]bool{}
	for _, x := range all[request] {
		if x.OrganisationID == a.OrganisationID {
			own[x.ID] = true
		}
	}
	return own, err
}

// Trainings lists the training requests that the caller may see.
func (d *Desk) Trainings(ctx context.Context, a models.Actor, f models.Filter, s models.Slice) (list []View[*models.Training], next *models.Position, err error) {
	f.Now = d.now()
	err = d.read(ctx, a, func(tx *models.Tx) error {
		rows, at, err := tx.Trainings(a, f, s)
		if err != nil {
			return err
		}
		next = at
		list, err = views(tx, a, f.Now, unsealed, rows...)
		return err
	})
	return list, next, err
}

// Referrals lists the cases that the caller may see, nothing sealed.
func (d *Desk) Referrals(ctx context.Context, a models.Actor, f models.Filter, s models.Slice) (list []View[*models.Referral], next *models.Position, err error) {
	f.Now = d.now()
	err = d.read(ctx, a, func(tx *models.Tx) error {
		rows, at, err := tx.Referrals(a, f, s)
		if err != nil {
			return err
		}
		next = at
		list, err = views(tx, a, f.Now, unsealed, rows...)
		return err
	})
	return list, next, err
}
