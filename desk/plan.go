package desk

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"onward/fault"
	"onward/models"
	"onward/workflow"
)

// PlanView is a plan, with what became of its steps.
type PlanView struct {
	*models.Plan
	Names  map[uuid.UUID]string         // of its organisations
	States map[uuid.UUID]workflow.State // of its assignments
}

// Fate says where a step is: waiting, skipped or not_asked, or the state of
// its assignment.
func (v PlanView) Fate(s models.PlanStep) string {
	switch {
	case s.AssignmentID != nil:
		return string(v.States[*s.AssignmentID])
	case s.Reason != "":
		return "skipped"
	case v.State != models.PlanLive:
		return "not_asked"
	}
	return "waiting"
}

// PlanOffers plans to offer a request to several organisations, one after the
// other, and makes the first offer; a broadcast offers to all at once. Whom a
// guard of the offer refuses is passed over.
//
// Errors: as Offer; plan_active where a plan of the same is live; no_candidate
// where none of them can be offered it, with the code of each.
func (d *Desk) PlanOffers(ctx context.Context, a models.Actor, flow Flow, id uuid.UUID, pre Precondition, in workflow.Input) (v PlanView, err error) {
	err = d.act(ctx, a, flow, id, workflow.PlanOffers, pre, workflow.ByOffers, func(s *scene, as workflow.Role) error {
		p, err := s.planOffers(as, in)
		if err != nil {
			return err
		}
		all, err := planViews(s.tx, p)
		if err == nil {
			v = all[0]
		}
		return err
	})
	return v, err
}

func (s *scene) planOffers(as workflow.Role, in workflow.Input) (*models.Plan, error) {
	f, head := s.facts(s.actor, s.now), s.request.Head()
	var err error
	if f.Sent, err = s.judge(in); err != nil {
		return nil, err
	}
	move, err := s.request.Flow().Fire(head.State, workflow.PlanOffers, as, f)
	if err != nil {
		return nil, err
	}
	p := planned(s, in)
	if err := s.tx.AddPlan(p); err != nil {
		return nil, err
	}
	data := map[string]any{"plan": p.ID, "organisations": len(p.Steps), "broadcast": p.Broadcast}
	if p.Service != "" {
		data["service"] = p.Service
	}
	if err := s.tx.Advance(s.request, models.Step{Move: move, Actor: s.actor, At: s.now, Data: data}); err != nil {
		return nil, err
	}
	if in.Message != "" {
		if err := s.tx.Seal(head.ID, p.ID, models.Words{"message": in.Message}); err != nil {
			return nil, err
		}
	}
	says, err := s.ask(p, word{as: as, by: s.actor, offerer: s.actor.UserID})
	if err == nil && !p.Asked() {
		err = nobody(says)
	}
	return p, err
}

// judge adds what no tag can say: that the organisations are there, and that a
// case is told to one at a time.
func (s *scene) judge(in workflow.Input) (workflow.Input, error) {
	if missing, ok, err := s.tx.AllOrganisations(in.Organisations); err != nil {
		return in, err
	} else if !ok {
		in.Faulty = append(in.Faulty, fault.Field{Pointer: fmt.Sprintf("/organisations/%d", missing), Code: "unknown_organisation", Detail: "There is no such organisation."})
	}
	if in.Broadcast && s.request.Flow() == workflow.Referral {
		in.Faulty = append(in.Faulty, fault.Field{Pointer: "/broadcast", Code: "unexpected", Detail: "A case is offered to one organisation at a time."})
	}
	return in, nil
}

func planned(s *scene, in workflow.Input) *models.Plan {
	p := &models.Plan{
		ID: models.NewID(), Version: 1, Kind: s.request.Flow().Name, RequestID: s.request.Head().ID, Service: in.Service, State: models.PlanLive,
		Broadcast: in.Broadcast, MadeBy: s.actor.UserID, CreatedAt: s.now, UpdatedAt: s.now,
	}
	if in.RespondWithin > 0 {
		p.RespondWithin = &in.RespondWithin
	}
	for i, id := range in.Organisations {
		p.Steps = append(p.Steps, models.PlanStep{PlanID: p.ID, Position: i + 1, OrganisationID: uuid.MustParse(id)}) // judge found them all
	}
	return p
}

// nobody refuses a plan that can offer to none of those it names.
func nobody(says []fault.Field) error {
	return fault.New(noCandidate.Kind, noCandidate.Code, noCandidate.Detail, says...)
}

// ask makes the plan's next offer, or, of a broadcast, all of them. Whom a
// guard refuses is passed over, and its code kept; says has them. While the
// request is in no state to be offered, nothing happens.
func (s *scene) ask(p *models.Plan, w word) (says []fault.Field, err error) {
	w.plan = &p.ID
	for i := range p.Steps {
		step := &p.Steps[i]
		if !step.Waits() {
			continue
		}
		made, err := s.offer(w, workflow.Input{Organisation: step.OrganisationID.String(), Service: p.Service, RespondBy: p.RespondBy(s.now)})
		no, refused := fault.As(err)
		switch {
		case err == nil:
			step.AssignmentID = &made
		case refused && no.Code == fault.CodeWrongState:
			return nil, nil
		case refused && no.Kind == fault.Conflict:
			step.Reason = string(no.Code)
			says = append(says, fault.Field{Pointer: fmt.Sprintf("/organisations/%d", i), Code: no.Code, Detail: no.Detail})
		default:
			return nil, err
		}
		if err := s.tx.PutStep(step); err != nil {
			return nil, err
		}
		if made != uuid.Nil && !p.Broadcast {
			break
		}
	}
	return says, nil
}

// goOn has the plan of an offer that ended unaccepted make its next offer;
// where no offer is at hand, each plan of the request that waited. A plan whose
// offer is still open waits, so that each step is taken once, under the lock on
// the request.
func (s *scene) goOn(from *models.Assignment) error {
	plans, err := s.plansOf(from)
	if err != nil {
		return err
	}
	for _, p := range plans {
		if s.open(p) {
			continue
		}
		if err := s.step(p); err != nil {
			return err
		}
	}
	return nil
}

func (s *scene) step(p *models.Plan) error {
	says, err := s.ask(p, word{as: workflow.Effect, offerer: p.MadeBy})
	if err != nil {
		return err
	}
	if s.open(p) {
		return s.tx.PutPlan(p, s.now)
	}
	move, err := s.request.Flow().Fire(s.request.Head().State, workflow.ExhaustPlan, workflow.Effect, s.facts(s.actor, s.now))
	if err != nil {
		return nil //nolint:nilerr // no state to be offered in: the plan waits
	}
	data := map[string]any{"plan": p.ID}
	if len(says) > 0 {
		p.Reason = string(says[len(says)-1].Code)
		data["reason"] = p.Reason
	}
	if err := s.endPlan(p, models.PlanExhausted, p.Reason); err != nil {
		return err
	}
	return s.tx.Advance(s.request, models.Step{Move: move, At: s.now, Data: data})
}

// plansOf are the live plan of an assignment's offer, or those of the request.
func (s *scene) plansOf(from *models.Assignment) ([]*models.Plan, error) {
	if from != nil && from.PlanID == nil {
		return nil, nil
	}
	plans, err := s.tx.LivePlans(s.request.Head().ID)
	return slices.DeleteFunc(plans, func(p *models.Plan) bool { return from != nil && p.ID != *from.PlanID }), err
}

// open reports whether an offer of the plan is open.
func (s *scene) open(p *models.Plan) bool {
	return slices.ContainsFunc(s.assignments, func(x *models.Assignment) bool {
		return x.PlanID != nil && *x.PlanID == p.ID && x.State == workflow.Offered
	})
}

// settle ends the plan of an offer that was accepted, or of one that was
// revoked: who takes an offer back decides anew whom to ask.
func (s *scene) settle(x *models.Assignment) error {
	state, reason := models.PlanFulfilled, ""
	switch x.State {
	case workflow.Accepted:
	case workflow.Revoked:
		state, reason = models.PlanCancelled, x.Reason
	default:
		return nil
	}
	plans, err := s.plansOf(x)
	for _, p := range plans {
		if x.State == workflow.Revoked && s.open(p) {
			continue // of a broadcast, the others still stand
		}
		if err := s.endPlan(p, state, reason); err != nil {
			return err
		}
	}
	return err
}

// cancelPlans ends the plans of a request with all that is live of it.
func (s *scene) cancelPlans(reason string) error {
	plans, err := s.plansOf(nil)
	for _, p := range plans {
		if err := s.endPlan(p, models.PlanCancelled, reason); err != nil {
			return err
		}
	}
	return err
}

func (s *scene) endPlan(p *models.Plan, state models.PlanState, reason string) error {
	p.State, p.Reason, p.EndedAt = state, reason, &s.now
	return s.tx.PutPlan(p, s.now)
}

// Plans lists the plans of a request, for the admin of its desk.
//
// Errors: not_found; wrong_role for anybody else.
func (d *Desk) Plans(ctx context.Context, a models.Actor, flow Flow, id uuid.UUID, sl models.Slice) (list []PlanView, next *models.Position, err error) {
	err = d.read(ctx, a, func(tx *models.Tx) error {
		if _, err := d.permitted(tx, a, flow, id, workflow.PlanOffers); err != nil {
			return err
		}
		rows, at, err := tx.Plans(id, sl)
		if err != nil {
			return err
		}
		next = at
		list, err = planViews(tx, rows...)
		return err
	})
	return list, next, err
}

func planViews(tx *models.Tx, rows ...*models.Plan) ([]PlanView, error) {
	var organisations, assignments []uuid.UUID
	for _, p := range rows {
		for _, step := range p.Steps {
			organisations = append(organisations, step.OrganisationID)
			if step.AssignmentID != nil {
				assignments = append(assignments, *step.AssignmentID)
			}
		}
	}
	names, err := tx.OrganisationNames(organisations...)
	if err != nil {
		return nil, err
	}
	states, err := tx.AssignmentStates(assignments...)
	list := make([]PlanView, len(rows))
	for i, p := range rows {
		list[i] = PlanView{p, names, states}
	}
	return list, err
}

// CancelPlan has a plan make no further offer. The one that is open stands,
// until it is answered, expires or is revoked.
//
// Errors: not_found, wrong_role, those of the precondition, which judges the
// plan's own version, wrong_state; plan_over.
func (d *Desk) CancelPlan(ctx context.Context, a models.Actor, flow Flow, id, plan uuid.UUID, pre Precondition) error {
	return d.act(ctx, a, flow, id, workflow.CancelPlan, Whatever, workflow.ByOffers, func(s *scene, as workflow.Role) error {
		p, err := s.tx.GetPlan(id, plan)
		if err != nil {
			return err
		}
		if err := pre(p.Version); err != nil {
			return err
		}
		if p.State != models.PlanLive {
			return planOver
		}
		move, err := flow.Fire(s.request.Head().State, workflow.CancelPlan, as, s.facts(s.actor, s.now))
		if err != nil {
			return err
		}
		if err := s.endPlan(p, models.PlanCancelled, ""); err != nil {
			return err
		}
		return s.tx.Advance(s.request, models.Step{Move: move, Actor: a, At: s.now, Data: map[string]any{"plan": p.ID}})
	})
}

// MayPlan reports whether the caller may see a plan of a request, and cancel it.
//
// Errors: not_found, wrong_role.
func (d *Desk) MayPlan(ctx context.Context, a models.Actor, flow Flow, id, plan uuid.UUID) error {
	return d.read(ctx, a, func(tx *models.Tx) error {
		if _, err := d.permitted(tx, a, flow, id, workflow.CancelPlan); err != nil {
			return err
		}
		_, err := tx.GetPlan(id, plan)
		return err
	})
}
