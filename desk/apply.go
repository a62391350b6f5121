package desk

import (
	"time"

	"github.com/google/uuid"

	"onward/models"
	"onward/workflow"
)

// apply writes onto the request in memory what a move carries. Advance then
// writes the row.
func (s *scene) apply(m workflow.Move, in workflow.Input) error {
	head := s.request.Head()
	if in.Reason != nil && !workflow.OfKeeping(m.Action) {
		head.Reason = in.Reason.Code
	}
	switch m.Action {
	case workflow.Transfer:
		if err := s.move(); err != nil {
			return err
		}
	case workflow.RequestInformation:
		head.AskedAt = &s.now
	case workflow.Hold:
		head.HeldUntil = &in.Until
	case workflow.Reopen:
		head.Round++
		head.Outcome = ""
	case workflow.Close:
		head.Outcome = in.Outcome
	case workflow.RevokeConsent:
		if err := s.tx.EndConsents(head.ID, s.now); err != nil {
			return err
		}
	case workflow.Submit:
		if err := s.route(); err != nil {
			return err
		}
	}
	switch r := s.request.(type) {
	case *models.Training:
		applyTraining(r, m, in)
	case *models.Referral:
		s.applyReferral(r, m, in)
		if err := s.unmatched(r.ID, m); err != nil {
			return err
		}
	}
	s.due(m)
	return nil
}

func (s *scene) applyReferral(r *models.Referral, m workflow.Move, in workflow.Input) {
	switch m.Action {
	case workflow.OpenCase:
		r.Urgency, r.Services = in.Urgency, in.Services
	case workflow.SetLegalHold, workflow.LiftLegalHold:
		r.LegalHold = m.Action == workflow.SetLegalHold
		r.Renew()
	case workflow.AnnounceErasure:
		r.ErasureAnnouncedAt = &s.now
	case workflow.RequestErasure:
		r.ErasureAskedBy, r.ErasureAskedAt = &s.actor.UserID, &s.now
	case workflow.Erase:
		r.Erase(s.now)
	case workflow.Reopen:
		r.EndedAt = nil
		r.Renew()
	}
	if m.From != m.To && workflow.Referral.End(m.To) {
		r.EndedAt = &s.now
	}
}

// unmatched forgets what a case is found again by, once it is not to be found:
// who takes back a consent, never gave a case to a desk, or is forgotten.
func (s *scene) unmatched(referral uuid.UUID, m workflow.Move) error {
	if m.To != workflow.ConsentRevoked && m.Action != workflow.Erase && (m.To != workflow.Withdrawn || m.From != workflow.Draft) {
		return nil
	}
	if err := s.tx.DropTokens(referral, ""); err != nil || m.Action != workflow.Erase {
		return err
	}
	return s.tx.DropLinks(referral)
}

func applyTraining(t *models.Training, m workflow.Move, in workflow.Input) {
	switch m.Action {
	case workflow.Approve:
		t.Priority = in.Priority
	case workflow.Schedule, workflow.Reschedule:
		t.StartsAt, t.EndsAt = &in.StartsAt, &in.EndsAt
		t.ScheduledMode, t.Place, t.Link = in.Mode, in.Place, in.Link
		plan(t, in)
	case workflow.Withdraw:
		cancel(t, m)
	case workflow.Unmatch, workflow.Reopen:
		cancel(t, m)
		t.StartsAt, t.EndsAt, t.ScheduledMode, t.Place, t.Link = nil, nil, "", "", ""
		t.Participants, t.DeliveredOn, t.Levels, t.Results = 0, nil, nil, nil
	case workflow.Deliver:
		t.Participants, t.DeliveredOn = in.Participants, &in.DeliveredOn
	case workflow.Evaluate:
		t.Levels, t.Results = in.Levels, in.Objectives
	}
}

// move gives the request, and the assignments of earlier rounds with it, the
// desk that a transfer names.
func (s *scene) move() error {
	s.desk = s.next
	s.request.Head().DeskID = s.desk.ID
	for _, x := range s.assignments {
		x.DeskID = s.desk.ID
	}
	return s.tx.MoveAssignments(s.request.Head().ID, s.desk.ID)
}

// route gives the request the desk that the network's rules send it to.
func (s *scene) route() error {
	to, why, err := s.tx.RouteTo(s.request.Asked())
	if err != nil {
		return err
	}
	s.desk, s.request.Head().DeskID = to, to.ID
	s.routed = map[string]any{"desk": to.ID, "because": why.Because}
	if why.Rule != "" {
		s.routed["rule"] = why.Rule
	}
	return nil
}

// due sets until when the request waits, when its state changes. A case that
// waits for its referrer's answer has no deadline; a training lapses.
func (s *scene) due(m workflow.Move) {
	head := s.request.Head()
	if m.From == m.To && m.Action != workflow.Transfer {
		return
	}
	head.DueAt = workflow.Due(m.To, urgency(s.request), s.now, value(head.HeldUntil), s.desk.Calendar())
	if m.To == workflow.InformationRequested && m.Workflow == workflow.Referral {
		head.DueAt = nil
	}
	if m.From == workflow.OnHold {
		head.HeldUntil = nil
	}
	if m.From == workflow.InformationRequested {
		head.AskedAt = nil
	}
}

func urgency(r models.Request) string {
	if referral, ok := r.(*models.Referral); ok {
		return referral.Urgency
	}
	return "normal"
}

// respondBy is until when a partner answers an offer, unless the admin says.
func (s *scene) respondBy(in workflow.Input) time.Time {
	if !in.RespondBy.IsZero() {
		return in.RespondBy
	}
	return workflow.RespondBy(urgency(s.request), s.now, s.desk.Calendar())
}
