package models_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"onward/models"
	"onward/models/modelstest"
)

// A rotation doesn't make whole what somebody moved by SQL: it names the
// request, and leaves all of its batch as it was.
func TestRewrapRefusesWhatWasMoved(t *testing.T) {
	t.Parallel()
	db, one, other := sealing(t)
	within(t, db, func(tx *models.Tx) error {
		return tx.Do("UPDATE data_keys SET wrapped = (SELECT wrapped FROM data_keys WHERE request_id = ?) WHERE request_id = ?", one, other)
	})
	err := db.InTx(t.Context(), models.Actor{}, time.Now(), func(_ context.Context, tx *models.Tx) error {
		_, err := tx.Rewrap(modelstest.Ring.Current(), 10)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "data key of "+other.String()) {
		t.Errorf("it says %v", err)
	}
}

// A program whose keys lack one that is in use is told so before it serves.
func TestARingOfAnotherTimeIsRefused(t *testing.T) {
	t.Parallel()
	db, one, _ := sealing(t)
	within(t, db, func(tx *models.Tx) error { return tx.Do("DELETE FROM secrets WHERE name = 'keys'") }) // the template's, of another process
	within(t, db, func(tx *models.Tx) error { return tx.Do("UPDATE data_keys SET kek = '77' WHERE request_id = ?", one) })
	if _, err := db.Migrate(t.Context()); err == nil || !strings.Contains(err.Error(), "of another time") || !strings.Contains(err.Error(), "[77]") {
		t.Errorf("it starts, and says %v", err)
	}
}
