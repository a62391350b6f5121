package api

import "time"

// QueueItem is one thing that waits for a desk.
type QueueItem struct {
	Kind      string     `json:"kind"`
	ID        string     `json:"id"`
	Reference string     `json:"reference"`
	State     string     `json:"state"`
	Version   int        `json:"version"`
	Desk      string     `json:"desk"`
	Urgency   string     `json:"urgency,omitzero"` // of a case
	Title     string     `json:"title,omitzero"`   // of a training request
	Country   string     `json:"country,omitzero"`
	DueAt     *time.Time `json:"due_at"`
	Overdue   bool       `json:"overdue"`
	CreatedAt time.Time  `json:"created_at"`
}

// TakeNext is the optional body of POST /v1/queue/next: what to choose from.
type TakeNext struct {
	Kind    string `json:"kind,omitzero" validate:"omitempty,oneof=training_request case_referral"`
	Desk    string `json:"desk,omitzero" validate:"omitempty,uuid"`
	Urgency string `json:"urgency,omitzero" validate:"omitempty,code=urgency"`
	Country string `json:"country,omitzero" validate:"omitempty,iso3166_1_alpha2"`
	Filter  string `json:"filter,omitzero" validate:"omitempty,uuid"`
}

// QueueFilterFields is what a saved filter narrows the queue to. Each name is
// of its owner alone; a shared filter is for the admins of the same desk too.
type QueueFilterFields struct {
	Name           string `json:"name" validate:"required,line,max=200"`
	Shared         bool   `json:"shared"`
	Kind           string `json:"kind,omitzero" validate:"omitempty,oneof=training_request case_referral"`
	Urgency        string `json:"urgency,omitzero" validate:"omitempty,code=urgency"`
	Country        string `json:"country,omitzero" validate:"omitempty,iso3166_1_alpha2"`
	Overdue        *bool  `json:"overdue,omitzero"`
	DueWithinHours int    `json:"due_within_hours,omitzero" validate:"omitempty,min=1,max=8760"`
}

// NewQueueFilter is the body of POST and PATCH of a saved filter.
type NewQueueFilter struct {
	QueueFilterFields
	Desk string `json:"desk,omitzero" validate:"omitempty,uuid"`
}

// QueueFilter is a saved filter as it reads.
type QueueFilter struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
	Owner   string `json:"owner"` // the id of who saved it
	QueueFilterFields
	Desk      string    `json:"desk,omitzero"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// Bulk is the body of POST /v1/queue/bulk: one action, what it needs, and the
// records that it is done to.
type Bulk struct {
	Action   string     `json:"action" validate:"required,oneof=take request_information reject approve"`
	Items    []BulkItem `json:"items" validate:"required,min=1,max=200,dive"`
	Question string     `json:"question,omitzero" validate:"omitempty,text,max=5000"`
	Reason   *Reason    `json:"reason,omitzero"`
	Priority string     `json:"priority,omitzero" validate:"omitempty,code=priority"`
}

// BulkItem names a record, and the version that it must have; nil: any.
type BulkItem struct {
	Kind    string `json:"kind" validate:"required,oneof=training_request case_referral"`
	ID      string `json:"id" validate:"required,uuid"`
	Version *int   `json:"version,omitzero" validate:"omitempty,min=1"`
}
