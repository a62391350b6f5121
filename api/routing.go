package api

import "time"

// RoutingRuleFields is what a rule asks of a request. What it leaves out, it
// takes as it comes; it names at least one of kind, country, topic, language.
type RoutingRuleFields struct {
	Kind     string `json:"kind,omitzero" validate:"omitempty,oneof=training_request case_referral"`
	Country  string `json:"country,omitzero" validate:"omitempty,iso3166_1_alpha2"`
	Topic    string `json:"topic,omitzero" validate:"omitempty,max=64"`
	Language string `json:"language,omitzero" validate:"omitempty,language"`
	Note     string `json:"note,omitzero" validate:"omitempty,line,max=500"`
	Active   bool   `json:"active"`
}

// NewRoutingRule is the body of POST and PATCH of a rule.
type NewRoutingRule struct {
	RoutingRuleFields
	Desk string `json:"desk" validate:"required,uuid"`
}

// RoutingRule is a rule as it reads.
type RoutingRule struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
	RoutingRuleFields
	Desk      string    `json:"desk"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// NewRehearsal is the body of POST /v1/routing-rehearsals: what routing looks
// at of a request. A training has topics, a case services.
type NewRehearsal struct {
	Kind      string   `json:"kind" validate:"required,oneof=training_request case_referral"`
	Country   string   `json:"country,omitzero" validate:"omitempty,iso3166_1_alpha2"`
	Topics    []string `json:"topics" validate:"max=20,unique,dive,code=topics"`
	Services  []string `json:"services" validate:"max=20,unique,dive,code=services"`
	Languages []string `json:"languages" validate:"max=20,unique,dive,language"`
}

// Rehearsal is where such a request would go, and why.
type Rehearsal struct {
	Desk       Link         `json:"desk"`
	Because    string       `json:"because"`
	Text       string       `json:"text"`
	Rule       *RoutingRule `json:"rule"` // null: no rule decided
	Considered []Considered `json:"considered"`
}

// Considered is a rule or a desk that was looked at, in that order.
type Considered struct {
	Rule    *string `json:"rule"` // its id; null: the desk itself was looked at
	Desk    Link    `json:"desk"`
	Matched bool    `json:"matched"`
	Text    string  `json:"text"`
}
