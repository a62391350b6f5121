package models

import (
	"context"
	"errors"
	"fmt"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"onward/migrations"
	"onward/workflow"
)

// Migrate brings the schema up to date, tells the database the transitions
// that the workflows allow, and gives the roles what each may do. Nodes that
// start at the same moment do it once: a session lock makes the others wait.
// It needs a direct connection (a session lock doesn't pass PgBouncer in
// transaction mode).
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
	if err := db.g.WithContext(ctx).Exec(migrations.Grants).Error; err != nil {
		return len(done), fmt.Errorf("giving the roles what each may do: %w", err)
	}
	if err := db.mark(ctx); err != nil {
		return len(done), err
	}
	return len(done), db.holds(ctx)
}

// mark ties the database to its keys: the first ring leaves its mark, and no
// other is let in, so that nothing is ever sealed under keys that the other
// nodes don't have.
func (db *DB) mark(ctx context.Context) error {
	own := db.ring.Mark()
	err := db.g.WithContext(ctx).Exec("INSERT INTO secrets VALUES (?, ?) ON CONFLICT DO NOTHING", ringMark, own).Error
	if err != nil {
		return fmt.Errorf("noting whose keys these are: %w", err)
	}
	first, err := db.Marked(ctx)
	if err == nil && first != own {
		err = errors.New("these are not the keys that the database's texts are sealed under: put the right keys.json in its place, or set ONWARD_KEYS; every node has the same")
	}
	return err
}

const ringMark = "keys"

// Marked gives the mark of the keys that the database's texts are sealed under;
// empty where nothing was sealed yet.
func (db *DB) Marked(ctx context.Context) (mark string, err error) {
	g := db.g.WithContext(ctx)
	var there bool
	if err := g.Raw("SELECT to_regclass('secrets') IS NOT NULL").Scan(&there).Error; err != nil || !there {
		return "", explain(err)
	}
	return mark, g.Table("secrets").Where("name = ?", ringMark).Pluck("value", &mark).Error
}
