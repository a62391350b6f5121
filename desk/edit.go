package desk

import (
	"context"

	"github.com/google/uuid"

	"onward/fault"
	"onward/match"
	"onward/models"
	"onward/workflow"
)

// EditTraining changes what a training request says. change writes onto the
// row and names the fields that can't be so.
//
// Errors: not_found, wrong_role, those of the precondition, wrong_state, invalid.
func (d *Desk) EditTraining(ctx context.Context, a models.Actor, id uuid.UUID, pre Precondition, change func(*models.Training) ([]fault.Field, error)) error {
	return d.edit(ctx, a, workflow.Training, id, pre, func(s *scene) ([]fault.Field, error) {
		t := s.request.(*models.Training) //nolint:forcetypeassert // of this workflow
		faulty, err := change(t)
		return missingToo(t.State, faulty, t.Missing()), err
	})
}

// EditReferral is EditTraining for a case, with what is kept apart of it and
// what the person is to be found again by: nil leaves that as it is. Only the
// owner sends it, for an admin could try names until one agrees.
func (d *Desk) EditReferral(ctx context.Context, a models.Actor, id uuid.UUID, pre Precondition, traits *match.Traits, change func(*models.Referral, *models.ReferralTexts) ([]fault.Field, error)) error {
	return d.edit(ctx, a, workflow.Referral, id, pre, func(s *scene) ([]fault.Field, error) {
		r := s.request.(*models.Referral) //nolint:forcetypeassert // of this workflow
		texts, err := s.tx.TextsOf(id)
		if err != nil {
			return nil, err
		}
		gender := r.Gender
		faulty, err := change(r, &texts)
		if err != nil {
			return nil, err
		}
		faulty = append(faulty, d.traitsFaults(traits)...)
		if traits != nil && s.as(a)&workflow.Owner == 0 {
			faulty = append(faulty, fault.Field{Pointer: "/match_traits", Code: "owner_only", Detail: "Only who made the case can send this."})
		}
		if err := d.keepTokens(s.tx, r, traits, gender); err != nil {
			return nil, err
		}
		return missingToo(r.State, faulty, r.Missing()), s.tx.PutTexts(id, texts)
	})
}

// missingToo adds the fields that a request past its draft can't do without.
func missingToo(state workflow.State, faulty, missing []fault.Field) []fault.Field {
	if state == workflow.Draft {
		return faulty
	}
	return append(faulty, missing...)
}

func (d *Desk) edit(ctx context.Context, a models.Actor, flow Flow, id uuid.UUID, pre Precondition, write func(*scene) ([]fault.Field, error)) error {
	return d.change(ctx, a, flow, id, workflow.Edit, pre, workflow.ByPatch, func(s *scene) (map[string]any, error) {
		faulty, err := write(s)
		if err != nil {
			return nil, err
		}
		if len(faulty) > 0 {
			return nil, fault.Values(faulty...)
		}
		if s.request.Head().State != workflow.Draft {
			return nil, nil // from submission on, only a transfer moves it
		}
		return nil, s.route()
	})
}

// Delete deletes a draft.
//
// Errors: not_found, wrong_role, those of the precondition, wrong_state.
func (d *Desk) Delete(ctx context.Context, a models.Actor, flow Flow, id uuid.UUID, pre Precondition) error {
	return d.change(ctx, a, flow, id, workflow.Delete, pre, workflow.ByDelete, func(*scene) (map[string]any, error) { return nil, nil })
}
