package desk

import (
	"context"

	"github.com/google/uuid"

	"onward/fault"
	"onward/models"
	"onward/workflow"
)

// Events reads the log of a request and of its assignments after a position,
// as far as the caller may see it: the owner without what only its desk hears
// of; the auditor without data; a partner the moves of the request since it was
// offered it, without data or actor, and what concerns its own assignments,
// where only its own people have a name.
//
// Errors: not_found.
func (d *Desk) Events(ctx context.Context, a models.Actor, flow Flow, id uuid.UUID, after int64, limit int) (events []models.Event, more bool, err error) {
	err = d.read(ctx, a, func(tx *models.Tx) error {
		h, err := d.mayHear(tx, a, flow, id)
		if err != nil {
			return err
		}
		var only []uuid.UUID
		if h.own != nil {
			only = []uuid.UUID{}
			for x := range h.own {
				only = append(only, x)
			}
		}
		if events, err = tx.EventsOf(id, only, h.unheard, after, limit+1); err != nil {
			return err
		}
		if more = len(events) > limit; more {
			events = events[:limit]
		}
		for i, e := range events {
			if h.own != nil && e.Action == workflow.Offer {
				events[i].ActorID, events[i].ActorRole = nil, workflow.Admin.String() // who made it would tell whether others were asked before
			}
			if h.own != nil && (e.OrganisationID == nil || *e.OrganisationID != a.OrganisationID || !h.own[e.RecordID]) {
				events[i].ActorID = nil // its own work does not tell a partner who else works there, or took it from it
			}
			if h.as != 0 || h.own[e.RecordID] {
				hear(tx, h.as, flow, e)
				continue
			}
			events[i].Data = nil
		}
		return nil
	})
	return events, more, err
}

// hear notes what the data of an event tell an owner or an admin of a case:
// codes of reasons, services and outcomes, or who consented. A partner hears of
// its own work alone.
func hear(tx *models.Tx, as workflow.Role, flow Flow, e models.Event) {
	if as == 0 || flow != workflow.Referral || len(e.Data) == 0 {
		return
	}
	part := workflow.Person
	if e.Action == workflow.AddConsent || e.Action == workflow.ApproveOverride {
		part = workflow.Consent
	}
	tx.Show(models.Shown{Referral: e.RequestID, As: as, Parts: []workflow.Part{part}})
}

// hearing is what of a log a caller may know: all zero, events without data,
// as an auditor.
type hearing struct {
	as      workflow.Role      // owner or admin: the data of all events
	own     map[uuid.UUID]bool // its own assignments, whose data it may know (partner)
	unheard []workflow.Action  // of which it must not hear at all (owner)
}

func (d *Desk) mayHear(tx *models.Tx, a models.Actor, flow Flow, id uuid.UUID) (hearing, error) {
	if err := d.see(tx, a, flow, id); err == nil {
		request, err := tx.GetRequest(flow.Name, id)
		if err != nil {
			return hearing{}, err
		}
		switch head := *request.Head(); {
		case a.Administers(head.DeskID):
			return hearing{as: workflow.Admin}, nil
		case a.Owns(flow.Name, head):
			return hearing{as: workflow.Owner, unheard: workflow.DeskOnly}, nil
		}
		own, err := ownAssignments(tx, a, id)
		return hearing{own: own}, err
	} else if !a.Has(models.RoleAuditor) || !fault.Is(err, fault.CodeNotFound) {
		return hearing{}, err
	}
	there, err := tx.Logged(flow.Name, id)
	if err == nil && !there {
		err = fault.Absent()
	}
	return hearing{}, err
}
