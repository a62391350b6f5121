package models

import (
	"slices"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm/clause"

	"onward/workflow"
)

// Assignment is a row of assignments: one organisation's work on one request.
type Assignment struct {
	ID                  uuid.UUID `gorm:"primaryKey"`
	Kind                string    // of its request
	RequestID           uuid.UUID
	DeskID              uuid.UUID // of the request: it moves along with it
	OwnerOrganisationID uuid.UUID // of the request
	OrganisationID      uuid.UUID
	ServiceID           uuid.UUID
	Service             string
	ConsentID           *uuid.UUID // of a case: the consent that covers it
	PlanID              *uuid.UUID // that made the offer
	State               workflow.State
	Version             int
	Round               int
	OfferedBy           uuid.UUID
	RespondBy           time.Time
	Message             string `gorm:"-"` // sealed apart
	Outcome             string
	Reason              string    // the code of the one given last
	CreatedAt           time.Time `gorm:"autoCreateTime:false"`
	UpdatedAt           time.Time `gorm:"autoUpdateTime:false"`
	AcceptedAt          *time.Time
	EndedAt             *time.Time
}

var (
	taken = []workflow.State{workflow.Accepted, workflow.InProgress, workflow.OnHold}
	live  = append([]workflow.State{workflow.Offered}, taken...)
)

// Taken reports whether the assignment is accepted and not over.
func (a Assignment) Taken() bool { return slices.Contains(taken, a.State) }

// Live reports whether it is offered or taken.
func (a Assignment) Live() bool { return slices.Contains(live, a.State) }

// DueAt is until when it waits for its partner: only an offer does.
func (a Assignment) DueAt() *time.Time {
	if a.State != workflow.Offered {
		return nil
	}
	return &a.RespondBy
}

// GetAssignment reads one, for the eyes of nobody yet. Errors: not_found.
func (tx *Tx) GetAssignment(id uuid.UUID) (Assignment, error) {
	var a Assignment
	err := one(tx.g.Where("id = ?", id).Take(&a).Error)
	return a, err
}

// LockAssignments reads the assignments of a request for update, in id order:
// the order in which everyone takes these locks, after the request's.
func (tx *Tx) LockAssignments(request uuid.UUID) ([]*Assignment, error) {
	var all []*Assignment
	err := tx.g.Clauses(clause.Locking{Strength: "UPDATE"}).Where("request_id = ?", request).Order("id").Find(&all).Error
	return all, err
}

// MoveAssignments moves the assignments of a request to another desk, with it.
func (tx *Tx) MoveAssignments(request, desk uuid.UUID) error {
	return tx.g.Model(&Assignment{}).Where("request_id = ?", request).Update("desk_id", desk).Error
}

// AssignmentsOf reads the assignments of requests, the oldest first.
func (tx *Tx) AssignmentsOf(requests ...uuid.UUID) (map[uuid.UUID][]*Assignment, error) {
	var all []*Assignment
	err := tx.g.Where("request_id IN ?", requests).Order("created_at, id").Find(&all).Error
	return groupBy(all, func(a *Assignment) uuid.UUID { return a.RequestID }), err
}
