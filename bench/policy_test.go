// Package bench measures what things cost: make bench.
package bench

import (
	"context"
	"crypto/md5"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver

	"onward/desk"
	"onward/localpg"
	"onward/models"
	"onward/models/modelstest"
)

// cases are 20,000, of 20 organisations, at 4 desks; each is in service with
// one of 20 partners and has a consent, two events and a sealed narrative.
const cases = `SET session_replication_role = replica;
CREATE FUNCTION pg_temp.id(kind text, n int) RETURNS uuid IMMUTABLE RETURN md5(kind || n)::uuid;
INSERT INTO desks (id, name, created_at, updated_at) SELECT pg_temp.id('desk', n), 'desk ' || n, now(), now() FROM generate_series(0, 3) n;
INSERT INTO organisations (id, name, type, created_at, updated_at) SELECT pg_temp.id('organisation', n), 'organisation ' || n, 'ngo', now(), now() FROM generate_series(0, 39) n;
INSERT INTO case_referrals (id, reference, state, version, desk_id, owner_id, organisation_id, created_at, updated_at, due_at, subject_code, age_band, country, services, urgency, summary)
SELECT pg_temp.id('case', n), 'CR-' || n, 'in_service', 5, pg_temp.id('desk', n % 4), pg_temp.id('user', n % 20), pg_temp.id('organisation', n / 4 % 20),
	now() - n * interval '1 min', now() - n * interval '1 min', now() + n * interval '1 min', 'S-' || n, 'adult', 'PH', '{child_protection}', 'normal', 'a summary'
FROM generate_series(1, 20000) n;
INSERT INTO assignments (id, kind, request_id, desk_id, owner_organisation_id, organisation_id, service_id, service, consent_id, state, version, round, offered_by, respond_by, created_at, updated_at, accepted_at)
SELECT pg_temp.id('assignment', n), 'case_referral', pg_temp.id('case', n), pg_temp.id('desk', n % 4), pg_temp.id('organisation', n / 4 % 20), pg_temp.id('organisation', 20 + n / 80 % 20),
	pg_temp.id('service', n), 'child_protection', pg_temp.id('consent', n), 'accepted', 2, 1, pg_temp.id('user', 0), now(), now() - n * interval '1 min', now(), now()
FROM generate_series(1, 20000) n;
INSERT INTO consents (id, referral_id, basis, given_by, given_at, purposes, recorded_by, recorded_at)
SELECT pg_temp.id('consent', n), pg_temp.id('case', n), 'consent', 'individual', now(), '{referral}', pg_temp.id('user', 0), now() FROM generate_series(1, 20000) n;
INSERT INTO events (id, workflow, record_id, request_id, seq, name, from_state, action, to_state, actor_role, desk_id, at)
SELECT gen_random_uuid(), 'case_referral', pg_temp.id('case', n), pg_temp.id('case', n), seq, 'n', 'new', 'create', 'submitted', 'owner', pg_temp.id('desk', n % 4), now()
FROM generate_series(1, 20000) n, generate_series(1, 2) seq;`

func id(kind string, n int) uuid.UUID { return uuid.UUID(md5.Sum([]byte(kind + strconv.Itoa(n)))) } // as the SQL does

// filled gives the address of a database with the cases in it.
func filled(b *testing.B) string {
	b.Helper()
	dsn := modelstest.Migrated(b)
	db, err := sql.Open("pgx", modelstest.As(localpg.Superuser, dsn))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(b.Context(), cases); err != nil {
		b.Fatal(err)
	}
	seal(b, modelstest.Enter(b, modelstest.As(localpg.Migrate, dsn)))
	if _, err := db.ExecContext(b.Context(), "VACUUM ANALYZE"); err != nil {
		b.Fatal(err)
	}
	return dsn
}

// seal writes the narratives.
func seal(b *testing.B, db *models.DB) {
	b.Helper()
	err := db.InTx(b.Context(), models.Actor{}, time.Now(), func(_ context.Context, tx *models.Tx) error {
		for n := 1; n <= 20000; n++ {
			if err := tx.MakeKey(id("case", n), time.Now()); err != nil {
				return err
			}
			if err := tx.Seal(id("case", n), id("case", n), models.Words{"narrative": "What happened."}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

// The price of row-level security: the same calls by a role that policies bind
// and by one that they don't, in turns, so that whatever else the machine does
// falls on both.
func BenchmarkPolicies(b *testing.B) {
	dsn := filled(b)
	bound := desk.New(modelstest.Enter(b, dsn), time.Now)
	free := desk.New(modelstest.Enter(b, modelstest.As(localpg.Superuser, dsn)), time.Now)
	at := id("desk", 1)
	people := []struct {
		name string
		models.Actor
		first, step int // the cases that it sees
	}{
		{"referrer", models.Actor{UserID: id("user", 1), OrganisationID: id("organisation", 1), Roles: []string{models.RoleReferrer}}, 4, 80},
		{"partner", models.Actor{UserID: id("user", 2), OrganisationID: id("organisation", 21), Roles: []string{models.RolePartner}}, 80, 1600},
		{"admin of a desk", models.Actor{UserID: id("user", 3), OrganisationID: id("organisation", 0), DeskID: &at, Roles: []string{models.RoleAdmin}}, 1, 4},
		{"admin of the network", models.Actor{UserID: id("user", 4), OrganisationID: id("organisation", 0), Roles: []string{models.RoleAdmin}}, 1, 1},
	}
	var told strings.Builder
	fmt.Fprintf(&told, "\n%-32s %10s %10s %8s\n", "20,000 cases, medians", "bound, µs", "free, µs", "price")
	for _, p := range people {
		list := func(d *desk.Desk, _ int) error {
			all, _, err := d.Referrals(b.Context(), p.Actor, models.Filter{}, models.Slice{Limit: 50, Order: "-created_at"})
			if err == nil && len(all) != 50 {
				err = fmt.Errorf("%d cases", len(all))
			}
			return err
		}
		get := func(d *desk.Desk, n int) error {
			v, err := d.Referral(b.Context(), p.Actor, id("case", p.first+n%12*p.step))
			if err == nil && v.Texts.Narrative == "" {
				err = fmt.Errorf("no narrative")
			}
			return err
		}
		for name, call := range map[string]func(*desk.Desk, int) error{"list of 50": list, "get": get} {
			with, without := compare(b, bound, free, call)
			fmt.Fprintf(&told, "%-32s %10d %10d %7.0f%%\n", name+", "+p.name, with.Microseconds(), without.Microseconds(), 100*float64(with-without)/float64(without))
		}
	}
	b.Log(told.String())
}

// compare gives the medians of what a call takes, over blocks in turns.
func compare(b *testing.B, bound, free *desk.Desk, call func(*desk.Desk, int) error) (with, without time.Duration) {
	b.Helper()
	const blocks, calls = 31, 10
	took := map[*desk.Desk][]time.Duration{}
	for range blocks {
		for _, d := range []*desk.Desk{bound, free} {
			began := time.Now()
			for n := range calls {
				if err := call(d, n); err != nil {
					b.Fatal(err)
				}
			}
			took[d] = append(took[d], time.Since(began)/calls)
		}
	}
	median := func(d *desk.Desk) time.Duration { slices.Sort(took[d]); return took[d][blocks/2] }
	return median(bound), median(free)
}
