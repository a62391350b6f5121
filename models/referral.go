package models

import (
	"github.com/google/uuid"
	"gorm.io/gorm/clause"

	"onward/fault"
	"onward/workflow"
)

// ReferralFields is what an NGO worker says of a case, but for what is kept
// apart: the twin of api.ReferralFields.
type ReferralFields struct {
	SubjectCode       string
	AgeBand           string
	Gender            string
	TraffickingStatus string
	ExploitationTypes []string `gorm:"serializer:array"`
	Citizenships      []string `gorm:"serializer:array"`
	Country           string
	Subdivision       string
	Languages         []string `gorm:"serializer:array"`
	ProtectionFlags   []string `gorm:"serializer:array"`
	Services          []string `gorm:"serializer:array"`
	Urgency           string
	Summary           string
	DecisionReason    string
}

// Referral is a row of case_referrals.
type Referral struct {
	Record
	Follows *uuid.UUID
	ReferralFields
}

// TableName is GORM's.
func (Referral) TableName() string { return "case_referrals" }

// Flow is the workflow of case referrals.
func (*Referral) Flow() *workflow.Workflow { return workflow.Referral }

// CountryCode is the country where the person is.
func (r *Referral) CountryCode() string { return r.Country }

// Missing lists the required members that a case referral lacks.
func (f ReferralFields) Missing() []fault.Field {
	return missing(
		member{"subject_code", f.SubjectCode == ""},
		member{"age_band", f.AgeBand == ""},
		member{"country", f.Country == ""},
		member{"services", len(f.Services) == 0},
		member{"urgency", f.Urgency == ""},
		member{"summary", f.Summary == ""},
	)
}

// ReferralTexts is what of a case is kept apart from the rest, a row of
// referral_texts.
type ReferralTexts struct {
	ReferralID        uuid.UUID `gorm:"primaryKey"`
	Narrative         string
	ActionsTaken      string
	Contact           bool // whether anything is known of contact
	ContactProhibited bool
	SafeMethod        string
	SafeTimes         string
}

// TableName is GORM's.
func (ReferralTexts) TableName() string { return "referral_texts" }

// TextsOf reads what of a case is kept apart.
func (tx *Tx) TextsOf(referral uuid.UUID) (ReferralTexts, error) {
	var t ReferralTexts
	err := one(tx.g.Where("referral_id = ?", referral).Take(&t).Error)
	return t, err
}

// PutTexts writes them, whole.
func (tx *Tx) PutTexts(t ReferralTexts) error {
	return tx.g.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "referral_id"}}, UpdateAll: true}).Create(&t).Error
}
