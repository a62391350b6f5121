package api

import "time"

// NewWait is the body of POST …/waiting: for whom a request waits. A case
// names the service.
type NewWait struct {
	OrganisationID string `json:"organisation_id" validate:"omitempty,uuid"`
	Service        string `json:"service,omitzero" validate:"omitempty,max=64"`
}

// Wait is an entry of a waiting list.
type Wait struct {
	ID           string     `json:"id"`
	Version      int        `json:"version"`
	State        string     `json:"state"`
	Organisation Link       `json:"organisation"`
	Service      string     `json:"service"`
	Position     *int       `json:"position"` // in the list; null: it has no turn now
	Since        time.Time  `json:"since"`
	AssignmentID *string    `json:"assignment_id"`
	Reason       *string    `json:"reason"` // the code of what ended it
	MadeBy       string     `json:"made_by"`
	UpdatedAt    time.Time  `json:"updated_at"`
	EndedAt      *time.Time `json:"ended_at"`
}

// WaitingFor is how long the list of a service is.
type WaitingFor struct {
	Waiting int `json:"waiting"`
}
