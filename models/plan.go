package models

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"onward/workflow"
)

// PlanState is where a plan of offers is.
type PlanState string

// The states of a plan. Only a live one makes further offers.
const (
	PlanLive      PlanState = "live"
	PlanFulfilled PlanState = "fulfilled" // somebody whom it asked accepted
	PlanExhausted PlanState = "exhausted" // nobody is left whom it could ask
	PlanCancelled PlanState = "cancelled"
)

// Plan is a row of plans: whom an admin means to offer a request to, one after
// the other, or all at once. Its message is sealed under its id.
type Plan struct {
	ID            uuid.UUID `gorm:"primaryKey"`
	Version       int
	Kind          string // of its request
	RequestID     uuid.UUID
	Service       string // of a case
	State         PlanState
	Reason        string // the code of what ended it, where there is one
	Broadcast     bool
	RespondWithin *int // hours; nil: by the urgency
	MadeBy        uuid.UUID
	CreatedAt     time.Time `gorm:"autoCreateTime:false"`
	UpdatedAt     time.Time `gorm:"autoUpdateTime:false"`
	EndedAt       *time.Time
	Steps         []PlanStep `gorm:"-"` // in order
}

// PlanStep is a row of plan_steps: one organisation that a plan names.
type PlanStep struct {
	PlanID         uuid.UUID `gorm:"primaryKey"`
	Position       int       `gorm:"primaryKey"` // from 1
	OrganisationID uuid.UUID
	AssignmentID   *uuid.UUID // the offer that was made
	Reason         string     // the code of the guard for which none was
}

// Waits reports whether nothing was done about the organisation yet.
func (s PlanStep) Waits() bool { return s.AssignmentID == nil && s.Reason == "" }

// Asked reports whether any offer of the plan was made.
func (p Plan) Asked() bool {
	return slices.ContainsFunc(p.Steps, func(s PlanStep) bool { return s.AssignmentID != nil })
}

// RespondBy is until when an offer made now is answered; zero: by the urgency.
func (p Plan) RespondBy(now time.Time) time.Time {
	if p.RespondWithin == nil {
		return time.Time{}
	}
	return now.Add(time.Duration(*p.RespondWithin) * time.Hour)
}

// MessageOf is what an assignment's message is sealed as: its plan's, where one
// made the offer, for the clock that does so can't read it.
func (a Assignment) MessageOf() uuid.UUID {
	if a.PlanID != nil {
		return *a.PlanID
	}
	return a.ID
}

// AddPlan writes a new plan with its steps. Errors: plan_active.
func (tx *Tx) AddPlan(p *Plan) error {
	if err := tx.insert(p); err != nil {
		return err
	}
	return tx.insert(&p.Steps)
}

// PutPlan writes what became of a plan, as the next version. Whoever changes a
// plan holds the lock on its request.
func (tx *Tx) PutPlan(p *Plan, at time.Time) error {
	p.Version, p.UpdatedAt = p.Version+1, at
	return tx.g.Model(p).Select("version", "state", "reason", "updated_at", "ended_at").Updates(p).Error
}

// PutStep writes what became of a step.
func (tx *Tx) PutStep(s *PlanStep) error {
	return tx.g.Model(s).Select("assignment_id", "reason").Updates(s).Error
}

// LivePlans reads the live plans of a request, in id order.
func (tx *Tx) LivePlans(request uuid.UUID) ([]*Plan, error) {
	var rows []*Plan
	if err := tx.g.Where("request_id = ? AND state = ?", request, PlanLive).Order("id").Find(&rows).Error; err != nil {
		return nil, err
	}
	return rows, tx.steps(rows)
}

// GetPlan reads a plan of a request. Errors: not_found.
func (tx *Tx) GetPlan(request, id uuid.UUID) (*Plan, error) {
	var row Plan
	if err := one(tx.g.Where("id = ? AND request_id = ?", id, request).Take(&row).Error); err != nil {
		return nil, err
	}
	return &row, tx.steps([]*Plan{&row})
}

// Plans lists the plans of a request.
func (tx *Tx) Plans(request uuid.UUID, s Slice) ([]*Plan, *Position, error) {
	var rows []*Plan
	if err := slice(tx.g.Where("request_id = ?", request), s).Find(&rows).Error; err != nil {
		return nil, nil, err
	}
	page, next := cut(rows, s, func(p *Plan) Position { return created(p.CreatedAt, p.ID) })
	return page, next, tx.steps(page)
}

func (tx *Tx) steps(plans []*Plan) error {
	if len(plans) == 0 {
		return nil
	}
	ids := make([]uuid.UUID, len(plans))
	for i, p := range plans {
		ids[i] = p.ID
	}
	var rows []PlanStep
	err := tx.g.Where("plan_id IN ?", ids).Order("plan_id, position").Find(&rows).Error
	of := groupBy(rows, func(s PlanStep) uuid.UUID { return s.PlanID })
	for _, p := range plans {
		p.Steps = of[p.ID]
	}
	return err
}

// AssignmentStates gives the states of assignments by id.
func (tx *Tx) AssignmentStates(ids ...uuid.UUID) (map[uuid.UUID]workflow.State, error) {
	var rows []Assignment
	err := tx.g.Select("id", "state").Where("id IN ?", ids).Find(&rows).Error
	states := make(map[uuid.UUID]workflow.State, len(rows))
	for _, a := range rows {
		states[a.ID] = a.State
	}
	return states, err
}
