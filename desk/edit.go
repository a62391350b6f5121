package desk

import (
	"context"

	"github.com/google/uuid"

	"onward/fault"
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

// EditReferral is EditTraining for a case, with what is kept apart of it.
func (d *Desk) EditReferral(ctx context.Context, a models.Actor, id uuid.UUID, pre Precondition, change func(*models.Referral, *models.ReferralTexts) ([]fault.Field, error)) error {
	return d.edit(ctx, a, workflow.Referral, id, pre, func(s *scene) ([]fault.Field, error) {
		r := s.request.(*models.Referral) //nolint:forcetypeassert // of this workflow
		texts, err := s.tx.TextsOf(id)
		if err != nil {
			return nil, err
		}
		faulty, err := change(r, &texts)
		if err != nil {
			return nil, err
		}
		texts.ReferralID = id
		return missingToo(r.State, faulty, r.Missing()), s.tx.PutTexts(texts)
	})
}

// missingToo adds the fields that a request past its draft can't do without.
func missingToo(state workflow.State, faulty, missing []fault.Field) []fault.Field {
	if state == workflow.Draft {
		return faulty
	}
	return append(faulty, missing...)
}

func (d *Desk) edit(ctx context.Context, a models.Actor, flow Flow, id uuid.UUID, pre Precondition, change func(*scene) ([]fault.Field, error)) error {
	return d.write(ctx, a, func(_ context.Context, tx *models.Tx) error {
		s, step, err := d.toSelf(tx, a, flow, id, workflow.Edit, pre, workflow.ByPatch)
		if err != nil {
			return err
		}
		faulty, err := change(s)
		if err != nil {
			return err
		}
		if len(faulty) > 0 {
			return fault.Values(faulty...)
		}
		if s.request.Head().State == workflow.Draft { // from submission on, only a transfer moves it
			if err := s.route(); err != nil {
				return err
			}
		}
		return tx.Advance(s.request, step)
	})
}

// Delete deletes a draft.
//
// Errors: not_found, wrong_role, those of the precondition, wrong_state.
func (d *Desk) Delete(ctx context.Context, a models.Actor, flow Flow, id uuid.UUID, pre Precondition) error {
	return d.write(ctx, a, func(_ context.Context, tx *models.Tx) error {
		s, step, err := d.toSelf(tx, a, flow, id, workflow.Delete, pre, workflow.ByDelete)
		if err != nil {
			return err
		}
		return tx.Discard(s.request, step)
	})
}

// toSelf enters a request for a change that is not a move, and decides it.
func (d *Desk) toSelf(tx *models.Tx, a models.Actor, flow Flow, id uuid.UUID, do workflow.Action, pre Precondition, through workflow.Door) (*scene, models.Step, error) {
	if err := d.see(tx, a, flow, id); err != nil {
		return nil, models.Step{}, err
	}
	s, err := d.enter(tx, a, flow.Name, id)
	if err != nil {
		return nil, models.Step{}, err
	}
	as := s.as(a)
	if err := ask(flow, do, as, pre, s.request.Head().Version, through); err != nil {
		return nil, models.Step{}, err
	}
	move, err := flow.Fire(s.request.Head().State, do, as, s.facts(s.now))
	return s, models.Step{Move: move, Actor: a, At: s.now}, err
}
