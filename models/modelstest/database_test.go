//go:build linux

package modelstest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"onward/localpg"
)

// migration makes one table. It leaves its connection open, as a pool would.
func migration(table string, calls *atomic.Int64) func(string) error {
	return func(dsn string) error {
		calls.Add(1)
		conn, err := pgx.Connect(context.Background(), dsn)
		if err != nil {
			return err
		}
		_, err = conn.Exec(context.Background(), "CREATE TABLE "+table+" (n int)")
		return err
	}
}

// fresh is a fingerprint that no earlier run has used.
func fresh(t *testing.T) string {
	t.Helper()
	return fmt.Sprint(t.Name(), os.Getpid(), time.Now().UnixNano())
}

func query[T any](t *testing.T, dsn, sql string) T {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var v T
	if err := conn.QueryRow(t.Context(), sql).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

func TestEachTestHasItsOwnDatabase(t *testing.T) {
	var calls atomic.Int64
	fingerprint := fresh(t)
	t.Run("group", func(t *testing.T) {
		for n := range 6 {
			t.Run(fmt.Sprint(n), func(t *testing.T) {
				t.Parallel()
				dsn := Database(t, fingerprint, migration("things", &calls))
				if got := query[int](t, As(localpg.Migrate, dsn), "WITH w AS (INSERT INTO things VALUES (1) RETURNING n) SELECT (SELECT count(*) FROM things)::int + (SELECT count(*) FROM w)::int"); got != 1 {
					t.Errorf("another test's row is here: %d", got)
				}
				if got := query[string](t, dsn, "SELECT current_user || ' ' || pg_get_userbyid(datdba) || ' ' || current_setting('is_superuser') || ' ' || current_setting('fsync') FROM pg_database WHERE datname = current_database()"); got != "onward_app onward_owner off off" {
					t.Errorf("user, owner, superuser and fsync are %s", got)
				}
				// A connection that a test forgets doesn't keep the database.
				if _, err := pgx.Connect(context.Background(), dsn); err != nil {
					t.Error(err)
				}
			})
		}
	})
	if calls.Load() != 1 {
		t.Errorf("migrated %d times", calls.Load())
	}
	if left := count(t, testPrefix); left != 0 {
		t.Errorf("%d databases of tests are left", left)
	}
}

func count(t *testing.T, prefix string) int {
	t.Helper()
	dsn := Cluster(t).DSN(localpg.Superuser, "postgres")
	return query[int](t, dsn, "SELECT count(*)::int FROM pg_database WHERE starts_with(datname, '"+prefix+"')")
}

func TestTemplateOfAnEarlierRunIsUsed(t *testing.T) {
	var calls atomic.Int64
	fingerprint := fresh(t)
	Database(t, fingerprint, migration("things", &calls))
	forgotten()
	Database(t, fingerprint, migration("things", &calls))
	if calls.Load() != 1 {
		t.Errorf("migrated %d times", calls.Load())
	}
}

// forgotten forgets which templates this process has used, as if others had.
func forgotten(but ...string) {
	templates.Lock()
	defer templates.Unlock()
	clear(templates.outcome)
	for _, fingerprint := range but {
		templates.outcome[nameOf(fingerprint)] = nil
	}
}

func TestNewFingerprintMigratesAndOldOnesGo(t *testing.T) {
	var calls atomic.Int64
	inUse := fresh(t)
	Database(t, inUse, migration("used", &calls))
	for n := range keepTemplates + 2 {
		forgotten(inUse)
		table := fmt.Sprint("things_", n)
		dsn := Database(t, fmt.Sprint(fresh(t), n), migration(table, &calls))
		query[int](t, As(localpg.Migrate, dsn), "SELECT count(*)::int FROM "+table)
	}
	if kept := count(t, templatePrefix); kept != 1+keepTemplates {
		t.Errorf("%d templates are kept", kept)
	}
	Database(t, inUse, migration("used", &calls)) // whatever was made meanwhile
	if calls.Load() != 1+keepTemplates+2 {
		t.Errorf("migrated %d times", calls.Load())
	}
}

func TestBrokenMigrationIsNoTemplate(t *testing.T) {
	s := Cluster(t)
	fingerprint := fresh(t)
	calls := 0
	broken := func(string) error { calls++; return errors.New("no such column") }
	for range 2 {
		if _, err := templates.get(s, fingerprint, broken); err == nil {
			t.Fatal("the migration's error is lost")
		}
	}
	if calls != 1 {
		t.Errorf("a broken migration was tried %d times", calls)
	}
	// The next process, with the migration mended.
	forgotten()
	var mended atomic.Int64
	Database(t, fingerprint, migration("things", &mended))
	if mended.Load() != 1 {
		t.Error("a half-filled template was used")
	}
}

func BenchmarkDatabase(b *testing.B) {
	var calls atomic.Int64
	for b.Loop() {
		Database(b, "benchmark", migration("things", &calls))
	}
}
