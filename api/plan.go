package api

import "time"

// NewPlan is the body of POST …/offers: whom to offer a request to, in order.
// A case names the service; respond_within_hours absent follows from the
// urgency.
type NewPlan struct {
	Organisations      []string `json:"organisations" validate:"required,min=1,max=20,unique,dive,uuid"`
	Service            string   `json:"service,omitzero" validate:"omitempty,max=64"`
	RespondWithinHours *int     `json:"respond_within_hours,omitzero" validate:"omitempty,min=1,max=2160"`
	Message            string   `json:"message,omitzero" validate:"omitempty,text,max=2000"`
	Broadcast          bool     `json:"broadcast,omitzero"`
}

// Plan is a plan of offers.
type Plan struct {
	ID                 string     `json:"id"`
	Version            int        `json:"version"`
	State              string     `json:"state"`
	Reason             string     `json:"reason,omitzero"` // the code of what ended it, where there is one
	Service            string     `json:"service,omitzero"`
	Broadcast          bool       `json:"broadcast"`
	RespondWithinHours int        `json:"respond_within_hours,omitzero"`
	Steps              []PlanStep `json:"steps"`
	MadeBy             string     `json:"made_by"`
	CreatedAt          time.Time  `json:"created_at"`
	UpdatedAt          time.Time  `json:"updated_at"`
	EndedAt            *time.Time `json:"ended_at"`
}

// PlanStep is one organisation that a plan names.
type PlanStep struct {
	Position     int     `json:"position"`
	Organisation Link    `json:"organisation"`
	State        string  `json:"state"`
	AssignmentID *string `json:"assignment_id"`
	Reason       *string `json:"reason"` // the code of the guard that passed it over
}
