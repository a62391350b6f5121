package models

import (
	"time"

	"onward/fault"
	"onward/workflow"
)

// TrainingFields is what a jurist says of a training: the twin of
// api.TrainingFields.
type TrainingFields struct {
	Title                string
	Description          string
	Audiences            []string `gorm:"serializer:array"`
	Topics               []string `gorm:"serializer:array"`
	Tier                 string
	Mode                 string
	Country              string
	Subdivision          string
	Languages            []string `gorm:"serializer:array"`
	ParticipantsExpected int
	PreferredFrom        *time.Time
	PreferredTo          *time.Time
	DurationHours        int
	FollowUpTheme        string
	OriginWorkshop       string
}

// Objective is one SMART objective.
type Objective struct {
	Specific, Measurable, Achievable, Relevant string
	DueOn                                      *time.Time
}

// Session is one session of a training as its calendar has it. Round and number
// name it for good: a calendar that was given away knows it by them.
type Session struct {
	workflow.Session
	Round, Number int
	Cancelled     bool
}

// Training is a row of training_requests.
type Training struct {
	Record
	TrainingFields
	Objectives []Objective `gorm:"serializer:json"`

	Priority      string
	StartsAt      *time.Time
	EndsAt        *time.Time
	ScheduledMode string
	Place         string
	Link          string
	Sessions      []Session `gorm:"serializer:json"` // of the calendar, those that were cancelled too
	// CalendarSequence grows with each change of what the calendar says (RFC 5545, 3.8.7.4).
	CalendarSequence int
	Participants     int
	DeliveredOn      *time.Time
	Levels           []workflow.Level  `gorm:"serializer:json"`
	Results          []workflow.Result `gorm:"serializer:json"`
}

// TableName is GORM's.
func (Training) TableName() string { return "training_requests" }

// Flow is the workflow of training requests.
func (*Training) Flow() *workflow.Workflow { return workflow.Training }

// CountryCode is the country that the training is for.
func (t *Training) CountryCode() string { return t.Country }

// Asked is what routing looks at.
func (t *Training) Asked() workflow.Asked {
	return workflow.Asked{Kind: t.Flow().Name, Country: t.Country, Topics: t.Topics, Languages: t.Languages}
}

// Missing lists the required members that a training request lacks.
func (f TrainingFields) Missing() []fault.Field {
	return missing(
		member{"title", f.Title == ""},
		member{"audiences", len(f.Audiences) == 0},
		member{"topics", len(f.Topics) == 0},
		member{"mode", f.Mode == ""},
		member{"country", f.Country == ""},
		member{"languages", len(f.Languages) == 0},
		member{"participants_expected", f.ParticipantsExpected == 0},
	)
}

type member struct {
	name  string
	empty bool
}

func missing(members ...member) []fault.Field {
	var fields []fault.Field
	for _, m := range members {
		if m.empty {
			fields = append(fields, fault.Field{Pointer: "/" + m.name, Code: "required", Detail: "This member is required from submission on."})
		}
	}
	return fields
}
