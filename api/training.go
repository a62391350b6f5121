package api

import "time"

// TrainingFields is what a jurist says of a training. Title, audiences,
// topics, mode, country, languages and participants_expected are required
// from submission on.
type TrainingFields struct {
	Title                string     `json:"title,omitzero" validate:"omitempty,line,max=200"`
	Description          string     `json:"description,omitzero" validate:"omitempty,text,max=10000"`
	Audiences            []string   `json:"audiences" validate:"max=20,unique,dive,code=audiences"`
	Topics               []string   `json:"topics" validate:"max=20,unique,dive,code=topics"`
	Tier                 string     `json:"tier,omitzero" validate:"omitempty,code=tier"`
	Mode                 string     `json:"mode,omitzero" validate:"omitempty,code=mode"`
	Country              string     `json:"country,omitzero" validate:"omitempty,iso3166_1_alpha2"`
	Subdivision          string     `json:"subdivision,omitzero" validate:"omitempty,subdivision"`
	Languages            []string   `json:"languages" validate:"max=20,unique,dive,language"`
	ParticipantsExpected int        `json:"participants_expected,omitzero" validate:"omitempty,min=1,max=10000"`
	PreferredFrom        *time.Time `json:"preferred_from,omitzero,format:DateOnly"`
	PreferredTo          *time.Time `json:"preferred_to,omitzero,format:DateOnly"`
	DurationHours        int        `json:"duration_hours,omitzero" validate:"omitempty,min=1,max=2000"`
	FollowUpTheme        string     `json:"follow_up_theme,omitzero" validate:"omitempty,code=follow_up_theme"`
	OriginWorkshop       string     `json:"origin_workshop,omitzero" validate:"omitempty,line,max=200"`
}

// Objective is SMART (CityShare).
type Objective struct {
	Specific   string     `json:"specific" validate:"required,text,max=2000"`
	Measurable string     `json:"measurable,omitzero" validate:"omitempty,text,max=2000"`
	Achievable string     `json:"achievable,omitzero" validate:"omitempty,text,max=2000"`
	Relevant   string     `json:"relevant,omitzero" validate:"omitempty,text,max=2000"`
	DueOn      *time.Time `json:"due_on,omitzero,format:DateOnly"`
}

// TrainingPatch is what PATCH may change of a training request.
type TrainingPatch struct {
	TrainingFields
	Objectives []Objective `json:"objectives,omitzero" validate:"max=20,dive"`
}

// NewTraining is the body of POST /v1/training-requests.
type NewTraining struct {
	TrainingPatch
	Draft bool `json:"draft,omitzero"`
}

// Schedule is when and where a training takes place. Sequence grows with each
// change of it, as its calendar says too.
type Schedule struct {
	StartsAt time.Time `json:"starts_at"`
	EndsAt   time.Time `json:"ends_at"`
	Mode     string    `json:"mode"`
	Place    string    `json:"place,omitzero"`
	Link     string    `json:"link,omitzero"`
	Sessions []Session `json:"sessions"`
	Sequence int       `json:"sequence"`
}

// Session is one part of a training. A place or link of its own counts instead
// of the schedule's.
type Session struct {
	StartsAt time.Time `json:"starts_at" validate:"required,moment"`
	EndsAt   time.Time `json:"ends_at" validate:"required,moment"`
	Place    string    `json:"place,omitzero" validate:"omitempty,line,max=500"`
	Link     string    `json:"link,omitzero" validate:"omitempty,https_url,max=500"`
}

// Delivery is what took place.
type Delivery struct {
	Participants int       `json:"participants"`
	DeliveredOn  time.Time `json:"delivered_on,format:DateOnly"`
}

// Evaluation holds Kirkpatrick's levels and the result of each objective.
type Evaluation struct {
	Levels     []Level  `json:"levels"`
	Objectives []Result `json:"objectives"`
}

// Level is one of Kirkpatrick's four, with a score from 1 to 5.
type Level struct {
	Level string `json:"level" validate:"required,code=level"`
	Score int    `json:"score" validate:"required,min=1,max=5"`
	Note  string `json:"note,omitzero" validate:"omitempty,text,max=2000"`
}

// Result says whether an objective, counted from 0, was met.
type Result struct {
	Index int    `json:"index"`
	Met   bool   `json:"met"`
	Note  string `json:"note,omitzero"`
}

// NewResult is a Result as it is sent: neither member may be left out, and 0
// and false are values.
type NewResult struct {
	Index *int   `json:"index" validate:"required,min=0,max=19"`
	Met   *bool  `json:"met" validate:"required"`
	Note  string `json:"note,omitzero" validate:"omitempty,text,max=2000"`
}

// Training is a training request as it reads.
type Training struct {
	Head
	TrainingFields
	Objectives []Objective `json:"objectives"`
	Priority   string      `json:"priority,omitzero"`
	Schedule   *Schedule   `json:"schedule,omitzero"`
	Delivery   *Delivery   `json:"delivery,omitzero"`
	Evaluation *Evaluation `json:"evaluation,omitzero"`
	Outcome    string      `json:"outcome,omitzero"`
	Tail
}
