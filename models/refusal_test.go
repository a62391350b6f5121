package models_test

import (
	"database/sql"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver

	"onward/desk"
	"onward/localpg"
	"onward/models"
	"onward/models/modelstest"
)

// plain is a database with one training request in it, and a connection of
// somebody who writes SQL by hand, and whom no policy binds.
func plain(t *testing.T) (db *sql.DB, training string) {
	t.Helper()
	db, err := sql.Open("pgx", modelstest.As(localpg.Superuser, modelstest.Migrated(t)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	desk, organisation, user, record := uuid.NewString(), uuid.NewString(), uuid.NewString(), uuid.NewString()
	must(t, db, `BEGIN;
		INSERT INTO desks (id, name, is_default, created_at, updated_at) VALUES ('`+desk+`', 'd', true, now(), now());
		INSERT INTO organisations (id, name, type, created_at, updated_at) VALUES ('`+organisation+`', 'o', 'ngo', now(), now());
		INSERT INTO users (id, name, organisation_id, roles, created_at, updated_at) VALUES ('`+user+`', 'u', '`+organisation+`', '{requester}', now(), now());
		INSERT INTO training_requests (id, reference, state, version, desk_id, owner_id, organisation_id, created_at, updated_at)
			VALUES ('`+record+`', 'TR-0000-0000', 'draft', 1, '`+desk+`', '`+user+`', '`+organisation+`', now(), now());
		INSERT INTO events (id, workflow, record_id, request_id, seq, name, from_state, action, to_state, actor_role, desk_id, at)
			VALUES (gen_random_uuid(), 'training_request', '`+record+`', '`+record+`', 1, 'training.created', 'new', 'create', 'draft', 'owner', '`+desk+`', now());
		COMMIT`)
	return db, record
}

func must(t *testing.T, db *sql.DB, text string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), text); err != nil {
		t.Fatal(err)
	}
}

// aLink seals an event, somehow.
const aLink = `INSERT INTO chain SELECT 1, position, sha256('') FROM events; `

// Even plain SQL can't move a record without the log, nor write a log without
// the move, nor change what was written.
func TestTheDatabaseRefuses(t *testing.T) { //nolint:tparallel // one connection, one transaction after the other
	t.Parallel()
	db, id := plain(t)
	event := func(from, action, to, seq string) string {
		return `INSERT INTO events (id, workflow, record_id, request_id, seq, name, from_state, action, to_state, actor_role, desk_id, at)
			SELECT gen_random_uuid(), 'training_request', id, id, ` + seq + `, 'x', '` + from + `', '` + action + `', '` + to + `', 'admin', desk_id, now() FROM training_requests`
	}
	for name, tc := range map[string]struct{ sql, want string }{
		"a move without an event":      {`UPDATE training_requests SET state = 'withdrawn'`, "disagrees with its log"},
		"a version without an event":   {`UPDATE training_requests SET version = 2`, "disagrees with its log"},
		"an event without a move":      {event("draft", "withdraw", "withdrawn", "2"), "disagrees with its log"},
		"an event with another's move": {`UPDATE training_requests SET state = 'withdrawn', version = 2; ` + event("draft", "edit", "draft", "2"), "disagrees with its log"},
		"a transition that is not":     {event("draft", "close", "closed", "2"), "events_transition_fkey"},
		"an event twice":               {event("new", "create", "draft", "1"), "events_record_seq_key"},
		"a record without an event":    {`INSERT INTO training_requests SELECT gen_random_uuid(), 'TR-1', state, version, desk_id, owner_id, organisation_id, round, created_at, updated_at FROM training_requests`, "disagrees with its log"},
		"a changed event":              {`UPDATE events SET to_state = 'closed'`, "append-only"},
		"a deleted event":              {`DELETE FROM events`, "append-only"},
		"no events at all":             {`TRUNCATE events CASCADE`, "append-only"},
		"a changed denial":             {denialOf("0 days") + `; UPDATE denials SET existed = false`, "append-only"},
		"a denial deleted too early":   {denialOf("399 days") + `; DELETE FROM denials`, "append-only"},
		"no denials at all":            {`TRUNCATE denials`, "append-only"},
		"a changed reading":            {anAccess("owner", "NULL", "{person}") + `; UPDATE accesses SET user_id = gen_random_uuid()`, "append-only"},
		"a deleted reading":            {anAccess("owner", "NULL", "{person}") + `; DELETE FROM accesses`, "append-only"},
		"no readings at all":           {`TRUNCATE accesses`, "append-only"},
		"a draft deleted silently":     {`DELETE FROM training_requests`, "only a draft"},
		"no cases at all":              {`TRUNCATE case_referrals CASCADE`, "only a draft"},
		"no assignments at all":        {`TRUNCATE assignments CASCADE`, "only a draft"},
		"a changed link":               {aLink + `UPDATE chain SET hash = sha256(hash)`, "append-only"},
		"a deleted link":               {aLink + `DELETE FROM chain`, "append-only"},
		"no chain at all":              {`TRUNCATE chain`, "append-only"},
		"a link of no event":           {`INSERT INTO chain VALUES (1, 0, sha256(''))`, "chain_event_fkey"},
		"an event sealed twice":        {aLink + `INSERT INTO chain SELECT 2, event_position, hash FROM chain`, "chain_event_key"},
		"a record deleted in good order, no draft": {
			`UPDATE training_requests SET state = 'withdrawn', version = 2; ` + event("draft", "withdraw", "withdrawn", "2") + `; DELETE FROM training_requests`, "only a draft",
		},
		"an assignment deleted": {anAssignment("training_request", "offered", "NULL", "NULL") + `; INSERT INTO events (id, workflow, record_id, request_id, seq, name, from_state, action, to_state, actor_role, desk_id, at)
			SELECT gen_random_uuid(), 'assignment', a.id, t.id, 1, 'assignment.offered', 'new', 'offer', 'offered', 'admin', t.desk_id, now() FROM assignments a, training_requests t; DELETE FROM assignments`, "only a draft"},
		"a transfer that leaves an assignment behind": {`ALTER TABLE training_requests DISABLE TRIGGER training_requests_agree; ALTER TABLE assignments DISABLE TRIGGER assignments_agree; ` +
			anAssignment("training_request", "offered", "NULL", "NULL") + `; INSERT INTO desks (id, name, created_at, updated_at) VALUES (gen_random_uuid(), 'e', now(), now());
			UPDATE training_requests SET desk_id = (SELECT id FROM desks WHERE name = 'e')`, "assignments_training_fkey"},
		"an event of another workflow": {strings.Replace(event("offered", "accept", "accepted", "2"), "'training_request'", "'assignment'", 1), "disagrees with its log"},
		"no records at all":            {`TRUNCATE training_requests CASCADE`, "only a draft"},
		"an incomplete submission":     {`UPDATE training_requests SET state = 'submitted', version = 2`, "training_requests_complete"},
		"preferred from after to":      {`UPDATE training_requests SET preferred_from = '2012-02-01', preferred_to = '2012-01-01'`, "training_requests_preferred_sane"},
		"a role that is not":           {`UPDATE users SET roles = '{king}'`, "users_roles_known"},
		"a desk for a requester":       {`UPDATE users SET desk_id = (SELECT id FROM desks)`, "users_desk_for_admins"},
		"an inactive default desk":     {`UPDATE desks SET active = false`, "desks_default_active"},
		"two default desks":            {`INSERT INTO desks (id, name, is_default, created_at, updated_at) VALUES (gen_random_uuid(), 'e', true, now(), now())`, "desks_one_default"},
		"a token that is no hash":      {`INSERT INTO tokens SELECT gen_random_uuid(), id, 't', 'onw_', now(), now() FROM users`, "tokens_hash_is_sha256"},
		"more places than the maximum": {`INSERT INTO services (id, organisation_id, kind, capacity_available, capacity_updated, created_at, updated_at) SELECT gen_random_uuid(), id, 'food', 1, now(), now(), now() FROM organisations`, "services_capacity_sane"},
		"a case assigned without consent": {`INSERT INTO services (id, organisation_id, kind, capacity_updated, created_at, updated_at) SELECT id, id, 'food', now(), now(), now() FROM organisations;
			INSERT INTO assignments (id, kind, request_id, desk_id, owner_organisation_id, organisation_id, service_id, service, state, version, round, offered_by, respond_by, created_at, updated_at)
			SELECT gen_random_uuid(), 'case_referral', gen_random_uuid(), o.id, o.id, o.id, o.id, 'food', 'offered', 1, 1, u.id, now(), now(), now() FROM organisations o, users u`, "assignments_case_has_consent"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := db.ExecContext(t.Context(), "BEGIN; "+tc.sql+"; COMMIT")
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("it says %v, want %s", err, tc.want)
			}
			_, _ = db.ExecContext(t.Context(), "ROLLBACK")
		})
	}
	var state string
	if err := db.QueryRowContext(t.Context(), `SELECT state FROM training_requests WHERE id = $1`, id).Scan(&state); err != nil || state != "draft" {
		t.Errorf("%s, %v", state, err)
	}
}

// denialOf is a denial of so long ago.
func denialOf(age string) string {
	return `INSERT INTO denials (id, at, method, route, existed, status, code, request_id)
		VALUES (gen_random_uuid(), now() - interval '` + age + `', 'GET', '/v1/users/:id', true, 403, 'wrong_role', 'r')`
}

// What is older than 400 days goes, and nothing else.
func TestForgetDenials(t *testing.T) {
	t.Parallel()
	dsn := modelstest.Migrated(t)
	plain, err := sql.Open("pgx", modelstest.As(localpg.Superuser, dsn))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = plain.Close() }()
	must(t, plain, denialOf("401 days")+"; "+denialOf("399 days")+"; "+denialOf("0 days"))
	if err := desk.New(modelstest.Enter(t, modelstest.As(localpg.Worker, dsn)), time.Now).Forget(t.Context()); err != nil {
		t.Fatal(err)
	}
	var left int
	if err := plain.QueryRowContext(t.Context(), "SELECT count(*) FROM denials").Scan(&left); err != nil || left != 2 {
		t.Errorf("%d are left, %v", left, err)
	}
}

// Each name in the table of refusals is a constraint of the schema.
func TestRefusalsNameConstraints(t *testing.T) {
	t.Parallel()
	db, _ := plain(t)
	for _, name := range models.RefusedConstraints() {
		var n int
		err := db.QueryRowContext(t.Context(), `SELECT (SELECT count(*) FROM pg_constraint WHERE conname = $1) + (SELECT count(*) FROM pg_indexes WHERE indexname = $1)`, name).Scan(&n)
		if err != nil || n == 0 {
			t.Errorf("%s is no constraint: %v", name, err)
		}
	}
}

// Four nodes start at the same moment: each migration is applied once.
func TestFourNodesMigrateOnce(t *testing.T) {
	t.Parallel()
	dsn := modelstest.As(localpg.Migrate, modelstest.Database(t, "nothing", func(string) error { return nil }))
	var done sync.WaitGroup
	applied := make([]int, 4)
	for i := range applied {
		done.Go(func() {
			db, err := models.Open(dsn, modelstest.Ring)
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = db.Close() }()
			if applied[i], err = db.Migrate(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	total := 0
	for _, n := range applied {
		total += n
	}
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var rows, versions int
	if err := db.QueryRowContext(t.Context(), "SELECT count(*), count(DISTINCT version_id) FROM goose_db_version WHERE version_id > 0").Scan(&rows, &versions); err != nil {
		t.Fatal(err)
	}
	if total != rows || rows != versions || rows < 8 {
		t.Errorf("%v were applied; %d rows of %d versions", applied, rows, versions)
	}
}

func TestSafeRefuses(t *testing.T) {
	t.Parallel()
	cluster := modelstest.Cluster(t)
	for role, want := range map[string]string{localpg.Superuser: "superuser", localpg.App: "fsync"} {
		db, err := models.Open(cluster.DSN(role, "postgres"), modelstest.Ring)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Safe(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", role, err)
		}
		_ = db.Close()
	}
}
