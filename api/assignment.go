package api

import "time"

// NewAssignment is the body of POST …/assignments: an offer. A case names the
// service; respond_by absent follows from the urgency.
type NewAssignment struct {
	OrganisationID string     `json:"organisation_id" validate:"omitempty,uuid"`
	Service        string     `json:"service,omitzero" validate:"omitempty,max=64"`
	RespondBy      *time.Time `json:"respond_by,omitzero" validate:"omitempty,moment"`
	Message        string     `json:"message,omitzero" validate:"omitempty,text,max=2000"`
}

// Assignment is one organisation's work on one request.
type Assignment struct {
	ID           string         `json:"id"`
	State        string         `json:"state"`
	Version      int            `json:"version"`
	Kind         string         `json:"kind"`
	Request      RequestSummary `json:"request"`
	Organisation Link           `json:"organisation"`
	Service      string         `json:"service,omitzero"`
	RespondBy    time.Time      `json:"respond_by"`
	Message      string         `json:"message,omitzero"`
	Outcome      string         `json:"outcome,omitzero"`
	CreatedAt    time.Time      `json:"created_at"`
	UpdatedAt    time.Time      `json:"updated_at"`
	DueAt        *time.Time     `json:"due_at"`
	AcceptedAt   *time.Time     `json:"accepted_at"`
	EndedAt      *time.Time     `json:"ended_at"`
	Reason       string         `json:"reason,omitzero"` // the code of the one given last
	Tail
}

// RequestSummary is what an assignment says of its request: of a case, what
// does not identify a person.
type RequestSummary struct {
	ID          string   `json:"id"`
	Reference   string   `json:"reference"`
	State       string   `json:"state,omitzero"`
	Title       string   `json:"title,omitzero"`
	Topics      []string `json:"topics,omitzero"`
	Audiences   []string `json:"audiences,omitzero"`
	Country     string   `json:"country,omitzero"`
	Subdivision string   `json:"subdivision,omitzero"`
	AgeBand     string   `json:"age_band,omitzero"`
	Languages   []string `json:"languages,omitzero"`
	Urgency     string   `json:"urgency,omitzero"`
	Summary     string   `json:"summary,omitzero"`
}

// Transition is the body of POST …/transitions: the action and what it needs,
// side by side. Which members an action carries is the workflow's table;
// another one is refused.
type Transition struct {
	Action       string      `json:"action" validate:"required,max=64"`
	Reason       *Reason     `json:"reason,omitzero"`
	Question     string      `json:"question,omitzero" validate:"omitempty,text,max=5000"`
	Answer       string      `json:"answer,omitzero" validate:"omitempty,text,max=5000"`
	Desk         string      `json:"desk,omitzero" validate:"omitempty,uuid"`
	Priority     string      `json:"priority,omitzero" validate:"omitempty,max=64"`
	Urgency      string      `json:"urgency,omitzero" validate:"omitempty,max=64"`
	Services     []string    `json:"services,omitzero" validate:"max=20,unique"`
	StartsAt     time.Time   `json:"starts_at,omitzero" validate:"omitempty,moment"`
	EndsAt       time.Time   `json:"ends_at,omitzero" validate:"omitempty,moment"`
	Sessions     []Session   `json:"sessions,omitzero" validate:"max=60,dive"`
	Mode         string      `json:"mode,omitzero" validate:"omitempty,max=64"`
	Place        string      `json:"place,omitzero" validate:"omitempty,line,max=500"`
	Link         string      `json:"link,omitzero" validate:"omitempty,https_url,max=500"`
	Participants int         `json:"participants,omitzero" validate:"omitempty,min=1,max=100000"`
	DeliveredOn  time.Time   `json:"delivered_on,omitzero,format:DateOnly"`
	Levels       []Level     `json:"levels,omitzero" validate:"max=4,unique=Level,dive"`
	Objectives   []NewResult `json:"objectives,omitzero" validate:"max=20,dive"`
	Outcome      string      `json:"outcome,omitzero" validate:"omitempty,max=64"`
	Note         string      `json:"note,omitzero" validate:"omitempty,text,max=5000"`
	Until        time.Time   `json:"until,omitzero" validate:"omitempty,moment"`
}
