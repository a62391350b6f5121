package desk

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"onward/models"
	"onward/workflow"
)

// AssignmentView is an assignment as one caller sees it, with its request.
type AssignmentView struct {
	Row              *models.Assignment
	OrganisationName string
	Request          models.Request
	Sight            workflow.Sight // of the request
	Actions          []workflow.Available
	Thread           []models.Said // of the GET of one alone
}

// Assignment reads one. Errors: not_found.
func (d *Desk) Assignment(ctx context.Context, a models.Actor, id uuid.UUID) (v AssignmentView, err error) {
	err = d.read(ctx, a, func(tx *models.Tx) error {
		if err := seeAssignment(tx, a, id); err != nil {
			return err
		}
		if v, err = d.assignmentView(tx, a, id, whole); err != nil {
			return err
		}
		return v.unseal(tx)
	})
	return v, err
}

// unseal reads what was written to and by the partner, as far as the caller
// may read it.
func (v *AssignmentView) unseal(tx *models.Tx) error {
	x := v.Row
	if v.Sight.SeesPart(workflow.Message) {
		said, err := tx.Unseal(x.RequestID, x.MessageOf())
		if err != nil {
			return err
		}
		x.Message = said[x.MessageOf()]["message"]
	}
	if !v.Sight.SeesPart(workflow.Sealed) {
		return nil
	}
	var err error
	v.Thread, err = tx.ThreadOf(x.RequestID, x.ID)
	return err
}

// AssignmentAfter is an assignment as the caller who just changed it sees it.
func (d *Desk) AssignmentAfter(ctx context.Context, a models.Actor, id uuid.UUID) (v AssignmentView, err error) {
	err = d.read(ctx, a, func(tx *models.Tx) error {
		v, err = d.assignmentView(tx, a, id, unsealed)
		return err
	})
	return v, err
}

func (d *Desk) assignmentView(tx *models.Tx, a models.Actor, id uuid.UUID, narrow narrowing) (AssignmentView, error) {
	x, err := tx.GetAssignment(id)
	if err != nil {
		return AssignmentView{}, err
	}
	all, err := assignmentViews(tx, a, d.now(), narrow, []*models.Assignment{&x})
	if err != nil {
		return AssignmentView{}, err
	}
	return all[0], nil
}

// Assignments lists a partner's inbox, or a desk's, or those of one request.
// Of a request that the caller may not see: not_found.
func (d *Desk) Assignments(ctx context.Context, a models.Actor, f models.Filter, s models.Slice) (list []AssignmentView, next *models.Position, err error) {
	f.Now = d.now()
	err = d.read(ctx, a, func(tx *models.Tx) error {
		rows, at, err := tx.Assignments(a, f, s)
		if err != nil {
			return err
		}
		next = at
		list, err = assignmentViews(tx, a, f.Now, unsealed, rows)
		return err
	})
	return list, next, err
}

// assignmentViews reads what surrounds some assignments in a fixed number of
// queries, however many they are. As with views, what they show of cases is
// recorded.
func assignmentViews(tx *models.Tx, a models.Actor, now time.Time, narrow narrowing, rows []*models.Assignment) ([]AssignmentView, error) {
	surrounded, err := surroundings(tx, rows)
	if err != nil {
		return nil, err
	}
	var organisations, services []uuid.UUID
	for _, x := range rows {
		organisations, services = append(organisations, x.OrganisationID), append(services, x.ServiceID)
	}
	names, err := tx.OrganisationNames(organisations...)
	if err != nil {
		return nil, err
	}
	places, err := tx.PlacesLeft(services...)
	if err != nil {
		return nil, err
	}
	list := make([]AssignmentView, len(rows))
	for i, x := range rows {
		s := surrounded[x.RequestID]
		list[i] = AssignmentView{
			Row: x, OrganisationName: names[x.OrganisationID], Request: s.request, Sight: narrow(s.sightOfAssignment(a, x, now)),
			Actions: workflow.Assignment.Actions(x.State, s.asTo(a, x), s.assignmentFacts(x, places[x.ServiceID], now)),
		}
		s.showAssignment(tx, a, x, list[i].Sight)
	}
	return list, nil
}

// surroundings finds the requests of assignments, with what surrounds them.
func surroundings(tx *models.Tx, rows []*models.Assignment) (map[uuid.UUID]around, error) {
	found := map[uuid.UUID]around{}
	for _, flow := range []Flow{workflow.Training, workflow.Referral} {
		var ids []uuid.UUID
		for _, x := range rows {
			if x.Kind == flow.Name && !slices.Contains(ids, x.RequestID) {
				ids = append(ids, x.RequestID)
			}
		}
		var all []around
		err := tx.Around(ids, func() error {
			requests, err := tx.GetRequests(flow.Name, ids)
			if err == nil {
				all, err = surround(tx, requests...)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		for _, s := range all {
			found[s.request.Head().ID] = s
		}
	}
	return found, nil
}

// sightOfAssignment is what an actor may know of the request through one
// assignment; an admin of its desk knows it all.
func (s around) sightOfAssignment(a models.Actor, x *models.Assignment, now time.Time) workflow.Sight {
	sight := workflow.SightOf(s.as(a) & workflow.Admin)
	if a.PartnerOf(x.OrganisationID) {
		sight = sight.Or(s.sightOf(x, now))
	}
	return sight.Without(workflow.Person, workflow.Consent) // which no assignment tells
}
