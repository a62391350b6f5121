package models

import (
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
)

// dialect is PostgreSQL's, with errors that are fit for a log: GORM passes it
// each error of the driver, before anybody wraps it.
type dialect struct{ *postgres.Dialector }

// Translate takes the driver's words off an error, which can quote a value:
// "invalid input syntax for type uuid", and what somebody wrote.
func (dialect) Translate(err error) error {
	var already quiet
	if errors.As(err, &already) || errors.Is(err, gorm.ErrRecordNotFound) {
		return err
	}
	return quiet{err}
}

// quiet is an error of the database that says what went wrong where, and
// nothing of any row. What it wraps says more.
type quiet struct{ cause error }

func (q quiet) Unwrap() error { return q.cause }

func (q quiet) Error() string {
	pg, refused := errors.AsType[*pgconn.PgError](q.cause)
	switch {
	case refused:
		said := []string{"the database refuses: SQLSTATE " + pg.Code}
		for _, of := range [][2]string{{"table", pg.TableName}, {"column", pg.ColumnName}, {"constraint", pg.ConstraintName}, {"routine", pg.Routine}} {
			if of[1] != "" {
				said = append(said, of[0]+" "+of[1])
			}
		}
		return strings.Join(said, ", ")
	case away(q.cause):
		return q.cause.Error() // of connections, not of rows
	}
	return fmt.Sprintf("the driver of the database failed: %T", q.cause)
}
