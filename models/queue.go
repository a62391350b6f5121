package models

import (
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm/clause"

	"onward/models/queries"
	"onward/workflow"
)

// QueueItem is one thing that waits for a desk.
type QueueItem struct {
	Kind      string
	ID        uuid.UUID
	Reference string
	State     workflow.State
	Version   int
	DeskID    uuid.UUID
	Urgency   string
	Title     string
	Country   string
	DueAt     *time.Time
	CreatedAt time.Time
	Overdue   bool
}

// Queue lists everything that waits for the caller's desk, by due time.
func (tx *Tx) Queue(a Actor, f Filter, s Slice) ([]QueueItem, *Position, error) {
	if f.DueWithin > 0 {
		f.DueBefore = f.Now.Add(f.DueWithin)
	}
	args := ofDesk(a, f.Desk)
	args["submitted"] = f.Submitted
	args["kind"], args["urgency"], args["country"] = orNull(f.Kind), orNull(f.Urgency), orNull(f.Country)
	args["due_before"], args["overdue"], args["now"], args["limit"] = orNull(f.DueBefore), f.Overdue, f.Now, s.Limit+1
	args["after_due"], args["after_id"] = nil, nil
	if s.After != nil {
		args["after_due"], args["after_id"] = s.After.Key, s.After.ID
	}
	var rows []QueueItem
	err := tx.g.Raw(queries.Queue, args).Scan(&rows).Error
	page, next := cut(rows, s, func(w QueueItem) Position { return Position{stamp(w.DueAt), w.ID.String()} })
	return page, next, err
}

func ofDesk(a Actor, desk uuid.UUID) map[string]any {
	return map[string]any{"network": a.Network(), "desk": a.DeskID, "desk_filter": orNull(desk)}
}

func orNull[T comparable](v T) any {
	var zero T
	if v == zero {
		return nil
	}
	return v
}

// Claim locks what waits, if it is still submitted at that desk. Where somebody
// else holds it at this moment, it passes over it, or waits for them.
func (tx *Tx) Claim(w QueueItem, wait bool) (bool, error) {
	locking := clause.Locking{Strength: "UPDATE", Options: "SKIP LOCKED"}
	if wait {
		locking.Options = ""
	}
	var found []Record
	err := tx.g.Table(table(w.Kind)).Clauses(locking).Select("id").
		Where("id = ? AND state = ? AND desk_id = ?", w.ID, workflow.Submitted, w.DeskID).Find(&found).Error
	return len(found) > 0, err
}

// OfWait is the kind of a due move that is a turn in a waiting list.
const OfWait = "wait"

// DueMove is a move that the clock has to make.
type DueMove struct {
	Kind   string
	ID     uuid.UUID
	Action workflow.Action
	At     time.Time
}

// DueMoves lists what the clock has to do now, the longest overdue first.
func (tx *Tx) DueMoves(now time.Time, limit int) ([]DueMove, error) {
	var moves []DueMove
	err := tx.g.Raw(queries.DueMoves, map[string]any{"now": now, "asked_before": now.Add(-workflow.AnswerSpan), "notice": workflow.Notice.Seconds(), "limit": limit}).Scan(&moves).Error
	return moves, err
}

// Disagreement is a record that disagrees with its log.
type Disagreement struct {
	Workflow string
	RecordID uuid.UUID
	Fault    string
}

// Verify holds every record against its log.
func (tx *Tx) Verify() (records, events int64, wrong []Disagreement, err error) {
	if err = tx.g.Raw("SELECT (SELECT count(*) FROM training_requests) + (SELECT count(*) FROM case_referrals) + (SELECT count(*) FROM assignments)").Scan(&records).Error; err != nil {
		return
	}
	if err = tx.g.Raw("SELECT count(*) FROM events").Scan(&events).Error; err != nil {
		return
	}
	err = tx.g.Raw(queries.Verify).Scan(&wrong).Error
	return
}
