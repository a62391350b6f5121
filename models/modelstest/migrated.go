package modelstest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"onward/keys"
	"onward/migrations"
	"onward/models"
	"onward/workflow"
)

// Ring wraps the data keys of every database of this process.
var Ring = keys.Ephemeral()

// Migrated makes a database of its own for one test, with the schema and the
// workflows in it, and gives its address.
func Migrated(t testing.TB) string {
	t.Helper()
	return Database(t, schema(t), func(dsn string) error {
		db, err := models.Open(dsn, Ring)
		if err != nil {
			return err
		}
		_, err = db.Migrate(t.Context())
		return errors.Join(err, db.Close())
	})
}

// Open is Migrated, opened.
func Open(t testing.TB) *models.DB {
	t.Helper()
	db, err := models.Open(Migrated(t), Ring)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// schema changes when a migration or a workflow does.
func schema(t testing.TB) string {
	t.Helper()
	sum := sha256.New()
	err := fs.WalkDir(migrations.Files, ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || path == "." {
			return err
		}
		text, err := migrations.Files.ReadFile(path)
		fmt.Fprintf(sum, "%s\n%s\n", path, text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range workflow.All() {
		fmt.Fprintln(sum, w.Transitions())
	}
	return hex.EncodeToString(sum.Sum(nil))[:16]
}
