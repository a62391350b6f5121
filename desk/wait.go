package desk

import (
	"context"

	"github.com/google/uuid"

	"onward/fault"
	"onward/models"
	"onward/workflow"
)

// WaitView is an entry of a waiting list, and where it is in it.
type WaitView struct {
	*models.Wait
	OrganisationName string
	Position         int // from 1; 0: it has no turn now
}

// Enlist puts a request on the waiting list of an organisation that is right
// for it and full. Its turn is offered by the clock, on the word of the admin
// who enlisted it.
//
// Errors: as Offer, but for no_capacity; has_capacity, already_waiting.
func (d *Desk) Enlist(ctx context.Context, a models.Actor, flow Flow, id uuid.UUID, pre Precondition, in workflow.Input) (v WaitView, err error) {
	err = d.act(ctx, a, flow, id, workflow.Enlist, pre, workflow.ByWaiting, func(s *scene, as workflow.Role) error {
		w, err := s.enlist(as, in)
		if err != nil {
			return err
		}
		all, err := waitViews(s.tx, w)
		if err == nil {
			v = all[0]
		}
		return err
	})
	return v, err
}

func (s *scene) enlist(as workflow.Role, in workflow.Input) (*models.Wait, error) {
	move, partner, _, err := s.approach(workflow.Enlist, word{as: as, by: s.actor, offerer: s.actor.UserID}, in)
	if err != nil {
		return nil, err
	}
	w := &models.Wait{
		ID: models.NewID(), Version: 1, Kind: s.request.Flow().Name, RequestID: s.request.Head().ID, OrganisationID: partner.OrganisationID, ServiceID: *partner.ServiceID,
		Service: partner.Service, State: models.WaitWaiting, MadeBy: s.actor.UserID, Since: s.now, UpdatedAt: s.now,
	}
	if err := s.tx.AddWait(w); err != nil {
		return nil, err
	}
	return w, s.tx.Advance(s.request, models.Step{Move: move, Actor: s.actor, At: s.now, Data: waited(w)})
}

// waited is what the log says of an entry.
func waited(w *models.Wait) map[string]any {
	data := map[string]any{"waiting": w.ID, "organisation_id": w.OrganisationID, "service": w.Service}
	if w.Reason != "" {
		data["reason"] = w.Reason
	}
	return data
}

// Delist takes a request off a waiting list.
//
// Errors: not_found, wrong_role, those of the precondition, which judges the
// entry's own version, wrong_state; not_waiting.
func (d *Desk) Delist(ctx context.Context, a models.Actor, flow Flow, id, entry uuid.UUID, pre Precondition) error {
	return d.act(ctx, a, flow, id, workflow.Delist, Whatever, workflow.ByWaiting, func(s *scene, as workflow.Role) error {
		w, err := s.tx.GetWait(id, entry)
		if err != nil {
			return err
		}
		if err := pre(w.Version); err != nil {
			return err
		}
		if w.State != models.WaitWaiting {
			return notWaiting
		}
		return s.delist(w, as, a, "")
	})
}

func (s *scene) delist(w *models.Wait, as workflow.Role, by models.Actor, reason string) error {
	move, err := s.request.Flow().Fire(s.request.Head().State, workflow.Delist, as, s.facts(by, s.now))
	if err != nil {
		return err
	}
	w.State, w.Reason, w.EndedAt = models.WaitEnded, reason, &s.now
	if err := s.tx.PutWait(w, s.now); err != nil {
		return err
	}
	return s.tx.Advance(s.request, models.Step{Move: move, Actor: by, At: s.now, Data: waited(w)})
}

// offerPlace offers a request whose turn it is the place that is left. The
// lock on the service, which comes after those on the request, makes the look
// and the offer one step: a place is offered to one at a time. Whom a guard
// refuses by now leaves the list with its code, and the next has its turn.
func (d *Desk) offerPlace(tx *models.Tx, id uuid.UUID) error {
	found, err := tx.FindWait(id)
	if err != nil {
		return err
	}
	s, err := d.enter(tx, models.Actor{}, found.Kind, found.RequestID)
	if err != nil {
		return err
	}
	w, err := tx.GetWait(found.RequestID, id) // once more: under the lock it moves no further
	if err != nil {
		return err
	}
	left, err := tx.LockPlaces(w.ServiceID)
	if err != nil {
		return err
	}
	if w.State != models.WaitWaiting || left <= 0 {
		return fault.Absent() // somebody else was first
	}
	in := workflow.Input{Organisation: w.OrganisationID.String()}
	if found.Kind == workflow.Referral.Name {
		in.Service = w.Service
	}
	made, err := s.offer(word{as: workflow.Clock, offerer: w.MadeBy}, in)
	no, refused := fault.As(err)
	switch {
	case err == nil:
		w.State, w.AssignmentID, w.EndedAt = models.WaitOffered, &made, &s.now
		return tx.PutWait(w, s.now)
	case refused && no.Kind == fault.Conflict && no.Code != fault.CodeWrongState && no.Code != "no_capacity":
		return s.delist(w, workflow.Clock, models.Actor{}, string(no.Code))
	}
	return err
}

// Waits lists the entries of a request in waiting lists, for the admin of its
// desk.
//
// Errors: not_found; wrong_role for anybody else.
func (d *Desk) Waits(ctx context.Context, a models.Actor, flow Flow, id uuid.UUID, sl models.Slice) (list []WaitView, next *models.Position, err error) {
	err = d.read(ctx, a, func(tx *models.Tx) error {
		if _, err := d.permitted(tx, a, flow, id, workflow.Enlist); err != nil {
			return err
		}
		rows, at, err := tx.Waits(id, sl)
		if err != nil {
			return err
		}
		next = at
		list, err = waitViews(tx, rows...)
		return err
	})
	return list, next, err
}

func waitViews(tx *models.Tx, rows ...*models.Wait) ([]WaitView, error) {
	var organisations, waiting []uuid.UUID
	for _, w := range rows {
		organisations = append(organisations, w.OrganisationID)
		if w.State == models.WaitWaiting {
			waiting = append(waiting, w.ID)
		}
	}
	names, err := tx.OrganisationNames(organisations...)
	if err != nil {
		return nil, err
	}
	positions, err := tx.Positions(waiting...)
	list := make([]WaitView, len(rows))
	for i, w := range rows {
		list[i] = WaitView{w, names[w.OrganisationID], positions[w.ID]}
	}
	return list, err
}

// MayWait reports whether the caller may see an entry of a request, and end it.
//
// Errors: not_found, wrong_role.
func (d *Desk) MayWait(ctx context.Context, a models.Actor, flow Flow, id, entry uuid.UUID) error {
	return d.read(ctx, a, func(tx *models.Tx) error {
		if _, err := d.permitted(tx, a, flow, id, workflow.Delist); err != nil {
			return err
		}
		_, err := tx.GetWait(id, entry)
		return err
	})
}

// WaitingFor counts the requests that wait for a service: for admins, and for
// the partner whose service it is.
//
// Errors: not_found; wrong_role for anybody else.
func (d *Desk) WaitingFor(ctx context.Context, a models.Actor, organisation, service uuid.UUID) (n int, err error) {
	err = d.read(ctx, a, func(tx *models.Tx) error {
		if _, err := tx.GetService(organisation, service); err != nil {
			return err
		}
		if !a.Has(models.RoleAdmin) && !a.PartnerOf(organisation) {
			return fault.New(fault.Forbidden, fault.CodeWrongRole, "How long a list is, its organisation and admins alone are told.")
		}
		n, err = tx.WaitingFor(service)
		return err
	})
	return n, err
}

// leave takes the request off every list once it waits for nobody: matched, or
// at an end.
func (s *scene) leave(m workflow.Move) error {
	if m.From == m.To || m.To != workflow.Matched && !m.Workflow.End(m.To) {
		return nil
	}
	return s.tx.EndWaits(s.request.Head().ID, string(m.To), s.now)
}
