package models_test

import (
	"database/sql"
	"strings"
	"testing"

	"onward/localpg"
	"onward/migrations"
	"onward/models/modelstest"
)

// open are the tables without row-level security, and why.
var open = map[string]string{
	"desks":            "public within the network",
	"routing_rules":    "codes of no request; every admin reads them",
	"organisations":    "public within the network",
	"services":         "public within the network",
	"users":            "who works there; every request asks who calls before there is a caller",
	"tokens":           "hashes of 256 random bits; as users",
	"idempotency_keys": "replies sealed under keys that only the callers have",
	"secrets":          "guard nothing personal",
	"transitions":      "the workflows, which are public",
	"goose_db_version": "the schema's history",
}

// Each table is bound, its owner too, and has a policy, or stands in the list
// above; a view asks for the rights of who looks through it.
func TestEveryTableIsBound(t *testing.T) {
	t.Parallel()
	db, _ := plain(t)
	unbound := column(t, db, `SELECT relname FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
		AND NOT (relrowsecurity AND relforcerowsecurity AND EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid))`)
	for _, table := range unbound {
		if open[table] == "" {
			t.Errorf("%s has no policy (migrations/0015_policy.sql)", table)
		}
		delete(open, table)
	}
	for table := range open {
		t.Errorf("%s is listed as open, and is not", table)
	}
	views := column(t, db, `SELECT coalesce(string_agg(relname, ' '), 'none') FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm')
		AND NOT coalesce('security_invoker=true' = ANY (reloptions) OR 'security_invoker=on' = ANY (reloptions), false)`)
	if views[0] != "none" {
		t.Errorf("through these views the owner looks: %s", views[0])
	}
}

// bound lists the tables that have policies.
func bound(t *testing.T, db *sql.DB) []string {
	t.Helper()
	return column(t, db, "SELECT relname FROM pg_class WHERE relforcerowsecurity")
}

func as(t *testing.T, role, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", modelstest.As(role, dsn))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	return db
}

// Who does not say for whom it acts sees nothing and writes nothing, nor does
// who serves requests and says it is the system.
func TestNobodyInParticular(t *testing.T) {
	t.Parallel()
	dsn := modelstest.Migrated(t)
	peopled(t, dsn)
	for name, tc := range map[string]struct{ role, address string }{
		"who serves requests":                 {localpg.App, ""},
		"who serves requests as the system":   {localpg.App, "&onward.actor=system"},
		"who runs the clock":                  {localpg.Worker, ""},
		"the owner":                           {localpg.Migrate, ""},
		"with settings that say nothing":      {localpg.App, "&onward.actor=&onward.desk=&onward.network=&onward.through=&onward.partner_of=&onward.refers_for=&onward.requests_for=&onward.audits="},
		"who serves requests as a stranger":   {localpg.App, "&onward.actor=3f0c5c5e-0000-4000-8000-000000000000&onward.network=off&onward.desk=3f0c5c5e-0000-4000-8000-000000000000"},
		"who serves requests, through nobody": {localpg.App, "&onward.through=%7B%7D"},
	} {
		db := as(t, tc.role, dsn+tc.address)
		for _, table := range bound(t, db) {
			var n int
			err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n)
			if denied(err) && tc.role != localpg.Migrate {
				continue
			}
			if err != nil || n > 0 {
				t.Errorf("%s sees %d rows of %s: %v", name, n, table, err)
			}
			if _, err := db.ExecContext(t.Context(), "INSERT INTO "+table+" DEFAULT VALUES"); !denied(err) {
				t.Errorf("%s writes into %s: %v", name, table, err)
			}
		}
	}
}

// denied reports SQLSTATE 42501: no privilege, or no policy.
func denied(err error) bool { return err != nil && strings.Contains(err.Error(), "42501") }

// What the roles that run must not do is refused, whoever they say they are.
func TestPrivileges(t *testing.T) {
	t.Parallel()
	dsn := modelstest.Migrated(t)
	peopled(t, dsn)
	forbidden := []string{
		"CREATE TABLE t (n int)", "CREATE FUNCTION f() RETURNS int LANGUAGE sql RETURN 1", "CREATE SCHEMA s", "INSERT INTO transitions VALUES ('a', 'b', 'c', 'd')",
		"UPDATE events SET at = now()", "DELETE FROM events", "DELETE FROM assignments", "DELETE FROM consents", "DELETE FROM users", "DELETE FROM organisations",
		"UPDATE secrets SET value = ''", "UPDATE data_keys SET wrapped = ''", "UPDATE idempotency_keys SET reply = ''", "INSERT INTO goose_db_version DEFAULT VALUES",
		"ALTER ROLE onward_app BYPASSRLS", "SET ROLE onward_owner", "SET SESSION AUTHORIZATION onward_owner", "SET session_replication_role = replica",
		"DROP POLICY events_read_by_caller ON events", "CREATE OR REPLACE FUNCTION caller.is_system() RETURNS boolean RETURN true", "DROP SCHEMA caller CASCADE",
		"GRANT onward_owner TO onward_app", "COPY events TO PROGRAM 'cat'",
	}
	owner := as(t, localpg.Migrate, dsn)
	for _, table := range column(t, owner, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'") {
		forbidden = append(forbidden, "DROP TABLE "+table, "TRUNCATE "+table, "ALTER TABLE "+table+" DISABLE ROW LEVEL SECURITY", "ALTER TABLE "+table+" DISABLE TRIGGER ALL")
	}
	clock := []string{
		"SELECT last_used_at FROM tokens", "SELECT name FROM users", "UPDATE chain SET n = 1", "DELETE FROM chain", "SELECT sealed FROM sealed_texts", "SELECT wrapped FROM data_keys", "SELECT token FROM match_tokens", "INSERT INTO case_referrals DEFAULT VALUES", "UPDATE consents SET ended_at = now()",
		"DELETE FROM case_referrals", "UPDATE desks SET name = ''",
	}
	for role, all := range map[string][]string{localpg.App: forbidden, localpg.Worker: append(clock, forbidden...)} {
		db := as(t, role, dsn+"&onward.actor=system&onward.network=on")
		for _, statement := range all {
			_, err := db.ExecContext(t.Context(), "BEGIN; "+statement+"; ROLLBACK")
			if !denied(err) {
				t.Errorf("%s: it says %v to %s", role, err, statement)
			}
			_, _ = db.ExecContext(t.Context(), "ROLLBACK")
		}
	}
}

// The rights are given whole each time, not added to.
func TestGrantsAreWhole(t *testing.T) {
	t.Parallel()
	dsn := modelstest.Migrated(t)
	owner := as(t, localpg.Migrate, dsn)
	must(t, owner, "GRANT ALL ON events TO onward_app")
	must(t, owner, migrations.Grants)
	if _, err := as(t, localpg.App, dsn+"&onward.network=on").ExecContext(t.Context(), "UPDATE events SET at = now()"); !denied(err) {
		t.Errorf("a right that the list does not have stays: %v", err)
	}
}
