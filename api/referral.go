package api

import "time"

// ReferralFields is what an NGO worker says of a case, but for what is kept
// apart. It holds no name, birth date, address or identity number.
// Subject_code, age_band, country, services, urgency and summary are required
// from submission on.
type ReferralFields struct {
	SubjectCode       string   `json:"subject_code,omitzero" validate:"omitempty,line,max=64"`
	AgeBand           string   `json:"age_band,omitzero" validate:"omitempty,code=age_band"`
	Gender            string   `json:"gender,omitzero" validate:"omitempty,code=gender"`
	TraffickingStatus string   `json:"trafficking_status,omitzero" validate:"omitempty,code=trafficking_status"`
	ExploitationTypes []string `json:"exploitation_types,omitzero" validate:"max=20,unique,dive,code=exploitation_types"`
	Citizenships      []string `json:"citizenships,omitzero" validate:"max=20,unique,dive,iso3166_1_alpha2"`
	Country           string   `json:"country,omitzero" validate:"omitempty,iso3166_1_alpha2"`
	Subdivision       string   `json:"subdivision,omitzero" validate:"omitempty,subdivision"`
	Languages         []string `json:"languages,omitzero" validate:"max=20,unique,dive,language"`
	ProtectionFlags   []string `json:"protection_flags,omitzero" validate:"max=20,unique,dive,code=protection_flags"`
	Services          []string `json:"services,omitzero" validate:"max=20,unique,dive,code=services"`
	Urgency           string   `json:"urgency,omitzero" validate:"omitempty,code=urgency"`
	Summary           string   `json:"summary,omitzero" validate:"omitempty,text,max=2000"`
	DecisionReason    string   `json:"decision_reason,omitzero" validate:"omitempty,code=decision_reason"`
}

// ReferralSealed is what of a case is kept apart from the rest: the GET of
// one record alone shows it, and only to those who may read it.
type ReferralSealed struct {
	Narrative    string   `json:"narrative,omitzero" validate:"omitempty,text,max=20000"`
	ActionsTaken string   `json:"actions_taken,omitzero" validate:"omitempty,text,max=10000"`
	Contact      *Contact `json:"contact,omitzero"`
}

// Contact says how the person can be reached without harm, or that they must
// not be (Gravity: contacting-subject-prohibited).
type Contact struct {
	Prohibited bool   `json:"prohibited"`
	SafeMethod string `json:"safe_method,omitzero" validate:"omitempty,text,max=500"`
	SafeTimes  string `json:"safe_times,omitzero" validate:"omitempty,text,max=500"`
}

// ReferralPatch is what PATCH may change of a case referral. MatchTraits are
// never shown, and kept only as tokens: a patch of them replaces what was sent
// before, all of it.
type ReferralPatch struct {
	ReferralFields
	ReferralSealed
	MatchTraits *MatchTraits `json:"match_traits,omitzero"`
}

// MatchTraits are what a person is to be found again by, if another
// organisation refers the same one.
type MatchTraits struct {
	Name      string `json:"name,omitzero" validate:"omitempty,line,max=200"`
	BirthYear *int   `json:"birth_year,omitzero" validate:"omitempty,min=1900"`
	Origin    string `json:"origin,omitzero" validate:"omitempty,iso3166_1_alpha2"`
}

// NewReferral is the body of POST /v1/case-referrals. Follows is the id of an
// earlier referral of the same person, for instance one whose consent was
// revoked.
type NewReferral struct {
	ReferralPatch
	Consents []NewConsent `json:"consents,omitzero" validate:"max=20,dive"`
	Follows  string       `json:"follows,omitzero" validate:"omitempty,uuid"`
	Draft    bool         `json:"draft,omitzero"`
}

// Referral is a case referral as it reads for its owner and its desk; a
// partner gets the members that its need to know leaves.
type Referral struct {
	Head
	ReferralFields
	ReferralSealed
	Outcome   string     `json:"outcome,omitzero"`
	Consents  []Consent  `json:"consents,omitzero"`
	Follows   string     `json:"follows,omitzero"`
	Warnings  []Warning  `json:"warnings,omitzero"`
	LegalHold *bool      `json:"legal_hold,omitzero"`
	EraseAt   *time.Time `json:"erase_at,omitzero"`
	Erasure   *Erasure   `json:"erasure,omitzero"`
	ErasedAt  *time.Time `json:"erased_at,omitzero"`
	// PossibleDuplicates are told to the admin of the desk, in the GET of one case alone.
	PossibleDuplicates []Duplicate `json:"possible_duplicates,omitzero"`
	Tail
}

// Export is everything that is held of the person of a case. Organisations
// are those that consents name.
type Export struct {
	ExportedAt    time.Time    `json:"exported_at"`
	Referral      Referral     `json:"referral"`
	Organisations []Link       `json:"organisations"`
	Assignments   []Assignment `json:"assignments"`
	Events        []Event      `json:"events"`
	Readings      []Reading    `json:"readings"`
}

// Reading is who read which parts of a case, when. It names the organisation,
// and no person: the person of the case takes an export away.
type Reading struct {
	At           time.Time `json:"at"`
	Organisation Link      `json:"organisation"`
	As           string    `json:"as"`
	Parts        []string  `json:"parts"`
}

// NewErasure is the body of POST …/erasure.
type NewErasure struct {
	Reason *Reason `json:"reason,omitzero"`
}

// Erasure is an erasure that one admin has asked for; a second can do it until
// it lapses.
type Erasure struct {
	RequestedBy string    `json:"requested_by"`
	RequestedAt time.Time `json:"requested_at"`
	LapsesAt    time.Time `json:"lapses_at"`
}

// Duplicate is another case of the desk that may be of the same person: of how
// many traits (Of) which agree, and what an admin decided.
type Duplicate struct {
	ID        string     `json:"id"`
	Reference string     `json:"reference"`
	Agreeing  []string   `json:"agreeing"`
	Of        int        `json:"of"`
	Text      string     `json:"text"`
	Verdict   *string    `json:"verdict"` // null: nobody decided yet
	DecidedBy string     `json:"decided_by,omitzero"`
	DecidedAt *time.Time `json:"decided_at,omitzero"`
}

// NewVerdict is the body of POST …/duplicates: the other case, and what the
// admin decided.
type NewVerdict struct {
	ReferralID string `json:"referral_id" validate:"required,uuid"`
	Verdict    string `json:"verdict" validate:"required,code=verdict"`
}

// Verdict is what an admin decided of two cases.
type Verdict struct {
	NewVerdict
	DecidedBy string    `json:"decided_by"`
	DecidedAt time.Time `json:"decided_at"`
}

// Warning says what may be wrong with a member and was taken nevertheless.
type Warning struct {
	Pointer string `json:"pointer"`
	Code    string `json:"code"`
	Detail  string `json:"detail"`
}

// NewConsent is the body of POST …/consents. Organisations empty or absent
// means any partner; services likewise any service. The two overrides need a
// reason and a second admin's approval.
type NewConsent struct {
	Basis         string     `json:"basis" validate:"required,code=basis"`
	GivenBy       string     `json:"given_by" validate:"required,code=given_by"`
	GivenAt       time.Time  `json:"given_at" validate:"required,moment"`
	Purposes      []string   `json:"purposes" validate:"required,min=1,max=4,unique,dive,code=purposes"`
	Organisations []string   `json:"organisations,omitzero" validate:"max=50,unique,dive,uuid"`
	Services      []string   `json:"services,omitzero" validate:"max=20,unique,dive,code=services"`
	Withheld      []string   `json:"withheld,omitzero" validate:"max=20,unique,dive,code=withheld"`
	Reason        string     `json:"reason,omitzero" validate:"omitempty,text,max=2000"`
	ExpiresAt     *time.Time `json:"expires_at,omitzero" validate:"omitempty,moment"`
}

// Consent is a consent as it reads.
type Consent struct {
	ID            string     `json:"id"`
	Basis         string     `json:"basis"`
	GivenBy       string     `json:"given_by"`
	GivenAt       time.Time  `json:"given_at"`
	Purposes      []string   `json:"purposes"`
	Organisations []string   `json:"organisations"`
	Services      []string   `json:"services"`
	Withheld      []string   `json:"withheld"`
	Reason        string     `json:"reason,omitzero"`
	ExpiresAt     *time.Time `json:"expires_at"`
	RecordedBy    string     `json:"recorded_by"`
	RecordedAt    time.Time  `json:"recorded_at"`
	EndedAt       *time.Time `json:"ended_at"`
	NeedsApproval bool       `json:"needs_approval"`
	Approval      *Approval  `json:"approval"`
}

// NewApproval is the body of POST …/override-approvals.
type NewApproval struct {
	ConsentID string `json:"consent_id" validate:"required,uuid"`
	Note      string `json:"note,omitzero" validate:"omitempty,text,max=2000"`
}

// Approval is a second admin's approval of an override.
type Approval struct {
	ConsentID  string    `json:"consent_id"`
	ApprovedBy string    `json:"approved_by"`
	ApprovedAt time.Time `json:"approved_at"`
	Note       string    `json:"note,omitzero"`
}
