package models

import (
	"time"

	"github.com/google/uuid"

	"onward/fault"
	"onward/workflow"
)

// Moving is a record of any workflow.
type Moving interface{ trail() trail }

// trail is what Advance moves, and what the event says of it.
type trail struct {
	id, request, desk uuid.UUID
	state             *workflow.State
	version           *int
	updated           *time.Time
}

func (r *Record) trail() trail {
	return trail{r.ID, r.ID, r.DeskID, &r.State, &r.Version, &r.UpdatedAt}
}

func (a *Assignment) trail() trail {
	return trail{a.ID, a.RequestID, a.DeskID, &a.State, &a.Version, &a.UpdatedAt}
}

// Step is one change of one record: the move, who made it, and what the log
// says of it. Data holds codes and ids; Texts what somebody wrote, by member.
type Step struct {
	Move  workflow.Move
	Actor Actor
	At    time.Time
	Data  map[string]any
	Texts Words
}

// Start writes a new record and its first event. The record's ID is given; its
// state and version are set here.
func (tx *Tx) Start(m Moving, s Step) error {
	t := m.trail()
	*t.state, *t.version, *t.updated = s.Move.To, 1, s.At
	tx.made = append(tx.made, t.id)
	if err := tx.insert(m); err != nil {
		return err
	}
	if t.id == t.request {
		if err := tx.MakeKey(t.id, s.At); err != nil {
			return err
		}
	}
	return tx.log(t, s)
}

// Advance writes a record as it stands in memory, with the move's state and
// the next version, and its event. It is the only writer of a record's state.
//
// Errors: stale, when the record is no longer of the version that was read.
func (tx *Tx) Advance(m Moving, s Step) error {
	t := m.trail()
	was := *t.version
	*t.state, *t.version, *t.updated = s.Move.To, was+1, s.At
	done := tx.g.Model(m).Select("*").Omit("id").Where("version = ?", was).Updates(m) // Select("*"): zero values too, for the row is the truth
	if done.Error != nil {
		return done.Error
	}
	if done.RowsAffected == 0 {
		return fault.Outdated()
	}
	return tx.log(t, s)
}

// Discard deletes a draft, after the event that says so.
func (tx *Tx) Discard(m Moving, s Step) error {
	if err := tx.Advance(m, s); err != nil {
		return err
	}
	if err := tx.Shred(m.trail().request); err != nil {
		return err
	}
	return tx.g.Delete(m).Error
}

func (tx *Tx) log(t trail, s Step) error {
	event := Event{
		ID: NewID(), Workflow: s.Move.Workflow.Name, RecordID: t.id, RequestID: t.request, Seq: *t.version,
		Name: s.Move.Event, FromState: s.Move.From, Action: s.Move.Action, ToState: s.Move.To,
		ActorRole: s.Move.As.String(), DeskID: t.desk, At: s.At, Data: s.Data,
	}
	if s.Actor.UserID != uuid.Nil {
		event.ActorID, event.OrganisationID = &s.Actor.UserID, &s.Actor.OrganisationID
	}
	if event.Data == nil {
		event.Data = map[string]any{}
	}
	if err := tx.insert(&event); err != nil {
		return err
	}
	return tx.Seal(t.request, event.ID, s.Texts)
}
