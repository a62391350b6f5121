package models

import (
	"context"
	"fmt"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"onward/migrations"
	"onward/workflow"
)

// Migrate brings the schema up to date and tells the database the transitions
// that the workflows allow. Nodes that start at the same moment do it once: a
// session lock makes the others wait. It needs a direct connection (a session
// lock doesn't pass PgBouncer in transaction mode).
func (db *DB) Migrate(ctx context.Context) (applied int, err error) {
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return 0, fmt.Errorf("preparing the migration's lock: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db.sql, migrations.Files, goose.WithSessionLocker(locker), goose.WithGoMigrations(db.sealPlain()))
	if err != nil {
		return 0, fmt.Errorf("reading the migrations: %w", err)
	}
	done, err := provider.Up(ctx)
	if err != nil {
		return len(done), fmt.Errorf("migrating: %w", err)
	}
	for _, w := range workflow.All() {
		for _, t := range w.Transitions() {
			err := db.g.WithContext(ctx).Exec("INSERT INTO transitions VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", t.Workflow, t.From, t.Action, t.To).Error
			if err != nil {
				return len(done), fmt.Errorf("telling the database the workflow %s: %w", w.Name, err)
			}
		}
	}
	return len(done), nil
}
