package desk

import (
	"context"

	"github.com/google/uuid"

	"onward/models"
	"onward/workflow"
)

// Calendar reads the sessions of a training that the caller may see.
//
// Errors: not_found; not_scheduled, while it never was; to a partner, while it
// is not.
func (d *Desk) Calendar(ctx context.Context, a models.Actor, id uuid.UUID) (t *models.Training, err error) {
	err = d.read(ctx, a, func(tx *models.Tx) error {
		if err := d.see(tx, a, workflow.Training, id); err != nil {
			return err
		}
		request, err := tx.GetRequest(workflow.Training.Name, id)
		if err != nil {
			return err
		}
		t = request.(*models.Training) //nolint:forcetypeassert // of this workflow
		partner := !a.Administers(t.DeskID) && !a.Owns(workflow.Training.Name, t.Record)
		if len(t.Sessions) == 0 || partner && t.StartsAt == nil {
			return notScheduled
		}
		if partner {
			unroom(t.Sessions)
		}
		return nil
	})
	return t, err
}

// unroom takes the places and links off cancelled sessions: they may be those of
// another partner, who had the training before.
func unroom(sessions []models.Session) {
	for i := range sessions {
		if sessions[i].Cancelled {
			sessions[i].Place, sessions[i].Link = "", ""
		}
	}
}

// plan keeps the sessions of a new schedule. A session that a calendar knows
// already keeps its name; one that there is no longer is cancelled there.
func plan(t *models.Training, in workflow.Input) {
	var all []models.Session
	for i, x := range in.Meetings() {
		all = append(all, models.Session{Session: x, Round: t.Round, Number: i + 1})
	}
	planned := len(all)
	for _, was := range t.Sessions {
		if was.Round != t.Round || was.Number > planned {
			was.Cancelled = true
			all = append(all, was)
		}
	}
	if len(t.Sessions) > 0 {
		t.CalendarSequence++ // the first has none before it
	}
	t.Sessions = all
}

// cancel takes the sessions out of every calendar. Those of a training that was
// delivered took place, and are left there.
func cancel(t *models.Training, m workflow.Move) {
	if m.From == workflow.Closed {
		t.Sessions = nil
		return
	}
	changed := false
	for i := range t.Sessions {
		changed = changed || !t.Sessions[i].Cancelled
		t.Sessions[i].Cancelled = true
	}
	if changed {
		t.CalendarSequence++
	}
}
