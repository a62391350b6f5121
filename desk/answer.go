package desk

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"onward/fault"
	"onward/models"
	"onward/workflow"
)

// FireAssignment moves an assignment by one action, with its effects on the
// request and on the other assignments, in one transaction.
//
// Errors: as Fire.
func (d *Desk) FireAssignment(ctx context.Context, a models.Actor, id uuid.UUID, pre Precondition, do workflow.Action, in workflow.Input) error {
	return d.write(ctx, a, func(_ context.Context, tx *models.Tx) error {
		if err := seeAssignment(tx, a, id); err != nil {
			return err
		}
		s, x, err := d.enterAssignment(tx, a, id)
		if err != nil {
			return err
		}
		as := s.asTo(a, x)
		if err := ask(workflow.Assignment, do, as, pre, x.Version, workflow.Transitions); err != nil {
			return err
		}
		return s.fireAssignment(x, do, as, in)
	})
}

// enterAssignment locks the request of an assignment and all that surrounds it.
func (d *Desk) enterAssignment(tx *models.Tx, a models.Actor, id uuid.UUID) (*scene, *models.Assignment, error) {
	found, err := tx.GetAssignment(id) // unlocked: only its request counts, and that never changes
	if err != nil {
		return nil, nil, err
	}
	s, err := d.enter(tx, a, found.Kind, found.RequestID)
	if err != nil {
		return nil, nil, err
	}
	i := slices.IndexFunc(s.assignments, func(x *models.Assignment) bool { return x.ID == id })
	if i < 0 {
		return nil, nil, fault.Absent()
	}
	return s, s.assignments[i], nil
}

// asTo says what an actor is to one assignment.
func (s around) asTo(a models.Actor, x *models.Assignment) workflow.Role {
	var as workflow.Role
	if a.PartnerOf(x.OrganisationID) {
		as |= workflow.Partner
	}
	if a.Administers(s.request.Head().DeskID) {
		as |= workflow.Admin
	}
	return as
}

// assignmentFacts are what the guards of an assignment look at.
func (s around) assignmentFacts(x *models.Assignment, capacity int, now time.Time) workflow.Facts {
	coverage, _ := s.coverage(x.OrganisationID, x.Service, x.OfferedBy, now)
	return workflow.Facts{
		Now: now, RespondBy: x.RespondBy, Consent: coverage,
		Partner:     &workflow.PartnerFacts{Capacity: capacity},
		RequestKind: s.request.Flow().Name, RequestState: s.request.Head().State,
	}
}

func (s *scene) fireAssignment(x *models.Assignment, do workflow.Action, as workflow.Role, in workflow.Input) error {
	service, err := s.tx.GetService(x.OrganisationID, x.ServiceID)
	if err != nil {
		return err
	}
	f := s.assignmentFacts(x, service.CapacityAvailable, s.now)
	f.Sent = in
	move, err := workflow.Assignment.Fire(x.State, do, as, f)
	if err != nil {
		return err
	}
	wasTaken := x.Taken()
	s.answer(x, move, in)
	step := models.Step{Move: move, Actor: s.actor, At: s.now, Data: data(in), Texts: texts(in)}
	if err := s.tx.Advance(x, step); err != nil {
		return err
	}
	if err := s.settle(x); err != nil {
		return err
	}
	if err := s.cause(move.Then, in, x); err != nil {
		return err
	}
	return s.place(x, wasTaken)
}

// answer writes onto the assignment in memory what a move carries.
func (s *scene) answer(x *models.Assignment, m workflow.Move, in workflow.Input) {
	if in.Reason != nil {
		x.Reason = in.Reason.Code
	}
	switch m.Action {
	case workflow.Accept:
		x.AcceptedAt = &s.now
		if _, consent := s.coverage(x.OrganisationID, x.Service, x.OfferedBy, s.now); consent != nil {
			x.ConsentID = &consent.ID
		}
	case workflow.Complete:
		x.Outcome = in.Outcome
	}
	if workflow.Assignment.End(m.To) {
		x.EndedAt = &s.now
	}
}

// place takes a place of the service when an assignment becomes taken, and
// gives it back when it ends. It comes last: the lock on the service, which
// others need too, is the shortest held.
func (s *scene) place(x *models.Assignment, wasTaken bool) error {
	switch {
	case x.Taken() && !wasTaken:
		return s.tx.TakePlace(x.ServiceID, s.now)
	case wasTaken && !x.Taken():
		return s.tx.GivePlace(x.ServiceID, s.now)
	}
	return nil
}

// tryAssignment fires an effect on an assignment; see try.
func (s *scene) tryAssignment(x *models.Assignment, do workflow.Action, in workflow.Input) error {
	if _, err := workflow.Assignment.Fire(x.State, do, workflow.Effect, s.assignmentFacts(x, 0, s.now)); err != nil {
		return nil //nolint:nilerr // a refusal here is the table's own "otherwise nothing"
	}
	return s.fireAssignment(x, do, workflow.Effect, in)
}
