package desk_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/desk"
	"onward/fault"
	"onward/localpg"
	"onward/models"
	"onward/models/modelstest"
	"onward/workflow"
)

// network is a desk on a database of its own, with a clock that stands still
// until the test moves it.
type network struct {
	t             *testing.T
	dsn           string
	db            *models.DB
	desk, clerk   *desk.Desk // of people; of the system
	at            atomic.Pointer[time.Time]
	jurist, admin models.Actor
	university    models.Organisation
}

var noon = time.Date(2012, 3, 29, 12, 0, 0, 0, time.UTC)

func found(t *testing.T) *network {
	t.Helper()
	n := &network{t: t, dsn: modelstest.Migrated(t)}
	n.db = modelstest.Enter(t, modelstest.As(localpg.Worker, n.dsn))
	n.set(noon)
	n.desk, n.clerk = desk.New(modelstest.Enter(t, n.dsn), n.now), desk.New(n.db, n.now)
	root := models.Actor{Roles: []string{models.RoleAdmin}}
	jeju := models.Desk{DeskFields: models.DeskFields{Name: "CIFAL Jeju", Default: true, Active: true, TimeZone: "UTC"}}
	n.must(n.desk.AddDesk(t.Context(), root, &jeju))
	n.university = models.Organisation{OrganisationFields: models.OrganisationFields{Name: "Ewha", Type: "university", Active: true}}
	n.must(n.desk.AddOrganisation(t.Context(), root, &n.university))
	service := models.Service{OrganisationID: n.university.ID, CapacityAvailable: 3, CapacityMaximum: 3, ServiceFields: models.ServiceFields{Kind: "prevention", Status: "active"}}
	n.must(n.desk.AddService(t.Context(), root, &service))
	n.jurist, n.admin = n.person(models.RoleRequester), n.person(models.RoleAdmin)
	return n
}

func (n *network) now() time.Time { return *n.at.Load() }

func (n *network) set(to time.Time) { n.at.Store(&to) }

func (n *network) must(err error) {
	n.t.Helper()
	if err != nil {
		n.t.Fatal(err)
	}
}

func (n *network) person(role string) models.Actor {
	n.t.Helper()
	u := models.User{OrganisationID: n.university.ID, UserFields: models.UserFields{Name: role, Roles: []string{role}, Active: true}}
	n.must(n.desk.AddUser(n.t.Context(), models.Actor{Roles: []string{models.RoleAdmin}}, &u))
	return u.Actor(uuid.Nil)
}

// training is a request that a desk has taken.
func (n *network) training() uuid.UUID {
	n.t.Helper()
	row := &models.Training{TrainingFields: models.TrainingFields{
		Title: "A training", Audiences: []string{"paralegal"}, Topics: []string{"prevention"}, Mode: "onsite", Country: "PK", Languages: []string{"en"}, ParticipantsExpected: 3,
	}, Objectives: []models.Objective{}}
	n.must(n.desk.CreateTraining(n.t.Context(), n.jurist, row, workflow.Input{}))
	n.fire(row.ID, workflow.Take, workflow.Input{})
	return row.ID
}

func (n *network) fire(id uuid.UUID, do workflow.Action, in workflow.Input) {
	n.t.Helper()
	n.must(n.desk.Fire(n.t.Context(), n.admin, workflow.Training, id, desk.Whatever, do, in))
}

func (n *network) is(id uuid.UUID) workflow.State {
	n.t.Helper()
	v, err := n.desk.Training(n.t.Context(), n.admin, id)
	n.must(err)
	return v.Row.State
}

func (n *network) ticks(want int) {
	n.t.Helper()
	got, err := n.clerk.Tick(n.t.Context())
	if err != nil || got != want {
		n.t.Errorf("%d moves at %s, want %d: %v", got, n.now(), want, err)
	}
}

// To the microsecond: a deadline has passed when it is reached, for the clock
// and for who answers alike, so that no moment belongs to both or to neither.
func TestDeadlinesAreExact(t *testing.T) {
	t.Parallel()
	n := found(t)
	offered, asked := n.training(), n.training()
	n.fire(asked, workflow.RequestInformation, workflow.Input{Question: "How many?"})
	n.fire(offered, workflow.Approve, workflow.Input{Priority: "low"})
	until := noon.Add(time.Hour)
	at, err := n.desk.Offer(t.Context(), n.admin, workflow.Training, offered, desk.Whatever, workflow.Input{Organisation: n.university.ID.String(), RespondBy: until})
	n.must(err)

	n.set(until.Add(-time.Microsecond))
	n.ticks(0)
	n.set(until)
	err = n.desk.FireAssignment(t.Context(), n.person(models.RolePartner), at, desk.Whatever, workflow.Accept, workflow.Input{})
	if !fault.Is(err, "offer_closed") {
		t.Errorf("accepting at the deadline: %v", err)
	}
	n.ticks(1)
	if got := n.is(offered); got != workflow.Approved {
		t.Errorf("the request is %s", got)
	}
	n.set(noon.Add(workflow.AnswerSpan - time.Microsecond))
	n.ticks(0)
	n.set(noon.Add(workflow.AnswerSpan))
	n.ticks(1)
	n.ticks(0)
	if got := n.is(asked); got != workflow.Withdrawn {
		t.Errorf("the request is %s", got)
	}
}

// What the table refuses by the time its turn comes is left alone, and does
// not stop what comes after it.
func TestTheClockSkipsWhatIsRefused(t *testing.T) {
	t.Parallel()
	n := found(t)
	asked := n.training()
	n.fire(asked, workflow.RequestInformation, workflow.Input{Question: "How many?"})
	var calls atomic.Int64
	wavering := desk.New(n.db, func() time.Time { // looks late, and acts early
		if calls.Add(1) == 1 {
			return noon.Add(workflow.AnswerSpan)
		}
		return noon
	})
	if made, err := wavering.Tick(t.Context()); made != 0 || err != nil {
		t.Errorf("%d moves: %v", made, err)
	}
	if got := n.is(asked); got != workflow.InformationRequested {
		t.Errorf("the request is %s", got)
	}
}

// eightTick lets eight nodes tick at the same moment, and counts their moves.
func (n *network) eightTick() int64 {
	n.t.Helper()
	var made atomic.Int64
	var nodes sync.WaitGroup
	for range 8 {
		nodes.Go(func() {
			got, err := n.clerk.Tick(context.Background())
			if err != nil {
				n.t.Error(err)
			}
			made.Add(int64(got))
		})
	}
	nodes.Wait()
	return made.Load()
}

// Eight nodes tick at the same moment over twelve deadlines: twelve moves, and
// every record has one event more.
func TestManyNodesTick(t *testing.T) {
	t.Parallel()
	n := found(t)
	const deadlines = 12
	var all [deadlines]uuid.UUID
	for i := range all {
		all[i] = n.training()
		n.fire(all[i], workflow.RequestInformation, workflow.Input{Question: "How many?"})
	}
	n.set(noon.Add(2 * workflow.AnswerSpan))
	if made := n.eightTick(); made != deadlines {
		t.Errorf("%d moves, want %d", made, deadlines)
	}
	for _, id := range all {
		events, _, err := n.desk.Events(t.Context(), n.admin, workflow.Training, id, 0, 100)
		if err != nil || len(events) != 4 || n.is(id) != workflow.Withdrawn {
			t.Errorf("%s has %d events: %v", n.is(id), len(events), err)
		}
	}
}

// Old idempotency keys are swept, young ones stay.
func TestForget(t *testing.T) {
	t.Parallel()
	n := found(t)
	ran := 0
	once := func(key string) {
		t.Helper()
		_, _, err := n.desk.Once(t.Context(), n.jurist, key, [32]byte{1}, func(context.Context) ([]byte, error) {
			ran++
			return []byte("reply"), nil
		})
		n.must(err)
	}
	once("old")
	n.set(noon.Add(desk.KeysLast - time.Second))
	once("young")
	n.set(noon.Add(desk.KeysLast + time.Second))
	n.must(n.clerk.Forget(t.Context()))
	n.set(noon) // when both would count, if both were there
	once("old")
	once("young")
	if ran != 3 {
		t.Errorf("%d ran, want the two and the one that was forgotten", ran)
	}
}
