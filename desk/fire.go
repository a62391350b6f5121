package desk

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"onward/fault"
	"onward/models"
	"onward/workflow"
)

// scene is one transaction on one request: the request, its assignments and
// consents, all locked, parent first, then assignments in id order.
type scene struct {
	around
	tx    *models.Tx
	actor models.Actor
	desk  models.Desk // of the request
	next  models.Desk // that a transfer names
	now   time.Time

	routed map[string]any // where route sent it and why, for the log
}

// enter locks a request with all that surrounds it. The actor sees it, or an
// assignment of it, or is the system.
func (d *Desk) enter(tx *models.Tx, a models.Actor, kind string, id uuid.UUID) (*scene, error) {
	if err := tx.Through(id); err != nil {
		return nil, err
	}
	request, err := tx.LockRequest(kind, id)
	if err != nil {
		return nil, err
	}
	s := &scene{around: around{request: request}, tx: tx, actor: a, now: d.now()}
	if s.assignments, err = tx.LockAssignments(id); err != nil {
		return nil, err
	}
	if s.desk, err = tx.GetDesk(request.Head().DeskID); err != nil {
		return nil, fmt.Errorf("finding the desk of a request: %w", err)
	}
	s.months = s.desk.RetentionMonths
	if request.Flow() == workflow.Referral {
		consents, err := tx.ConsentsOf(id)
		if err != nil {
			return nil, err
		}
		s.consents = consents[id]
	}
	return s, nil
}

// Fire moves a request by one action, with its effects, in one transaction.
//
// Errors: not_found, wrong_role, those of the precondition, wrong_state, the
// code of the guard that refuses, invalid; use_assignments for offer, which
// has its own endpoint.
func (d *Desk) Fire(ctx context.Context, a models.Actor, flow Flow, id uuid.UUID, pre Precondition, do workflow.Action, in workflow.Input) error {
	return d.act(ctx, a, flow, id, do, pre, workflow.Transitions, func(s *scene, as workflow.Role) error {
		return s.fire(do, as, in)
	})
}

// act is the way in to every action on a request: one transaction in which
// the caller sees the request, everything around it is locked, and the role
// and the precondition were asked.
func (d *Desk) act(ctx context.Context, a models.Actor, flow Flow, id uuid.UUID, do workflow.Action, pre Precondition, through workflow.Door, fn func(*scene, workflow.Role) error) error {
	return d.write(ctx, a, func(_ context.Context, tx *models.Tx) error {
		if err := d.see(tx, a, flow, id); err != nil {
			return err
		}
		s, err := d.enter(tx, a, flow.Name, id)
		if err != nil {
			return err
		}
		as := s.as(a)
		if err := ask(flow, do, as, pre, s.request.Head().Version, through); err != nil {
			return err
		}
		return fn(s, as)
	})
}

// change is act for a change that is not a move: change does it and gives
// what the log says of it.
func (d *Desk) change(ctx context.Context, a models.Actor, flow Flow, id uuid.UUID, do workflow.Action, pre Precondition, through workflow.Door, change func(*scene) (map[string]any, error)) error {
	return d.act(ctx, a, flow, id, do, pre, through, func(s *scene, as workflow.Role) error {
		move, err := flow.Fire(s.request.Head().State, do, as, s.facts(s.actor, s.now))
		if err != nil {
			return err
		}
		data, err := change(s)
		if err != nil {
			return err
		}
		step := models.Step{Move: move, Actor: a, At: s.now, Data: data}
		if do == workflow.Delete {
			return s.tx.Discard(s.request, step)
		}
		return s.tx.Advance(s.request, step)
	})
}

// ask refuses, in this order, what the caller's role never does, what its
// precondition forbids, and what has another endpoint than the one used.
func ask(flow Flow, do workflow.Action, as workflow.Role, pre Precondition, version int, through workflow.Door) error {
	if err := flow.Permit(do, as); err != nil {
		return err
	}
	if err := pre(version); err != nil {
		return err
	}
	door, ok := flow.DoneBy(do)
	switch {
	case !ok || door == through:
		return nil
	case door == workflow.ByAssignments:
		return useAssignments
	}
	return useItsEndpoint
}

// fire moves the request of the scene.
func (s *scene) fire(do workflow.Action, as workflow.Role, in workflow.Input) error {
	in = in.Spread()
	f := s.facts(s.actor, s.now.In(s.desk.Location())) // "today" is the desk's
	f.Sent = in
	if do == workflow.Transfer {
		if err := s.transferTo(in.Desk, &f); err != nil {
			return err
		}
	}
	head := s.request.Head()
	move, err := s.request.Flow().Fire(head.State, do, as, f)
	if err != nil {
		return err
	}
	step := models.Step{Move: move, Actor: s.actor, At: s.now, Data: data(in), Texts: texts(in)}
	if err := s.apply(move, in); err != nil {
		return err
	}
	maps.Copy(step.Data, s.routed)
	if err := s.tx.Advance(s.request, step); err != nil {
		return err
	}
	if do == workflow.Erase {
		return s.tx.Shred(head.ID) // with the words of this very move
	}
	if err := s.leave(move); err != nil {
		return err
	}
	return s.cause(move.Then, in, nil)
}

// try fires an effect on the request: where the request has no such row in its
// present state, or a guard does not hold, nothing happens.
func (s *scene) try(do workflow.Action, in workflow.Input) error {
	flow, head := s.request.Flow(), s.request.Head()
	if _, err := flow.Fire(head.State, do, workflow.Effect, s.facts(s.actor, s.now)); err != nil {
		return nil //nolint:nilerr // a refusal here is the table's own "otherwise nothing"
	}
	return s.fire(do, workflow.Effect, in)
}

// cause carries out what a move of the request, or of one of its assignments
// (from), declares.
func (s *scene) cause(causes []workflow.Cause, in workflow.Input, from *models.Assignment) error {
	for _, c := range causes {
		if c.On == workflow.Request {
			if err := s.try(c.Do, workflow.Input{}); err != nil {
				return err
			}
			continue
		}
		if err := s.causePlan(c, from); err != nil {
			return err
		}
		effect := workflow.Input{}
		if c.Reason != "" {
			effect.Reason = &workflow.Reason{Code: c.Reason}
		}
		if c.Do == workflow.Complete {
			effect.Outcome = in.Outcome
		}
		for _, x := range s.targets(c.On, from) {
			if err := s.tryAssignment(x, c.Do, effect); err != nil {
				return err
			}
		}
	}
	return nil
}

// causePlan carries out what a cause says of plans: with all that is live of a
// request, they end too.
func (s *scene) causePlan(c workflow.Cause, from *models.Assignment) error {
	switch c.On {
	case workflow.Plan:
		return s.goOn(from)
	case workflow.Live:
		return s.cancelPlans(c.Reason)
	}
	return nil
}

func (s *scene) targets(on workflow.Target, but *models.Assignment) []*models.Assignment {
	var found []*models.Assignment
	for _, x := range s.assignments {
		offered, isTaken := x.State == workflow.Offered, x.Taken()
		wanted := on == workflow.Offers && offered || on == workflow.Taken && isTaken || on == workflow.Live && (offered || isTaken)
		if wanted && x != but {
			found = append(found, x)
		}
	}
	// Each may give back a place, under a lock on its service: everyone takes these locks in id order.
	slices.SortStableFunc(found, func(a, b *models.Assignment) int { return bytes.Compare(a.ServiceID[:], b.ServiceID[:]) })
	return found
}

// transferTo finds the desk that a transfer names.
func (s *scene) transferTo(id string, f *workflow.Facts) error {
	desk, err := uuid.Parse(id)
	if err != nil {
		return nil //nolint:nilerr // the need speaks for it
	}
	to, err := models.Keep[models.Desk](s.tx, desk)
	if fault.Is(err, fault.CodeNotFound) {
		f.Sent.Faulty = append(f.Sent.Faulty, fault.Field{Pointer: "/desk", Code: "unknown_desk", Detail: "There is no such desk."})
		return nil
	}
	if err != nil {
		return err
	}
	f.Desk = &workflow.DeskFacts{Active: to.Active, Same: to.ID == s.desk.ID}
	s.next = to
	return nil
}

// data is what the log keeps of an input: codes, ids and times, no words.
func data(in workflow.Input) map[string]any {
	kept := map[string]any{}
	put := func(name string, v any, there bool) {
		if there {
			kept[name] = v
		}
	}
	put("reason", reasonCode(in.Reason), in.Reason != nil)
	put("desk", in.Desk, in.Desk != "")
	put("priority", in.Priority, in.Priority != "")
	put("urgency", in.Urgency, in.Urgency != "")
	put("services", in.Services, len(in.Services) > 0)
	put("organisation_id", in.Organisation, in.Organisation != "")
	put("service", in.Service, in.Service != "")
	put("outcome", in.Outcome, in.Outcome != "")
	put("starts_at", in.StartsAt, !in.StartsAt.IsZero())
	put("ends_at", in.EndsAt, !in.EndsAt.IsZero())
	put("sessions", len(in.Sessions), len(in.Sessions) > 0)
	put("mode", in.Mode, in.Mode != "")
	put("participants", in.Participants, in.Participants > 0)
	put("delivered_on", in.DeliveredOn.Format(time.DateOnly), !in.DeliveredOn.IsZero())
	put("until", in.Until, !in.Until.IsZero())
	return kept
}

// texts is what somebody wrote: kept apart from the log.
func texts(in workflow.Input) models.Words {
	words := models.Words{"question": in.Question, "answer": in.Answer, "note": in.Note, "message": in.Message}
	if in.Reason != nil {
		words["reason"] = in.Reason.Note
	}
	maps.DeleteFunc(words, func(_, text string) bool { return text == "" }) // an event has nothing yet that could be taken back
	return words
}

func reasonCode(r *workflow.Reason) string {
	if r == nil {
		return ""
	}
	return r.Code
}
