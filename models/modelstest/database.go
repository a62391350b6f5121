//go:build linux

package modelstest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"onward/localpg"
)

// The names of databases tell what may be dropped. They consist of letters,
// digits and underscores only, and so need no quotes in SQL.
const (
	testPrefix     = "test_"     // one test's; dropped after it
	buildingPrefix = "building_" // a template on which migrate hasn't ended
	templatePrefix = "filled_"   // a template that is complete
)

// keepTemplates bounds the disk that old fingerprints take in a slot.
const keepTemplates = 4

var counter atomic.Int64

// Database makes a database of its own for one test: a copy of a template that
// migrate filled once for this fingerprint. The DSN enters it as the role that
// serves requests (As gives others); it is dropped after the test, whoever is
// still connected.
//
// The fingerprint must change when what migrate does changes: a hash of the
// migration files. migrate gets the DSN of an empty database, as its owner.
func Database(t testing.TB, fingerprint string, migrate func(dsn string) error) (dsn string) {
	t.Helper()
	s := Cluster(t)
	template, err := templates.get(s, fingerprint, migrate)
	if err != nil {
		t.Fatalf("a migrated database: %v", err)
	}
	name := fmt.Sprintf("%s%d_%d", testPrefix, os.Getpid(), counter.Add(1))
	// FILE_COPY beats the default by far for a small template without fsync.
	create := "CREATE DATABASE " + name + " OWNER " + localpg.Owner + " TEMPLATE " + template + " STRATEGY FILE_COPY"
	if err := exec(t.Context(), s, create); err != nil {
		t.Fatalf("a database for the test: %v", err)
	}
	t.Cleanup(func() {
		if err := exec(context.Background(), s, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("dropping the test's database: %v", err)
		}
	})
	return s.DSN(localpg.App, name)
}

// filled remembers the templates that this process has used. A lock over the
// whole of get is enough: nobody else uses the slot.
type filled struct {
	sync.Mutex
	outcome map[string]error // by name
}

var templates = filled{outcome: map[string]error{}}

// get returns the name of the template, and fills it if it isn't there. A
// failure is remembered, so that a broken migration is tried once and not once
// a test.
func (f *filled) get(s *localpg.Server, fingerprint string, migrate func(string) error) (string, error) {
	id := nameOf(fingerprint)
	f.Lock()
	defer f.Unlock()
	err, known := f.outcome[id]
	if !known {
		err = ensureTemplate(context.Background(), s, id, f.names(), migrate)
		f.outcome[id] = err
	}
	return templatePrefix + id, err
}

// nameOf is what tells the template of a fingerprint from others.
func nameOf(fingerprint string) string {
	sum := sha256.Sum256([]byte(fingerprint))
	return hex.EncodeToString(sum[:8])
}

// names are the templates that this process has used, and may use again.
func (f *filled) names() []string {
	all := []string{}
	for id := range f.outcome {
		all = append(all, templatePrefix+id)
	}
	return all
}

// ensureTemplate fills a database under another name and renames it when it is
// complete: a kill in the middle leaves no half-filled template.
func ensureTemplate(ctx context.Context, s *localpg.Server, id string, inUse []string, migrate func(string) error) error {
	if exists, err := databaseExists(ctx, s, templatePrefix+id); err != nil || exists {
		return err
	}
	if err := dropOldTemplates(ctx, s, inUse); err != nil {
		return fmt.Errorf("dropping old templates: %w", err)
	}
	building := buildingPrefix + id
	if err := exec(ctx, s,
		"DROP DATABASE IF EXISTS "+building+" WITH (FORCE)",
		"CREATE DATABASE "+building+" OWNER "+localpg.Owner,
	); err != nil {
		return fmt.Errorf("making a template: %w", err)
	}
	if err := migrate(s.DSN(localpg.Migrate, building)); err != nil {
		return fmt.Errorf("migrating a template: %w", err)
	}
	// Whoever migrate left connected would block every copy.
	if err := exec(ctx, s,
		"ALTER DATABASE "+building+" ALLOW_CONNECTIONS false",
		"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '"+building+"'",
		"ALTER DATABASE "+building+" RENAME TO "+templatePrefix+id,
	); err != nil {
		return fmt.Errorf("closing a template: %w", err)
	}
	return nil
}

func databaseExists(ctx context.Context, s *localpg.Server, name string) (exists bool, err error) {
	err = asSuperuser(ctx, s, func(conn *pgx.Conn) error {
		return conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists)
	})
	return exists, err
}

// dropOldTemplates makes room for one more.
func dropOldTemplates(ctx context.Context, s *localpg.Server, inUse []string) error {
	return dropSelected(ctx, s, "SELECT datname FROM pg_database WHERE starts_with(datname, $1) AND datname <> ALL ($3) ORDER BY oid DESC OFFSET $2",
		templatePrefix, keepTemplates-1, inUse)
}

// dropLeftovers drops the databases of tests that were killed.
func dropLeftovers(ctx context.Context, s *localpg.Server) error {
	return dropSelected(ctx, s, "SELECT datname FROM pg_database WHERE starts_with(datname, $1) OR starts_with(datname, $2)",
		testPrefix, buildingPrefix)
}

func dropSelected(ctx context.Context, s *localpg.Server, query string, args ...any) error {
	return asSuperuser(ctx, s, func(conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, query, args...)
		if err != nil {
			return err
		}
		names, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		for _, name := range names {
			if _, err := conn.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
				return fmt.Errorf("dropping %s: %w", name, err)
			}
		}
		return nil
	})
}

// exec runs statements one by one: CREATE DATABASE can't be in a transaction.
func exec(ctx context.Context, s *localpg.Server, statements ...string) error {
	return asSuperuser(ctx, s, func(conn *pgx.Conn) error {
		for _, statement := range statements {
			if _, err := conn.Exec(ctx, statement); err != nil {
				return fmt.Errorf("%s: %w", statement, err)
			}
		}
		return nil
	})
}
