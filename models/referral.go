package models

import (
	"github.com/google/uuid"

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
	Retention
	ReferralFields
}

// TableName is GORM's.
func (Referral) TableName() string { return "case_referrals" }

// Flow is the workflow of case referrals.
func (*Referral) Flow() *workflow.Workflow { return workflow.Referral }

// CountryCode is the country where the person is.
func (r *Referral) CountryCode() string { return r.Country }

// Asked is what routing looks at.
func (r *Referral) Asked() workflow.Asked {
	return workflow.Asked{Kind: r.Flow().Name, Country: r.Country, Topics: r.Services, Languages: r.Languages}
}

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

// ReferralTexts is what of a case is kept sealed.
type ReferralTexts struct {
	Narrative         string
	ActionsTaken      string
	Contact           bool // whether anything is known of contact
	ContactProhibited bool
	SafeMethod        string
	SafeTimes         string
}

// TextsOf reads what of a case is kept sealed.
func (tx *Tx) TextsOf(referral uuid.UUID) (ReferralTexts, error) {
	said, err := tx.Unseal(referral, referral)
	w := said[referral]
	return ReferralTexts{
		Narrative: w["narrative"], ActionsTaken: w["actions_taken"], Contact: w["contact"] != "",
		ContactProhibited: w["contact"] == contactProhibited, SafeMethod: w["safe_method"], SafeTimes: w["safe_times"],
	}, err
}

// PutTexts seals them, whole.
func (tx *Tx) PutTexts(referral uuid.UUID, t ReferralTexts) error {
	contact := ""
	switch {
	case t.ContactProhibited:
		contact = contactProhibited
	case t.Contact:
		contact = "allowed"
	}
	return tx.Seal(referral, referral, Words{
		"narrative": t.Narrative, "actions_taken": t.ActionsTaken, "contact": contact, "safe_method": t.SafeMethod, "safe_times": t.SafeTimes,
	})
}

const contactProhibited = "prohibited"
