//go:build linux

package localpg

import "testing"

// An earlier version had one role, which owned the database and all in it: the
// next start gives that to the owner, and the data stay.
func TestAClusterOfOneRole(t *testing.T) {
	c := Config{Dir: madeFolder(t)}
	first := start(t, c)
	root := connect(t, first, Superuser, Database)
	for _, statement := range []string{
		"CREATE ROLE onward LOGIN", "ALTER DATABASE onward OWNER TO onward", "SET ROLE onward", "CREATE TABLE kept AS SELECT 1 AS n", "RESET ROLE",
		"REASSIGN OWNED BY onward_owner TO onward", "DROP OWNED BY onward_owner, onward_migrate, onward_app, onward_worker", "DROP ROLE onward_owner, onward_migrate, onward_app, onward_worker",
	} {
		if _, err := root.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	_ = root.Close(t.Context())
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	second := start(t, c)
	if got := one[int](t, connect(t, second, Migrate, Database), "SELECT n FROM kept"); got != 1 {
		t.Errorf("n is %d", got)
	}
	const owners = "SELECT string_agg(DISTINCT pg_get_userbyid(o), ' ') FROM (SELECT datdba FROM pg_database WHERE datname = 'onward' UNION ALL SELECT relowner FROM pg_class WHERE relname = 'kept') x (o)"
	if got := one[string](t, connect(t, second, Superuser, Database), owners); got != Owner {
		t.Errorf("it belongs to %s", got)
	}
}

// Nobody logs in as the owner; who migrates is it; the others can't become it.
func TestRoles(t *testing.T) {
	s := start(t, Config{Dir: madeFolder(t)})
	for _, role := range []string{Migrate, App, Worker} {
		conn := connect(t, s, role, Database)
		want := role
		if role == Migrate {
			want = Owner
		}
		if got := one[string](t, conn, "SELECT current_user::text"); got != want {
			t.Errorf("%s is %s", role, got)
		}
		_, err := conn.Exec(t.Context(), "SET ROLE "+Owner)
		if (err == nil) != (role == Migrate) {
			t.Errorf("%s becomes the owner: %v", role, err)
		}
		_, err = conn.Exec(t.Context(), "CREATE TABLE of_"+role+" (n int)")
		if (err == nil) != (role == Migrate) {
			t.Errorf("%s makes a table: %v", role, err)
		}
	}
	if got := one[int](t, connect(t, s, Superuser, Database), "SELECT count(*)::int FROM pg_roles WHERE rolname LIKE 'onward%' AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb)"); got != 0 {
		t.Errorf("%d roles may too much", got)
	}
}
