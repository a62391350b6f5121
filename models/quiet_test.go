package models_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"onward/models"
	"onward/models/modelstest"
)

// What the database or its driver says of a value stays out of an error's
// words, however often it is wrapped; what it is about does not.
func TestErrorsQuoteNoValue(t *testing.T) {
	t.Parallel()
	db := modelstest.Open(t)
	for name, tc := range map[string]struct {
		sql  string
		args []any
		want string
	}{
		"PostgreSQL quotes it": {"SELECT cast(? || '' AS uuid)", []any{"CANARY"}, "SQLSTATE 22P02, routine string_to_uuid"},
		"the driver quotes it": {"SELECT cast(? AS integer)", []any{struct{ Word string }{"CANARY"}}, "the driver of the database failed"},
	} {
		err := db.InTx(t.Context(), models.Actor{}, time.Now(), func(_ context.Context, tx *models.Tx) error {
			if err := tx.Do(tc.sql, tc.args...); err != nil {
				return fmt.Errorf("asking: %w", err)
			}
			return nil
		})
		if err == nil || strings.Contains(err.Error(), "CANARY") || !strings.Contains(err.Error(), "asking: ") || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: it says %v, want %q", name, err, tc.want)
		}
		if _, ok := errors.AsType[*pgconn.PgError](err); strings.Contains(tc.want, "SQLSTATE") && !ok {
			t.Errorf("%s: the error itself is lost", name)
		}
	}
}
