package desk

import (
	"context"
	"time"

	"github.com/google/uuid"

	"onward/fault"
	"onward/models"
	"onward/workflow"
)

// Offer offers a request to an organisation and gives the new assignment's
// id. Of the organisation's services that fit, the one that fits best is
// taken.
//
// Errors: not_found, wrong_role, those of the precondition, wrong_state, the
// code of the guard that refuses, invalid.
func (d *Desk) Offer(ctx context.Context, a models.Actor, flow Flow, id uuid.UUID, pre Precondition, in workflow.Input) (made uuid.UUID, err error) {
	err = d.act(ctx, a, flow, id, workflow.Offer, pre, workflow.ByAssignments, func(s *scene, as workflow.Role) error {
		made, err = s.offer(word{as: as, by: s.actor, offerer: s.actor.UserID}, in)
		return err
	})
	return made, err
}

// word is on whose word an offer is made.
type word struct {
	as      workflow.Role
	by      models.Actor // who makes it: the system, of a plan that goes on
	offerer uuid.UUID    // the admin who wants it made
	plan    *uuid.UUID
}

// offer makes an offer. Refused, it has written nothing.
func (s *scene) offer(w word, in workflow.Input) (uuid.UUID, error) {
	move, partner, consent, err := s.approach(workflow.Offer, w, in)
	if err != nil {
		return uuid.Nil, err
	}
	head := s.request.Head()
	x := &models.Assignment{
		ID: models.NewID(), Kind: s.request.Flow().Name, RequestID: head.ID, DeskID: head.DeskID, OwnerOrganisationID: head.OrganisationID, OrganisationID: partner.OrganisationID,
		ServiceID: *partner.ServiceID, Service: partner.Service, Round: head.Round, OfferedBy: w.offerer, PlanID: w.plan,
		RespondBy: s.respondBy(in), Message: in.Message, CreatedAt: s.now,
	}
	if consent != nil {
		x.ConsentID = &consent.ID
	}
	s.due(move)
	step := models.Step{Move: move, Actor: w.by, At: s.now, Data: map[string]any{"assignment": x.ID, "organisation_id": x.OrganisationID, "service": x.Service}}
	if err := s.tx.Advance(s.request, step); err != nil {
		return uuid.Nil, err
	}
	return x.ID, s.start(x, w)
}

// approach holds the guards of an offer, or of a place in a waiting list,
// against the organisation that an input names. It writes nothing. The consent
// is the one that allows it; a training has none.
func (s *scene) approach(do workflow.Action, w word, in workflow.Input) (workflow.Move, *models.Candidate, *models.Consent, error) {
	f := s.facts(w.by, s.now)
	f.Sent = in
	partner, err := s.partnerFor(&f, w.offerer)
	if err != nil {
		return workflow.Move{}, nil, nil, err
	}
	var consent *models.Consent
	if partner != nil {
		f.Consent, consent = s.coverage(partner.OrganisationID, in.Service, w.offerer, s.now)
	}
	move, err := s.request.Flow().Fire(s.request.Head().State, do, w.as, f)
	return move, partner, consent, err
}

// start writes the new assignment and its first event.
func (s *scene) start(x *models.Assignment, w word) error {
	move, err := workflow.Assignment.Fire(workflow.New, workflow.Offer, w.as, workflow.Facts{Now: s.now})
	if err != nil {
		return err
	}
	err = s.tx.Start(x, models.Step{Move: move, Actor: w.by, At: s.now, Data: map[string]any{
		"organisation_id": x.OrganisationID, "service": x.Service, "respond_by": x.RespondBy,
	}})
	if err != nil {
		return err
	}
	s.assignments = append(s.assignments, x) // the last in id order
	if x.Message == "" {
		return nil
	}
	return s.tx.Seal(x.RequestID, x.ID, models.Words{"message": x.Message})
}

// partnerFor finds the service of the organisation that an offer names, and
// what counts of it.
func (s *scene) partnerFor(f *workflow.Facts, offerer uuid.UUID) (*models.Candidate, error) {
	id, err := uuid.Parse(f.Sent.Organisation)
	if err != nil || f.Sent.Service == "" && s.request.Flow() == workflow.Referral {
		return nil, nil //nolint:nilerr,nilnil // the need speaks for it
	}
	_, err = models.Keep[models.Organisation](s.tx, id)
	if fault.Is(err, fault.CodeNotFound) {
		f.Sent.Faulty = append(f.Sent.Faulty, fault.Field{Pointer: "/organisation_id", Code: "unknown_organisation", Detail: "There is no such organisation."})
		return nil, nil //nolint:nilnil // Faulty speaks for it
	}
	if err != nil {
		return nil, err
	}
	want := s.want(s.desk.Weights, offerer, s.now, f.Sent.Service)
	want.Only, want.Unfit, want.Limit = id, true, 1
	found, err := s.tx.Candidates(want)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	facts := found[0].Facts()
	f.Partner = &facts
	return &found[0], nil
}

// coverage finds the consent that reaches an organisation and a service the
// furthest, on the word of the admin who offers. A training needs none.
func (s around) coverage(organisation uuid.UUID, service string, offerer uuid.UUID, now time.Time) (workflow.Coverage, *models.Consent) {
	if s.request.Flow() == workflow.Training {
		return workflow.Covered, nil
	}
	reach, found := workflow.Uncovered, (*models.Consent)(nil)
	for i, c := range s.consents {
		if r := c.Covers(organisation, service, offerer, now); r > reach {
			reach, found = r, &s.consents[i]
		}
	}
	return reach, found
}
