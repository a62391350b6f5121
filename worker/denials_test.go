package worker_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/desk"
	"onward/localpg"
	"onward/models"
	"onward/models/modelstest"
	"onward/worker"
)

// denials are those of a database of its own; d is who reads them.
func denials(t *testing.T) (w *worker.Denials, d *desk.Desk, log *messages) {
	t.Helper()
	return denialsOn(t, modelstest.Migrated(t))
}

func denialsOn(t *testing.T, dsn string) (w *worker.Denials, d *desk.Desk, log *messages) {
	t.Helper()
	log = &messages{}
	clerk := desk.New(modelstest.Enter(t, modelstest.As(localpg.Worker, dsn)), time.Now)
	return worker.NewDenials(clerk, slog.New(slog.NewJSONHandler(log, nil)), time.Now), desk.New(modelstest.Enter(t, dsn), time.Now), log
}

// attempt is a refusal of somebody.
func attempt() models.Denial {
	who := uuid.New()
	return models.Denial{ActorID: &who, OrganisationID: &who, Method: "GET", Route: "/v1/case-referrals/:id", Target: &who, Status: 403, Code: "wrong_role", RequestID: "r"}
}

// written counts the rows.
func written(t *testing.T, d *desk.Desk) (n int) {
	t.Helper()
	s := models.Slice{Limit: 200, Order: "-at"}
	for {
		rows, next, err := d.Denials(t.Context(), models.Actor{Roles: []string{models.RoleAuditor}}, models.DenialFilter{}, s)
		if err != nil {
			t.Fatal(err)
		}
		if n += len(rows); next == nil {
			return n
		}
		s.After = next
	}
}

// soon is time enough to write what waits.
func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// What waits at the end is written before the end, however much it is; what
// comes later hurts nobody.
func TestDenialsAreWrittenBeforeTheEnd(t *testing.T) {
	t.Parallel()
	w, d, log := denials(t)
	for range 1000 {
		w.Note(attempt())
	}
	go w.Run(t.Context())
	w.Close(soon(t))
	if n := written(t, d); n != 1000 || log.has("dropped") {
		t.Errorf("%d rows: %s", n, log.b.String())
	}
	w.Note(attempt())
}

// While nobody writes, a note waits for nothing; what has no room is dropped,
// and the log says how much.
func TestDenialsNeverWait(t *testing.T) {
	t.Parallel()
	w, d, log := denials(t)
	begun := time.Now()
	for range 5000 {
		w.Note(attempt())
	}
	if took := time.Since(begun); took > time.Second {
		t.Errorf("5000 notes took %v", took)
	}
	go w.Run(t.Context())
	w.Close(soon(t))
	if n := written(t, d); n != 4096 || !log.has(`"dropped":904`) {
		t.Errorf("%d rows: %s", n, log.b.String())
	}
}

// A database that was away has the rows once it is back.
func TestDenialsOutliveAnOutage(t *testing.T) {
	t.Parallel()
	own := modelstest.Durable(t)
	if _, err := modelstest.Enter(t, own.DSN(localpg.Migrate, localpg.Database)).Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	w, d, _ := denialsOn(t, own.DSN(localpg.App, localpg.Database))
	go w.Run(t.Context())
	w.Note(attempt())
	eventually(t, "nothing was written", func() bool { return written(t, d) == 1 })
	own.Crash(t)
	w.Note(attempt())
	time.Sleep(400 * time.Millisecond) // the write fails meanwhile
	own.Restart(t)
	eventually(t, "the row is lost", func() bool {
		rows, _, err := d.Denials(t.Context(), models.Actor{Roles: []string{models.RoleAuditor}}, models.DenialFilter{}, models.Slice{Limit: 9, Order: "-at"})
		return err == nil && len(rows) == 2
	})
	w.Close(soon(t))
}

// One that nobody known was refused, with a token that is none of ours, is not
// written: who has no token can't fill the table.
func TestDenialsOfStrangersAreNotKept(t *testing.T) {
	t.Parallel()
	w, d, log := denials(t)
	go w.Run(t.Context())
	w.Note(models.Denial{Method: "GET", Route: "/v1/me", Status: 401, Code: "unauthenticated", TokenHash: make([]byte, 32)})
	w.Close(soon(t))
	if n := written(t, d); n != 0 || log.has("dropped") {
		t.Errorf("%d rows: %s", n, log.b.String())
	}
}
