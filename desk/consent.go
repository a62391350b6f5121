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

// AddConsent records a consent of a case.
//
// Errors: not_found, wrong_role, wrong_state, invalid.
func (d *Desk) AddConsent(ctx context.Context, a models.Actor, id uuid.UUID, c *models.Consent, faulty []fault.Field) error {
	return d.change(ctx, a, workflow.Referral, id, workflow.AddConsent, Whatever, workflow.ByConsents, func(s *scene) (map[string]any, error) {
		more, err := s.consentFaults(*c, "")
		if err != nil {
			return nil, err
		}
		if all := slices.Concat(more, faulty); len(all) > 0 {
			return nil, fault.Values(all...)
		}
		s.show(s.tx, a, s.now, workflow.Consent)
		one := []models.Consent{*c}
		err = s.addConsents(one)
		*c = one[0]
		return map[string]any{"consent": c.ID, "basis": c.Basis}, err
	})
}

// ApproveOverride records that a second admin approves a consent that stands
// in for the person's own.
//
// Errors: not_found, wrong_role, wrong_state, same_person, already_approved,
// no_override, invalid.
func (d *Desk) ApproveOverride(ctx context.Context, a models.Actor, id, consent uuid.UUID, note string, faulty []fault.Field) (approved models.Consent, err error) {
	err = d.change(ctx, a, workflow.Referral, id, workflow.ApproveOverride, Whatever, workflow.ByApprovals, func(s *scene) (map[string]any, error) {
		if len(faulty) > 0 {
			return nil, fault.Values(faulty...)
		}
		c, err := s.override(consent)
		if err != nil {
			return nil, err
		}
		s.show(s.tx, a, s.now, workflow.Consent)
		c.ApprovedBy, c.ApprovedAt, c.ApprovalNote = &a.UserID, &s.now, note
		err = s.tx.ApproveOverride(c)
		approved = *c
		return map[string]any{"consent": c.ID}, err
	})
	return approved, err
}

// override finds the consent that an approval names, if this actor may
// approve it.
func (s *scene) override(id uuid.UUID) (*models.Consent, error) {
	for i := range s.consents {
		c := &s.consents[i]
		switch {
		case c.ID != id:
			continue
		case !c.Override():
			return nil, noOverride
		case c.ApprovedBy != nil:
			return nil, alreadyApproved
		case c.RecordedBy == s.actor.UserID:
			return nil, samePerson
		}
		return c, nil
	}
	return nil, fault.Values(fault.Field{Pointer: "/consent_id", Code: "unknown_consent", Detail: "The case has no such consent."})
}

// Consents lists the consents of a case, the latest first.
//
// Errors: not_found; wrong_role for a partner.
func (d *Desk) Consents(ctx context.Context, a models.Actor, id uuid.UUID) (consents []models.Consent, err error) {
	err = d.read(ctx, a, func(tx *models.Tx) error {
		s, err := d.wholly(tx, a, id)
		if err != nil {
			return err
		}
		if consents = s.consents; len(consents) > 0 {
			s.show(tx, a, d.now(), workflow.Consent)
		}
		return nil
	})
	return consents, err
}

// checkConsents adds what can't be so in the consents of a new case.
func (s *scene) checkConsents(in *workflow.Input) error {
	for i, c := range s.consents {
		faulty, err := s.consentFaults(c, fmt.Sprintf("/consents/%d", i))
		if err != nil {
			return err
		}
		in.Faulty = append(in.Faulty, faulty...)
	}
	return nil
}

func (s *scene) consentFaults(c models.Consent, at string) ([]fault.Field, error) {
	var faulty []fault.Field
	refuse := func(member string, code fault.Code, detail string) {
		faulty = append(faulty, fault.Field{Pointer: at + "/" + member, Code: code, Detail: detail})
	}
	if c.Override() && c.Reason == "" {
		refuse("reason", "required", "This basis stands in for the person's consent; say why.")
	}
	if c.GivenBy == "none" && !c.Override() {
		refuse("given_by", "given_by_nobody", "Only an override is given by nobody.")
	}
	if c.GivenAt.After(s.now) {
		refuse("given_at", "in_future", "This time must not lie in the future.")
	}
	if c.ExpiresAt != nil && !c.ExpiresAt.After(c.GivenAt) {
		refuse("expires_at", "too_small", "A consent expires after it was given.")
	}
	missing, ok, err := s.tx.AllOrganisations(c.Organisations)
	if !ok && err == nil {
		refuse(fmt.Sprintf("organisations/%d", missing), "unknown_organisation", "There is no such organisation.")
	}
	return faulty, err
}

func (s *scene) addConsents(consents []models.Consent) error {
	for i := range consents {
		c := &consents[i]
		c.ID, c.ReferralID, c.RecordedBy, c.RecordedAt = models.NewID(), s.request.Head().ID, s.actor.UserID, s.now
		if err := s.tx.AddConsent(c); err != nil {
			return err
		}
	}
	return nil
}
