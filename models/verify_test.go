package models_test

import (
	"context"
	"database/sql"
	"strings"
	"testing"
	"time"

	"onward/localpg"
	"onward/models"
	"onward/models/modelstest"
)

// Verify finds what somebody did who could switch the database's own checks off.
func TestVerifyFinds(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ sql, want string }{
		"nothing":                  {"SELECT 1", ""},
		"a state that was changed": {"UPDATE training_requests SET state = 'withdrawn'", "its log says draft"},
		"a log that was cut":       {"DELETE FROM events", "has no event"},
		"a record that was taken":  {"DELETE FROM training_requests", "the record is gone"},
		"a gap":                    {"UPDATE events SET seq = 3; UPDATE training_requests SET version = 3", "gap"},
		"another beginning":        {"INSERT INTO transitions VALUES ('training_request', 'draft', 'create', 'draft'); UPDATE events SET from_state = 'draft'", "starts at draft"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, training := plain(t)
			var dsn string
			if err := db.QueryRowContext(t.Context(), "SELECT current_database()").Scan(&dsn); err != nil {
				t.Fatal(err)
			}
			root, err := sql.Open("pgx", modelstest.Cluster(t).DSN(localpg.Superuser, dsn))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = root.Close() }()
			must(t, root, "BEGIN; SET LOCAL session_replication_role = replica; "+tc.sql+"; COMMIT")
			onward, err := models.Open(modelstest.Cluster(t).DSN(localpg.Worker, dsn), modelstest.Ring)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = onward.Close() }()
			err = onward.Read(t.Context(), models.Actor{}, time.Now(), func(_ context.Context, tx *models.Tx) error {
				_, _, wrong, err := tx.Verify()
				switch {
				case tc.want == "" && len(wrong) > 0:
					t.Errorf("it finds %v", wrong)
				case tc.want != "" && (len(wrong) != 1 || !strings.Contains(wrong[0].Fault, tc.want) || wrong[0].RecordID.String() != training):
					t.Errorf("it finds %v, want %q", wrong, tc.want)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// A read-only transaction writes nothing, and the actor stays in its transaction.
func TestTransactions(t *testing.T) {
	t.Parallel()
	db := modelstest.Open(t)
	desk := models.Desk{ID: models.NewID(), Version: 1, DeskFields: models.DeskFields{Name: `a "quoted", {braced} \ name`, Countries: []string{`a"b`, `c,d`, `e\f`, `{}`, "NULL", "한국", ""}, TimeZone: "UTC", Active: true}}
	desk.Complete()
	add := func(_ context.Context, tx *models.Tx) error { return models.Add(tx, &desk) }
	if err := db.Read(t.Context(), models.Actor{}, time.Now(), add); err == nil {
		t.Error("a read-only transaction wrote")
	}
	if err := db.InTx(t.Context(), models.Actor{}, time.Now(), add); err != nil {
		t.Fatal(err)
	}
	err := db.InTx(t.Context(), models.Actor{}, time.Now(), func(ctx context.Context, _ *models.Tx) error {
		return db.Read(ctx, models.Actor{}, time.Now(), func(_ context.Context, tx *models.Tx) error { // joins
			got, err := tx.GetDesk(desk.ID)
			if strings.Join(got.Countries, "|") != strings.Join(desk.Countries, "|") || got.Name != desk.Name {
				t.Errorf("the array came back as %q", got.Countries)
			}
			return err
		})
	})
	if err != nil {
		t.Error(err)
	}
}
