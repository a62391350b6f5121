package desk

import (
	"context"

	"github.com/google/uuid"

	"onward/models"
	"onward/workflow"
)

// Erase erases what is held of the person of a case, if another admin has
// asked for that before (done); else it asks for it, and waits for the second.
//
// Errors: not_found, wrong_role, those of the precondition, wrong_state,
// erased, legal_hold, same_person, invalid.
func (d *Desk) Erase(ctx context.Context, a models.Actor, id uuid.UUID, pre Precondition, in workflow.Input) (done bool, err error) {
	err = d.act(ctx, a, workflow.Referral, id, workflow.RequestErasure, pre, workflow.ByErasure, func(s *scene, as workflow.Role) error {
		do := workflow.RequestErasure
		if done = s.facts(a, s.now).ErasureAsked; done {
			do = workflow.Erase
		}
		return s.fire(do, as, in)
	})
	return done, err
}
