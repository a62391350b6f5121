package models_test

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/fault"
	"onward/models"
	"onward/models/modelstest"
	"onward/workflow"
)

// Whom a transaction acts for is the transaction's alone: whoever has the
// connection next has none of it.
func TestTheActorStaysInItsTransaction(t *testing.T) {
	t.Parallel()
	db := modelstest.Open(t)
	db.Narrow(1)
	settings := []string{"actor", "requests_for", "refers_for", "partner_of", "desk", "network", "audits", "completed_since", "through"}
	ask := "SELECT concat_ws(' '"
	for _, name := range settings {
		ask += ", nullif(current_setting('onward." + name + "', true), '')"
	}
	ask += ")"
	now := time.Date(2012, 5, 1, 0, 0, 0, 0, time.UTC)
	user, of, desk := uuid.New(), uuid.New(), uuid.New()
	who := func(at *uuid.UUID, roles ...string) models.Actor {
		return models.Actor{UserID: user, OrganisationID: of, DeskID: at, Roles: roles}
	}
	const since = " 2012-04-01T00:00:00Z"
	for _, run := range []func(context.Context, models.Actor, time.Time, func(context.Context, *models.Tx) error) error{db.InTx, db.Read} {
		for _, tc := range []struct {
			actor models.Actor
			want  string
		}{
			{who(nil, "requester", "referrer", "partner"), user.String() + strings.Repeat(" "+of.String(), 3)},
			{who(nil, "requester"), user.String() + " " + of.String()},
			{who(&desk, "admin"), user.String() + " " + desk.String()},
			{who(nil, "admin", "auditor"), user.String() + " on on"},
			{who(nil), user.String()},
			{models.Actor{}, "system"},
		} {
			var is, after string
			for _, end := range []error{nil, errors.New("undone")} {
				err := run(t.Context(), tc.actor, now, func(_ context.Context, tx *models.Tx) error {
					return errors.Join(tx.Ask(ask, &is), end)
				})
				if (err == nil) != (end == nil) || is != tc.want+since {
					t.Errorf("it is %q, want %q: %v", is, tc.want+since, err)
				}
				if err := db.AskBare(ask, &after); err != nil || after != "" {
					t.Errorf("the next user of the connection is %q: %v", after, err)
				}
			}
		}
	}
}

func aDesk(name string) *models.Desk {
	row := &models.Desk{ID: models.NewID(), Version: 1, DeskFields: models.DeskFields{Name: name, TimeZone: "UTC", Active: true}}
	row.Complete()
	return row
}

// A use case within another is one transaction: what fails undoes both.
func TestInTxJoins(t *testing.T) {
	t.Parallel()
	db := modelstest.Open(t)
	undone := errors.New("undone")
	err := db.InTx(t.Context(), models.Actor{}, time.Now(), func(ctx context.Context, tx *models.Tx) error {
		err := db.InTx(ctx, models.Actor{UserID: uuid.New()}, time.Now(), func(_ context.Context, inner *models.Tx) error {
			if inner != tx {
				t.Error("the inner one is a transaction of its own")
			}
			return models.Add(inner, aDesk("inner"))
		})
		return errors.Join(err, models.Add(tx, aDesk("outer")), undone)
	})
	if !errors.Is(err, undone) {
		t.Error(err)
	}
	var n int
	if err := db.AskBare("SELECT count(*) FROM desks", &n); err != nil || n != 0 {
		t.Errorf("%d desks are left: %v", n, err)
	}
}

// Two transactions that wait for each other: one is done again, and both are
// done in the end.
func TestADeadlockIsDoneAgain(t *testing.T) {
	t.Parallel()
	db := modelstest.Open(t)
	var ids [2]uuid.UUID
	for i, name := range []string{"a", "b"} {
		row := aDesk(name)
		ids[i] = row.ID
		if err := db.InTx(t.Context(), models.Actor{}, time.Now(), func(_ context.Context, tx *models.Tx) error { return models.Add(tx, row) }); err != nil {
			t.Fatal(err)
		}
	}
	var both, done sync.WaitGroup
	both.Add(2)
	var mu sync.Mutex
	attempts := 0
	for i := range 2 {
		done.Go(func() {
			tried := false
			err := db.InTx(context.Background(), models.Actor{}, time.Now(), func(_ context.Context, tx *models.Tx) error {
				mu.Lock()
				attempts++
				mu.Unlock()
				if _, err := models.Lock[models.Desk](tx, ids[i]); err != nil {
					return err
				}
				if !tried { // the first time, each holds one before it asks for the other
					tried = true
					both.Done()
					both.Wait()
				}
				row, err := models.Lock[models.Desk](tx, ids[1-i])
				if err != nil {
					return err
				}
				return models.Put(tx, &row, &row.Version, &row.UpdatedAt, time.Now())
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	var versions int
	if err := db.AskBare("SELECT sum(version) FROM desks", &versions); err != nil || versions != 4 || attempts < 3 {
		t.Errorf("versions add up to %d after %d attempts, want 4 after 3 or more: %v", versions, attempts, err)
	}
}

// A reference that was taken is drawn again; after five times it is an error,
// and nothing is written.
func TestAReferenceIsDrawnAgain(t *testing.T) {
	t.Parallel()
	dsn := modelstest.Migrated(t)
	db, err := models.Open(dsn, modelstest.Ring)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	at := time.Now()
	desk := aDesk("d")
	of := models.Organisation{ID: models.NewID(), Version: 1, OrganisationFields: models.OrganisationFields{Name: "o", Type: "ngo", Active: true}}
	user := models.User{ID: models.NewID(), Version: 1, OrganisationID: of.ID, UserFields: models.UserFields{Name: "u", Roles: []string{models.RoleRequester}, Active: true}}
	move, err := workflow.Training.Fire(workflow.New, workflow.Create, workflow.Owner, workflow.Facts{Sent: workflow.Input{Draft: true}})
	if err != nil {
		t.Fatal(err)
	}
	draw := func(references ...string) (drawn int, err error) {
		err = db.InTx(t.Context(), user.Actor(uuid.Nil), time.Now(), func(_ context.Context, tx *models.Tx) error {
			reference := references[min(drawn, len(references)-1)]
			drawn++
			row := &models.Training{Record: models.Record{ID: models.NewID(), Reference: reference, DeskID: desk.ID, OwnerID: user.ID, OrganisationID: of.ID, Round: 1, CreatedAt: at}, Objectives: []models.Objective{}}
			return tx.Start(row, models.Step{Move: move, At: at})
		})
		return drawn, err
	}
	err = db.InTx(t.Context(), models.Actor{}, time.Now(), func(_ context.Context, tx *models.Tx) error {
		return errors.Join(models.Add(tx, desk), models.Add(tx, &of), models.Add(tx, &user))
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		references []string
		drawn      int
		works      bool
	}{
		{[]string{"TR-AAAA-AAAA"}, 1, true},
		{[]string{"TR-AAAA-AAAA", "TR-AAAA-AAAA", "TR-BBBB-BBBB"}, 3, true},
		{[]string{"TR-AAAA-AAAA"}, 5, false},
	} {
		drawn, err := draw(tc.references...)
		if drawn != tc.drawn || (err == nil) != tc.works {
			t.Errorf("%v: drawn %d times: %v", tc.references, drawn, err)
		}
		if f, ok := fault.As(err); ok {
			t.Errorf("a defect is told as %v", f)
		}
	}
	var n int
	err = db.Read(t.Context(), user.Actor(uuid.Nil), at, func(_ context.Context, tx *models.Tx) error { return tx.Ask("SELECT count(*) FROM events", &n) })
	if err != nil || n != 2 {
		t.Errorf("%d events: %v", n, err)
	}
}

// References are eight of Crockford's signs, all of which occur, and differ.
func TestReferences(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^(TR|CR)-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$`)
	seen, signs := map[string]bool{}, map[rune]bool{}
	for i := range 5000 {
		kind := []*workflow.Workflow{workflow.Training, workflow.Referral}[i%2]
		reference := models.NewReference(kind.Name)
		if !form.MatchString(reference) || seen[reference] || strings.HasPrefix(reference, "TR") != (kind == workflow.Training) {
			t.Fatalf("%s", reference)
		}
		seen[reference] = true
		for _, sign := range reference[3:] {
			signs[sign] = true
		}
	}
	if len(signs) != 33 { // with the hyphen
		t.Errorf("%d signs occur", len(signs))
	}
	if a, b := models.NewID(), models.NewID(); a.Version() != 7 || b.Version() != 7 || a.String() >= b.String() {
		t.Errorf("%s, %s: ids grow with time", a, b)
	}
}
