package models

import (
	"time"

	"github.com/google/uuid"

	"onward/workflow"
)

// Event is a row of the append-only log.
type Event struct {
	Position       int64 `gorm:"primaryKey;<-:false"`
	ID             uuid.UUID
	Workflow       string
	RecordID       uuid.UUID
	RequestID      uuid.UUID
	Seq            int
	Name           string
	FromState      workflow.State
	Action         workflow.Action
	ToState        workflow.State
	ActorID        *uuid.UUID
	ActorRole      string
	OrganisationID *uuid.UUID
	DeskID         uuid.UUID
	At             time.Time
	Data           map[string]any `gorm:"serializer:json"`
}

// Said is what somebody wrote in moving a record, with the event that it
// belongs to.
type Said struct {
	RecordID       uuid.UUID
	OrganisationID *uuid.UUID
	Action         workflow.Action
	ActorRole      string
	At             time.Time
	Member         string
	Text           string
}

// ThreadOf reads what was written in moving a request and its assignments, or
// some of these records alone.
func (tx *Tx) ThreadOf(request uuid.UUID, only ...uuid.UUID) ([]Said, error) {
	query := tx.g.Table("sealed_texts").Joins("JOIN events ON events.id = sealed_texts.of").Where("sealed_texts.request_id = ?", request)
	if len(only) > 0 {
		query = query.Where("events.record_id IN ?", only)
	}
	var rows []struct {
		Said
		RequestID, Of uuid.UUID
		Sealed        []byte
	}
	err := query.Order("events.position, sealed_texts.member").
		Select("sealed_texts.*, events.record_id, events.organisation_id, events.action, events.actor_role, events.at").Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	thread := make([]Said, len(rows))
	for i, row := range rows {
		thread[i] = row.Said
		if thread[i].Text, err = tx.open(SealedText{row.RequestID, row.Of, row.Member, row.Sealed}); err != nil {
			return nil, err
		}
	}
	return thread, nil
}

// EventsOf reads the events of a request and of its assignments, in order,
// after a position. own limits them to those assignments' and to the moves of
// the request itself since the offer by which it is still seen: what went
// before, its time alone, would tell whether others were asked. nil is no limit.
// unheard are actions that are left out.
func (tx *Tx) EventsOf(request uuid.UUID, own []uuid.UUID, unheard []workflow.Action, after int64, limit int) ([]Event, error) {
	query := tx.g.Where("request_id = ? AND position > ?", request, after)
	if len(unheard) > 0 {
		query = query.Where("action NOT IN ?", unheard)
	}
	if own != nil {
		query = query.Where(`(record_id IN @own OR record_id = @request AND from_state <> to_state AND position > (
			SELECT min(e.position) FROM events e JOIN assignments a ON a.id = e.record_id WHERE a.id IN @own AND a.state IN @giving))`,
			map[string]any{"own": own, "request": request, "giving": append([]workflow.State{workflow.Completed}, live...)})
	}
	var events []Event
	err := query.Order("position").Limit(limit).Find(&events).Error
	return events, err
}
