package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"onward/localpg"
	"onward/models/modelstest"
)

// A database of the operator's own works with one role that owns it, and with
// a role for each part; the one role costs a warning.
func TestDatabaseOfTheOperator(t *testing.T) {
	own := modelstest.Durable(t)
	root, err := pgx.Connect(t.Context(), own.DSN(localpg.Superuser, "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = root.Close(context.Background()) }()
	for _, statement := range []string{"CREATE ROLE alone LOGIN", "CREATE DATABASE alone OWNER alone", "CREATE ROLE unbound LOGIN BYPASSRLS"} {
		if _, err := root.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	data := folder(t)
	split := []string{
		"DATABASE_URL=" + own.DSN(localpg.App, localpg.Database), "DATABASE_WORKER_URL=" + own.DSN(localpg.Worker, localpg.Database),
		"DATABASE_MIGRATE_URL=" + own.DSN(localpg.Migrate, localpg.Database),
	}
	for name, tc := range map[string]struct {
		env   []string
		data  string
		warns bool
	}{
		"one role": {[]string{"DATABASE_URL=" + own.DSN("alone", "alone")}, folder(t), true},
		"split":    {split, data, false},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			demo := program(t, tc.data, "demo") // plays every role on a service of its own
			demo.Env, demo.Stderr = append(demo.Env, tc.env...), &log
			told, err := demo.Output()
			if err != nil || !bytes.Contains(told, []byte("both closed")) {
				t.Fatalf("%v: %s\n%s", err, log.String(), told)
			}
			if warns := strings.Contains(log.String(), "row-level security"); warns != tc.warns {
				t.Errorf("it warns: %v\n%s", warns, log.String())
			}
			verify := program(t, tc.data, "verify")
			verify.Env = append(verify.Env, tc.env...)
			if said, err := run(t, verify); err != nil || !strings.Contains(said, "agrees with its log") || strings.HasPrefix(said, "0 ") {
				t.Errorf("%s, %v", said, err)
			}
		})
	}
	unbound := program(t, data, "verify")
	unbound.Env = append(unbound.Env, split[0], split[2], "DATABASE_WORKER_URL="+own.DSN("unbound", localpg.Database))
	if _, err := run(t, unbound); err == nil || !strings.Contains(err.Error(), "BYPASSRLS") {
		t.Errorf("a role that no policy binds: %v", err)
	}
}
