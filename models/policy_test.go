package models_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"onward/localpg"
	"onward/models"
	"onward/models/modelstest"
)

// root believes of itself that it sees everything: whatever a query of this
// package lets through for it, in the transaction of somebody else, row-level
// security alone has let through.
var root = models.Actor{Roles: []string{models.RoleAdmin}}

// everyone is a caller of each kind.
func (w *world) everyone() []models.Actor {
	who := func(of uuid.UUID, at *uuid.UUID, roles ...string) models.Actor {
		return models.Actor{UserID: models.NewID(), OrganisationID: of, DeskID: at, Roles: roles}
	}
	all := []models.Actor{
		who(w.helping[0], nil, models.RoleAdmin), who(w.helping[0], nil, models.RoleAuditor), who(uuid.New(), nil, models.RolePartner, models.RoleReferrer, models.RoleRequester),
		who(w.helping[0], &w.desks[1], models.RoleAdmin, models.RolePartner), who(w.helping[1], nil),
		{},
	}
	for i := range 2 {
		all = append(all, who(w.asking[i], nil, models.RoleReferrer), who(w.asking[i], nil, models.RoleRequester), who(w.helping[i], nil, models.RolePartner), who(w.asking[i], &w.desks[i], models.RoleAdmin))
	}
	return all
}

// asked is one question to a database in which no filter but the policies
// stands, and the ids that the answer may have, and has to have.
type asked struct {
	name string
	ask  func(*models.Tx, placed) ([]uuid.UUID, error)
	want func(*world, models.Actor, placed) []uuid.UUID
}

func questions() []asked {
	whole := models.Slice{Limit: 200, Order: "created_at"}
	seen := func(kind string) func(*world, models.Actor, placed) []uuid.UUID {
		return func(w *world, a models.Actor, _ placed) (ids []uuid.UUID) {
			for _, p := range w.requests {
				if p.kind == kind && p.seenBy(a) {
					ids = append(ids, p.id)
				}
			}
			return ids
		}
	}
	this := func(when func(models.Actor, placed) bool) func(*world, models.Actor, placed) []uuid.UUID {
		return func(_ *world, a models.Actor, p placed) []uuid.UUID {
			if when(a, p) {
				return []uuid.UUID{p.id}
			}
			return nil
		}
	}
	sees := this(func(a models.Actor, p placed) bool { return p.seenBy(a) })
	return []asked{
		{"a list of cases", func(tx *models.Tx, _ placed) ([]uuid.UUID, error) {
			rows, _, err := tx.Referrals(root, models.Filter{Now: today}, whole)
			return idsOf(rows, func(r *models.Referral) uuid.UUID { return r.ID }), err
		}, seen("case_referral")},
		{"a list of trainings", func(tx *models.Tx, _ placed) ([]uuid.UUID, error) {
			rows, _, err := tx.Trainings(root, models.Filter{Now: today}, whole)
			return idsOf(rows, func(r *models.Training) uuid.UUID { return r.ID }), err
		}, seen("training_request")},
		{"a list of assignments", func(tx *models.Tx, p placed) ([]uuid.UUID, error) {
			rows, _, err := tx.Assignments(root, models.Filter{Now: today, Request: p.id}, whole)
			return idsOf(rows, func(x *models.Assignment) uuid.UUID { return x.ID }), err
		}, func(_ *world, a models.Actor, p placed) (ids []uuid.UUID) {
			for _, x := range p.assignments {
				if x.heldBy(a) || p.ownedBy(a) || a.Administers(p.desk) {
					ids = append(ids, x.id)
				}
			}
			return ids
		}},
		{"one request", func(tx *models.Tx, p placed) ([]uuid.UUID, error) {
			rows, err := tx.GetRequests(p.kind, []uuid.UUID{p.id})
			return idsOf(rows, func(r models.Request) uuid.UUID { return r.Head().ID }), err
		}, sees},
		{"its consents", func(tx *models.Tx, p placed) ([]uuid.UUID, error) {
			rows, err := tx.ConsentsOf(p.id)
			return idsOf(rows[p.id], func(c models.Consent) uuid.UUID { return c.ReferralID }), err
		}, this(func(a models.Actor, p placed) bool { return p.kind == "case_referral" && p.seenBy(a) })},
		{"its log", func(tx *models.Tx, p placed) ([]uuid.UUID, error) {
			rows, err := tx.EventsOf(p.id, nil, nil, 0, 100)
			return idsOf(rows, func(e models.Event) uuid.UUID { return e.RecordID }), err
		}, func(_ *world, a models.Actor, p placed) (ids []uuid.UUID) {
			if !p.seenBy(a) && !a.Has(models.RoleAuditor) {
				return nil
			}
			ids = append(ids, p.id)
			for _, x := range p.assignments {
				ids = append(ids, x.id)
			}
			return ids
		}},
		{"who read it", func(tx *models.Tx, p placed) ([]uuid.UUID, error) {
			return plainly(tx, "SELECT referral_id FROM accesses WHERE referral_id = '"+p.id.String()+"'")
		}, this(func(a models.Actor, p placed) bool {
			return p.kind == "case_referral" && (p.ownedBy(a) || a.Administers(p.desk))
		})},
		{"what compares its person", func(tx *models.Tx, p placed) ([]uuid.UUID, error) {
			return plainly(tx, "SELECT referral_id FROM match_tokens WHERE referral_id = '"+p.id.String()+"'")
		}, this(func(a models.Actor, p placed) bool {
			return p.kind == "case_referral" && (p.ownedBy(a) || a.Administers(p.desk))
		})},
		{"whose double it may be", func(tx *models.Tx, p placed) ([]uuid.UUID, error) {
			return plainly(tx, "SELECT one FROM duplicate_links WHERE one = '"+p.id.String()+"'")
		}, this(func(a models.Actor, p placed) bool { return p.kind == "case_referral" && a.Administers(p.desk) })},
		{"the plans of whom to offer it to", func(tx *models.Tx, p placed) ([]uuid.UUID, error) {
			return plainly(tx, "SELECT request_id FROM plans WHERE request_id = '"+p.id.String()+"'")
		}, this(func(a models.Actor, p placed) bool { return a.Administers(p.desk) })},
		{"whom they name", func(tx *models.Tx, p placed) ([]uuid.UUID, error) {
			return plainly(tx, "SELECT plan_id FROM plan_steps WHERE plan_id = '"+p.id.String()+"'")
		}, this(func(a models.Actor, p placed) bool { return a.Administers(p.desk) })},
		{"for whom it waits", func(tx *models.Tx, p placed) ([]uuid.UUID, error) {
			return plainly(tx, "SELECT request_id FROM waits WHERE request_id = '"+p.id.String()+"'")
		}, this(func(a models.Actor, p placed) bool { return a.Administers(p.desk) })},
		{"its data key", func(tx *models.Tx, p placed) ([]uuid.UUID, error) {
			return plainly(tx, "SELECT request_id FROM data_keys WHERE request_id = '"+p.id.String()+"'")
		}, this(func(a models.Actor, p placed) bool {
			return p.seenBy(a) || slices.ContainsFunc(p.assignments, func(x work) bool { return x.heldBy(a) && (x.taken() || x.state == "offered") })
		})},
		{"what is sealed of it", func(tx *models.Tx, p placed) ([]uuid.UUID, error) {
			return plainly(tx, "SELECT of FROM sealed_texts WHERE request_id = '"+p.id.String()+"'")
		}, func(_ *world, a models.Actor, p placed) (ids []uuid.UUID) {
			if p.seenBy(a) {
				ids = append(ids, p.id)
			}
			for _, x := range p.assignments {
				if p.seenBy(a) || x.heldBy(a) && (x.taken() || x.state == "offered") {
					ids = append(ids, x.id)
				}
			}
			return ids
		}},
	}
}

func idsOf[T any](rows []T, id func(T) uuid.UUID) (ids []uuid.UUID) {
	for _, r := range rows {
		ids = append(ids, id(r))
	}
	return ids
}

func plainly(tx *models.Tx, query string) (ids []uuid.UUID, err error) {
	return ids, tx.Ask(query, &ids)
}

// foreign names what an answer has and may not have, or lacks.
func foreign(got, want []uuid.UUID) string {
	slices.SortFunc(got, compare)
	slices.SortFunc(want, compare)
	if slices.Equal(got, want) {
		return ""
	}
	return fmt.Sprintf("%d ids, want %d", len(got), len(want))
}

func compare(a, b uuid.UUID) int { return strings.Compare(a.String(), b.String()) }

// With every filter of the program off, ten thousand requests of everyone at
// once, over few connections, show nobody a row that is not theirs, and
// nobody less than is.
func TestPoliciesAlone(t *testing.T) {
	t.Parallel()
	dsn := modelstest.Migrated(t)
	w := peopled(t, dsn)
	db := modelstest.Enter(t, dsn)
	db.Narrow(4)
	people, all := w.everyone(), questions()
	people = slices.DeleteFunc(people, func(a models.Actor) bool { return a.UserID == uuid.Nil }) // who serves requests is not the system
	const requests, callers = 10_000, 8
	var done sync.WaitGroup
	for caller := range callers {
		done.Go(func() {
			chance := rand.New(rand.NewPCG(2012, uint64(caller)))
			for range requests / callers {
				a, q, p := people[chance.IntN(len(people))], all[chance.IntN(len(all))], w.requests[chance.IntN(len(w.requests))]
				if q.name[:6] == "a list" && chance.IntN(4) > 0 {
					q = all[3]
				}
				err := db.Read(t.Context(), a, today, func(_ context.Context, tx *models.Tx) error {
					got, err := q.ask(tx, p)
					if wrong := foreign(got, q.want(w, a, p)); wrong != "" {
						t.Errorf("to %v with %v of %s: %s has %s", a.Roles, p.assignments, p.state, q.name, wrong)
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	done.Wait()
}

// The system sees all, and only by its own role.
func TestTheSystem(t *testing.T) {
	t.Parallel()
	dsn := modelstest.Migrated(t)
	w := peopled(t, dsn)
	for role, all := range map[string]int{localpg.Worker: len(w.requests), localpg.App: 0} {
		var n int
		err := modelstest.Enter(t, modelstest.As(role, dsn)).Read(t.Context(), models.Actor{}, today, func(_ context.Context, tx *models.Tx) error {
			return tx.Ask("SELECT (SELECT count(*) FROM case_referrals) + (SELECT count(*) FROM training_requests)", &n)
		})
		if err != nil || n != all {
			t.Errorf("%s, as the system, sees %d of %d requests: %v", role, n, len(w.requests), err)
		}
	}
}

// What a transaction is shown beyond its actor's own rights ends where it says.
func TestThroughAndAround(t *testing.T) {
	t.Parallel()
	dsn := modelstest.Migrated(t)
	w := peopled(t, dsn)
	db := modelstest.Enter(t, dsn)
	one, other := w.requests[0], w.requests[1]
	partner := models.Actor{UserID: models.NewID(), OrganisationID: models.NewID(), Roles: []string{models.RolePartner}}
	err := db.Read(t.Context(), partner, today, func(_ context.Context, tx *models.Tx) error {
		count := func(when string, want int) {
			rows, _, err := tx.Referrals(root, models.Filter{Now: today}, models.Slice{Limit: 200, Order: "created_at"})
			if err != nil || len(rows) != want {
				t.Errorf("%s it sees %d cases, want %d: %v", when, len(rows), want, err)
			}
		}
		count("before", 0)
		err := tx.Around([]uuid.UUID{one.id, other.id}, func() error { count("around", 2); return nil })
		count("after", 0)
		if err == nil {
			err = tx.Through(one.id)
		}
		count("through", 1)
		if err == nil {
			err = tx.Around([]uuid.UUID{other.id}, func() error { count("around, through", 2); return nil })
		}
		count("through still", 1)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	err = db.Read(t.Context(), partner, today, func(_ context.Context, tx *models.Tx) error {
		var n int
		err := tx.Ask("SELECT count(*) FROM case_referrals", &n)
		if n != 0 {
			t.Errorf("the next transaction sees %d", n)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
