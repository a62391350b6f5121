package worker_test

import (
	"bytes"
	"context"
	"log/slog"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/desk"
	"onward/localpg"
	"onward/models"
	"onward/models/modelstest"
	"onward/worker"
	"onward/workflow"
)

// messages is a log that a test reads while it is written.
type messages struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (m *messages) Write(p []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.b.Write(p)
}

func (m *messages) has(text string) bool { return m.times(text) > 0 }

func (m *messages) times(text string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return strings.Count(m.b.String(), text)
}

// run runs the worker and gives what stops it, and waits until it has.
func run(t *testing.T, d *desk.Desk) (log *messages, stop func()) {
	t.Helper()
	log = &messages{}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		worker.Run(ctx, d, filepath.Join(t.TempDir(), "anchor"), slog.New(slog.NewJSONHandler(log, nil)))
		close(ended)
	}()
	return log, func() {
		t.Helper()
		cancel()
		select {
		case <-ended:
		case <-time.After(5 * time.Second):
			t.Fatal("it does not stop with its context")
		}
	}
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 200 {
		if is() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("in ten seconds, %s", what)
}

// The worker makes the moves whose time has come, and ends with its context,
// leaving nothing behind.
func TestRun(t *testing.T) { //nolint:paralleltest // it counts goroutines
	dsn := modelstest.Migrated(t)
	d := desk.New(modelstest.Enter(t, dsn), time.Now)
	later := desk.New(modelstest.Enter(t, modelstest.As(localpg.Worker, dsn)), func() time.Time { return time.Now().Add(workflow.AnswerSpan + time.Hour) })
	id, admin := asked(t, d)
	state := func() workflow.State {
		v, err := d.Training(t.Context(), admin, id)
		if err != nil {
			t.Fatal(err)
		}
		return v.Row.State
	}
	before := runtime.NumGoroutine()
	log, stop := run(t, later)
	eventually(t, "the request did not lapse", func() bool { return state() == workflow.Withdrawn })
	eventually(t, "it did not say so", func() bool { return log.has(`"moves":1`) })
	stop()
	eventually(t, "it left a goroutine behind", func() bool { return runtime.NumGoroutine() <= before })
	if log.has("ERROR") {
		t.Errorf("it complains: %s", log.b.String())
	}
}

// A database that is away ends nothing: it is told, and tried again.
func TestRunGoesOn(t *testing.T) { //nolint:paralleltest // TestRun counts goroutines
	db, err := models.Open("postgres://nobody:hunter2@127.0.0.1:1/none?connect_timeout=1", modelstest.Ring)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	log, stop := run(t, desk.New(db, time.Now))
	eventually(t, "it did not fail twice", func() bool { return log.times("it tries again") > 1 })
	stop()
	if log.has("hunter2") {
		t.Errorf("the log holds the password: %s", log.b.String())
	}
}

// asked is a request that waits for an answer.
func asked(t *testing.T, d *desk.Desk) (uuid.UUID, models.Actor) {
	t.Helper()
	ctx, root := t.Context(), models.Actor{Roles: []string{models.RoleAdmin}}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(d.AddDesk(ctx, root, &models.Desk{DeskFields: models.DeskFields{Name: "a desk", Default: true, Active: true, TimeZone: "UTC"}}))
	o := models.Organisation{OrganisationFields: models.OrganisationFields{Name: "an organisation", Type: "ngo", Active: true}}
	must(d.AddOrganisation(ctx, root, &o))
	u := models.User{OrganisationID: o.ID, UserFields: models.UserFields{Name: "somebody", Roles: []string{models.RoleRequester, models.RoleAdmin}, Active: true}}
	must(d.AddUser(ctx, root, &u))
	a := u.Actor(uuid.Nil)
	row := &models.Training{TrainingFields: models.TrainingFields{
		Title: "A training", Audiences: []string{"paralegal"}, Topics: []string{"prevention"}, Mode: "onsite", Country: "PK", Languages: []string{"en"}, ParticipantsExpected: 3,
	}, Objectives: []models.Objective{}}
	must(d.CreateTraining(ctx, a, row, workflow.Input{}))
	must(d.Fire(ctx, a, workflow.Training, row.ID, desk.Whatever, workflow.Take, workflow.Input{}))
	must(d.Fire(ctx, a, workflow.Training, row.ID, desk.Whatever, workflow.RequestInformation, workflow.Input{Question: "How many?"}))
	return row.ID, a
}
