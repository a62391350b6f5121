package modelstest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
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

// As is the address of the same database for another role.
func As(role, dsn string) string {
	address, err := url.Parse(dsn)
	if err != nil {
		panic(err) // localpg made it
	}
	address.User = url.User(role)
	return address.String()
}

// Open is Migrated, entered.
func Open(t testing.TB) *models.DB {
	t.Helper()
	return Enter(t, Migrated(t))
}

// Enter opens a database for a test, as the role that its address names.
func Enter(t testing.TB, dsn string) *models.DB {
	t.Helper()
	db, err := models.Open(dsn, Ring)
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
	fmt.Fprintln(sum, migrations.Grants)
	for _, w := range workflow.All() {
		fmt.Fprintln(sum, w.Transitions())
	}
	return hex.EncodeToString(sum.Sum(nil))[:16]
}
