package models

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"onward/workflow"
)

// Consent is a row of consents, with the approval of an override beside it.
type Consent struct {
	ID            uuid.UUID `gorm:"primaryKey"`
	ReferralID    uuid.UUID
	Basis         string
	GivenBy       string
	GivenAt       time.Time
	Purposes      []string `gorm:"serializer:array"`
	Organisations []string `gorm:"serializer:array"` // ids; empty: any partner
	Services      []string `gorm:"serializer:array"` // empty: any service
	Withheld      []string `gorm:"serializer:array"`
	Reason        string   `gorm:"-"` // sealed apart
	ReasonGiven   bool
	ExpiresAt     *time.Time
	RecordedBy    uuid.UUID
	RecordedAt    time.Time
	EndedAt       *time.Time
	ApprovedBy    *uuid.UUID
	ApprovedAt    *time.Time
	ApprovalNote  string `gorm:"-"` // sealed apart
}

// Overrides are the bases that stand in for a person's consent: they need a
// written reason and a second admin.
var Overrides = []string{"best_interest_override", "vital_interest"}

// Override reports whether the consent is one of the two overrides.
func (c Consent) Override() bool { return slices.Contains(Overrides, c.Basis) }

// InForce reports whether the consent counts at a moment.
func (c Consent) InForce(now time.Time) bool { return c.EndedAt == nil && !c.expired(now) }

func (c Consent) expired(now time.Time) bool { return c.ExpiresAt != nil && !now.Before(*c.ExpiresAt) }

// Covers says how far the consent reaches an organisation and a service on
// the word of an offering admin: an override's approver and the offerer are
// two persons.
func (c Consent) Covers(organisation uuid.UUID, service string, offerer uuid.UUID, now time.Time) workflow.Coverage {
	switch {
	case c.EndedAt != nil || !slices.Contains(c.Purposes, "referral"),
		len(c.Organisations) > 0 && !slices.Contains(c.Organisations, organisation.String()),
		len(c.Services) > 0 && !slices.Contains(c.Services, service):
		return workflow.Uncovered
	case c.expired(now):
		return workflow.Expired
	case c.Override() && (c.ApprovedBy == nil || *c.ApprovedBy == offerer):
		return workflow.Unapproved
	}
	return workflow.Covered
}

// AddConsent writes a consent.
func (tx *Tx) AddConsent(c *Consent) error {
	c.ReasonGiven = c.Reason != ""
	if err := tx.insert(c); err != nil {
		return err
	}
	defer func() { c.Reason = "" }() // it is read with the record alone
	return tx.Seal(c.ReferralID, c.ID, Words{"reason": c.Reason})
}

// UnsealConsents reads what was written of the consents of a case.
func (tx *Tx) UnsealConsents(referral uuid.UUID, consents []Consent) error {
	ids := make([]uuid.UUID, len(consents))
	for i, c := range consents {
		ids[i] = c.ID
	}
	said, err := tx.Unseal(referral, ids...)
	for i := range consents {
		w := said[consents[i].ID]
		consents[i].Reason, consents[i].ApprovalNote = w["reason"], w["approval_note"]
	}
	return err
}

// ApproveOverride writes an approval. Errors: same_person.
func (tx *Tx) ApproveOverride(c *Consent) error {
	err := tx.g.Model(c).Where("approved_by IS NULL").Updates(map[string]any{"approved_by": c.ApprovedBy, "approved_at": c.ApprovedAt}).Error
	if err != nil {
		return err
	}
	defer func() { c.ApprovalNote = "" }()
	return tx.Seal(c.ReferralID, c.ID, Words{"approval_note": c.ApprovalNote})
}

// EndConsents ends every consent of a case that hasn't ended.
func (tx *Tx) EndConsents(referral uuid.UUID, at time.Time) error {
	return tx.g.Model(&Consent{}).Where("referral_id = ? AND ended_at IS NULL", referral).
		Updates(map[string]any{"ended_at": at}).Error
}

// ConsentsOf reads the consents of cases, the latest first.
func (tx *Tx) ConsentsOf(referrals ...uuid.UUID) (map[uuid.UUID][]Consent, error) {
	var all []Consent
	err := tx.g.Where("referral_id IN ?", referrals).Order("recorded_at DESC, id DESC").Find(&all).Error
	return groupBy(all, func(c Consent) uuid.UUID { return c.ReferralID }), err
}

func groupBy[K comparable, T any](all []T, key func(T) K) map[K][]T {
	groups := make(map[K][]T)
	for _, t := range all {
		groups[key(t)] = append(groups[key(t)], t)
	}
	return groups
}
