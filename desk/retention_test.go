package desk_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/models"
	"onward/workflow"
)

// rejected is a case that a desk turned down at this moment.
func (n *network) rejected() uuid.UUID {
	n.t.Helper()
	given := []models.Consent{{Basis: "consent", GivenBy: "individual", GivenAt: n.now(), Purposes: []string{"referral"}}}
	row := &models.Referral{ReferralFields: models.ReferralFields{SubjectCode: "MNL-1", AgeBand: "adult", Country: "PH", Services: []string{"medical"}, Urgency: "normal", Summary: "s"}}
	n.must(n.desk.CreateReferral(n.t.Context(), n.person(models.RoleReferrer), row, models.ReferralTexts{Narrative: "n"}, given, nil, workflow.Input{}))
	n.moves(row.ID, workflow.Take, workflow.Input{})
	n.moves(row.ID, workflow.Reject, workflow.Input{Reason: &workflow.Reason{Code: "duplicate"}})
	return row.ID
}

func (n *network) moves(id uuid.UUID, do workflow.Action, in workflow.Input) {
	n.t.Helper()
	n.must(n.desk.Fire(n.t.Context(), n.admin, workflow.Referral, id, whatever, do, in))
}

func whatever(int) error { return nil }

func (n *network) erased(id uuid.UUID) bool {
	n.t.Helper()
	v, err := n.desk.Referral(n.t.Context(), n.admin, id)
	n.must(err)
	return v.Row.ErasedAt != nil
}

// To the microsecond: a month's notice, then the erasure, each once. Who slept
// through the notice gives it late, and a month from then on.
func TestRetentionIsExact(t *testing.T) {
	t.Parallel()
	n := found(t)
	id := n.rejected()
	over := noon.AddDate(2, 0, 0)
	for _, step := range []struct {
		at    time.Time
		moves int
	}{
		{over.Add(-workflow.Notice - time.Microsecond), 0},
		{over.Add(-workflow.Notice), 1},
		{over.Add(-workflow.Notice), 0},
		{over.Add(-time.Microsecond), 0},
		{over, 1},
		{over.AddDate(50, 0, 0), 0},
	} {
		n.set(step.at)
		n.ticks(step.moves)
		if got, want := n.erased(id), !step.at.Before(over); got != want {
			t.Errorf("at %s it is erased: %v", step.at, got)
		}
	}

	n.set(noon)
	id = n.rejected()
	late := over.AddDate(1, 0, 0)
	n.set(late)
	n.ticks(1)
	if v, err := n.desk.Referral(t.Context(), n.admin, id); err != nil || v.EraseAt == nil || !v.EraseAt.Equal(late.Add(workflow.Notice)) {
		t.Errorf("it is erased at %v, %v", v.EraseAt, err)
	}
	n.set(late.Add(workflow.Notice - time.Microsecond))
	n.ticks(0)
	n.set(late.Add(workflow.Notice))
	n.ticks(1)
	if !n.erased(id) {
		t.Error("the second is not erased")
	}
}

// A case that ended on the 31st is kept until the last day of a shorter month,
// as PostgreSQL counts and as we do: else the clock would find what the table
// refuses.
func TestMonthsOfDifferentLength(t *testing.T) {
	t.Parallel()
	n := found(t)
	for _, end := range []time.Time{
		time.Date(2012, 1, 31, 23, 59, 59, 999999000, time.UTC), time.Date(2012, 2, 29, 0, 0, 0, 0, time.UTC), time.Date(2012, 12, 31, 12, 0, 0, 0, time.UTC),
		time.Date(2011, 8, 31, 12, 0, 0, 0, time.UTC), time.Date(2012, 11, 30, 12, 0, 0, 0, time.UTC), time.Date(2012, 3, 1, 0, 0, 0, 0, time.UTC),
	} {
		n.set(end)
		id := n.rejected()
		for months := 1; months <= 25; months++ {
			n.keep(months)
			at, _ := workflow.EraseAt(end, months, nil)
			n.set(at.Add(-workflow.Notice - time.Microsecond))
			n.due(id, false)
			n.set(at.Add(-workflow.Notice))
			n.due(id, true)
		}
		n.moves(id, workflow.SetLegalHold, workflow.Input{Reason: &workflow.Reason{Code: "audit"}})
	}
}

// keep has all desks keep cases for so many months.
func (n *network) keep(months int) {
	n.t.Helper()
	desks, _, err := n.desk.Desks(n.t.Context(), n.admin, models.Slice{Limit: 10, Order: "created_at"})
	n.must(err)
	_, err = n.desk.EditDesk(n.t.Context(), n.admin, desks[0].ID, whatever, func(d *models.Desk) error {
		d.RetentionMonths = months
		return nil
	})
	n.must(err)
}

// due fails unless the clock finds the case due, or not.
func (n *network) due(id uuid.UUID, want bool) {
	n.t.Helper()
	var moves []models.DueMove
	n.must(n.db.Read(n.t.Context(), models.Actor{}, n.now(), func(_ context.Context, tx *models.Tx) (err error) {
		moves, err = tx.DueMoves(n.now(), 10)
		return err
	}))
	if got := len(moves) == 1 && moves[0].ID == id; got != want {
		n.t.Errorf("at %s due is %v, want %v: %+v", n.now(), got, want, moves)
	}
}

// Eight nodes tick at once: each case is announced once, and erased once.
func TestManyNodesErase(t *testing.T) {
	t.Parallel()
	n := found(t)
	const cases = 8
	for range cases {
		n.rejected()
	}
	for _, at := range []time.Time{noon.AddDate(2, 0, 0).Add(-workflow.Notice), noon.AddDate(2, 0, 0)} {
		n.set(at)
		if made := n.eightTick(); made != cases {
			t.Errorf("%d moves at %s, want %d", made, at, cases)
		}
	}
	if _, _, wrong, err := n.desk.Verify(t.Context()); err != nil || len(wrong) > 0 {
		t.Errorf("%v, %v", wrong, err)
	}
}
