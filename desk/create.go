package desk

import (
	"context"

	"onward/fault"
	"onward/match"
	"onward/models"
	"onward/workflow"
)

// CreateTraining writes a new training request, as a draft or submitted at
// once, and routes it to the desk of its country.
//
// Errors: invalid.
func (d *Desk) CreateTraining(ctx context.Context, a models.Actor, t *models.Training, in workflow.Input) error {
	return d.write(ctx, a, func(_ context.Context, tx *models.Tx) error {
		return d.create(tx, a, t, nil, in)
	})
}

// CreateReferral is CreateTraining for a case, with what is kept apart of it,
// its consents, and what the person is to be found again by (nil: nothing).
//
// Errors: invalid; consent_missing.
func (d *Desk) CreateReferral(ctx context.Context, a models.Actor, r *models.Referral, texts models.ReferralTexts, consents []models.Consent, traits *match.Traits, in workflow.Input) error {
	return d.write(ctx, a, func(_ context.Context, tx *models.Tx) error {
		if r.Follows != nil {
			err := d.see(tx, a, workflow.Referral, *r.Follows)
			if err != nil && !fault.Is(err, fault.CodeNotFound) {
				return err
			}
			if err != nil {
				in.Faulty = append(in.Faulty, fault.Field{Pointer: "/follows", Code: "unknown_referral", Detail: "There is no such referral, or none that you may see."})
				r.Follows = nil
			}
		}
		in.Faulty = append(in.Faulty, d.traitsFaults(traits)...)
		if err := d.create(tx, a, r, consents, in); err != nil {
			return err
		}
		if err := d.keepTokens(tx, r, traits, r.Gender); err != nil {
			return err
		}
		return tx.PutTexts(r.ID, texts)
	})
}

func (d *Desk) create(tx *models.Tx, a models.Actor, r models.Request, consents []models.Consent, in workflow.Input) error {
	s := &scene{around: around{request: r, consents: consents}, tx: tx, actor: a, now: d.now()}
	head := r.Head()
	*head = models.Record{
		ID: models.NewID(), Reference: models.NewReference(r.Flow().Name), OwnerID: a.UserID,
		OrganisationID: a.OrganisationID, Round: 1, CreatedAt: s.now,
	}
	if err := s.route(); err != nil {
		return err
	}
	if err := s.checkConsents(&in); err != nil {
		return err
	}
	f := s.facts(s.actor, s.now)
	f.Sent = in
	move, err := r.Flow().Fire(workflow.New, workflow.Create, workflow.Owner, f)
	if no, ok := fault.As(err); ok && no.Code == "incomplete" {
		return fault.Values(append(no.Fields, in.Faulty...)...)
	}
	if err != nil {
		return err
	}
	s.due(move)
	if err := tx.Start(r, models.Step{Move: move, Actor: a, At: s.now, Data: s.routed}); err != nil {
		return err
	}
	return s.addConsents(consents)
}
