package handlers

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"onward/localpg"
	"onward/models/modelstest"
)

// Two admins take one request, each from the version that it read: one has it,
// and the other reads what can be done now.
func TestTwoAdminsTakeOneRequest(t *testing.T) {
	t.Parallel()
	s := start(t)
	for n := range 10 {
		path := s.as("jurist").create("/v1/training-requests", fmt.Sprintf(aTraining, "")).header.Get("Location")
		match := []string{`If-Match: "1"`, "If-Match: *"}[n%2]
		answers := together(2, func(i int) answered {
			return s.as([]string{"admin", "network"}[i]).do("POST", path+"/transitions", `{"action": "take"}`, match)
		})
		if count(answers, 200) != 1 {
			t.Fatalf("%d took it", count(answers, 200))
		}
		for _, a := range answers {
			switch {
			case a.status == 200:
			case n%2 == 0:
				a.want(412, "stale")
			default:
				if a.want(409, "wrong_state"); a.str("state") != "in_triage" || len(a.list("allowed_actions")) == 0 {
					t.Errorf("%s", a.body)
				}
			}
		}
	}
	s.agrees()
}

// Twenty different cases, and one place: one has it, whoever asks.
func TestTheLastPlace(t *testing.T) {
	t.Parallel()
	s := start(t)
	const cases = 20
	row := s.services["iom/child_protection"]
	service := fmt.Sprintf("/v1/organisations/%s/services/%s", row.OrganisationID, row.ID)
	s.as("admin").do("PATCH", service, `{"capacity": {"available": 1, "maximum": 1}}`, "If-Match: *").want(200)
	var offers [cases]string
	for i := range cases {
		offers[i] = s.offered(s.openCase(""), "iom")
	}
	for range 2 { // and once more, when it is free again
		answers := together(cases, func(i int) answered { return s.as("iom").fire(offers[i], "accept", "") })
		if count(answers, 200) != 1 || s.places("iom/child_protection") != 0 {
			t.Fatalf("%d have the one place, %v are left", count(answers, 200), s.places("iom/child_protection"))
		}
		for i, a := range answers {
			if a.status == 200 {
				s.as("iom").fire(offers[i], "return", `, "reason": {"code": "moved_away"}`).want(200)
			} else if code := a.want(409).str("code"); code != "no_capacity" && code != "wrong_state" {
				t.Errorf("%s", a.body)
			}
		}
	}
	s.agrees()
}

// A request is withdrawn while a partner accepts it: afterwards nothing is
// live, and no place is lost, whoever was first.
func TestWithdrawalBeatsAcceptance(t *testing.T) {
	t.Parallel()
	s := start(t)
	for n := range 16 {
		path, who, owner, service, why := s.openCase(""), "iom", "referrer", "iom/child_protection", "person_declined"
		if n%2 == 0 {
			path, who, owner, service, why = s.approvedTraining(), "unitar", "jurist", "unitar/investigation_and_prosecution", "found_elsewhere"
		}
		at, full := s.offered(path, who), s.places(service)
		answers := together(2, func(i int) answered {
			if i == 0 {
				return s.as(who).fire(at, "accept", "")
			}
			return s.as(owner).fire(path, "withdraw", fmt.Sprintf(`, "reason": {"code": %q}`, why))
		})
		answers[1].want(200)
		if answers[0].status != 200 {
			answers[0].want(409, "wrong_state")
		}
		s.state(path, "withdrawn")
		s.state(at, "revoked")
		if left := s.places(service); left != full {
			t.Errorf("%v places, then %v", full, left)
		}
		s.as(who).do("GET", path, "").want(404)
	}
	s.agrees()
}

// A desk closes while requests come in: none is left in a desk that is closed,
// however they come to it.
func TestADeskClosesUnderRequests(t *testing.T) {
	t.Parallel()
	s := start(t)
	body := strings.NewReplacer(`"PK"`, `"TV"`, "PK-PB", "TV-FUN").Replace(fmt.Sprintf(aTraining, ""))
	for n := range 12 {
		one := s.addDesk(fmt.Sprintf("Desk %d", n), false, "TV")
		moving := s.reach("/v1/training-requests", ways["/v1/training-requests"]["in_triage"])
		answers := together(6, func(i int) answered {
			switch i {
			case 0:
				return s.as("network").do("DELETE", s.at(one), "", "If-Match: *")
			case 1:
				return s.as("admin").fire(moving, "transfer", fmt.Sprintf(`, "desk": %q, "reason": {"code": "language"}`, one.ID))
			}
			return s.as("jurist").do("POST", "/v1/training-requests", body)
		})
		here := s.as("network").items("/v1/training-requests?desk=" + one.ID.String())
		if closed := answers[0].status == 204; closed == (len(here) > 0) || !closed && answers[0].want(409, "desk_in_use").body == nil {
			t.Errorf("%d %s, with %d requests", answers[0].status, answers[0].body, len(here))
		}
		if answers[1].status != 200 {
			answers[1].want(409, "desk_inactive")
		}
		if count(answers[2:], 201) != 4 {
			t.Errorf("%d requests were taken in", count(answers[2:], 201))
		}
		for _, x := range here { // so that the next desk has the country
			id, _ := x["id"].(string)
			s.as("network").fire(trainings+id, "withdraw", `, "reason": {"code": "found_elsewhere"}`).want(200)
		}
		if len(here) > 0 {
			s.as("network").do("DELETE", s.at(one), "", "If-Match: *").want(204)
		}
	}
	s.agrees()
}

// Two cases have the same two services in another order. Whatever gives back
// their places together takes its locks in one order: nobody waits for PostgreSQL
// to find a deadlock.
func TestPlacesAreGivenBackInOneOrder(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.widen("iom/child_protection")
	s.widen("bystanders/child_protection")
	for range 12 {
		var paths [2]string
		for i := range paths {
			paths[i] = s.openCase("")
			for _, who := range [][]string{{"iom", "bystander"}, {"bystander", "iom"}}[i] {
				at := s.as("admin").offer(paths[i], s.as(who).user.OrganisationID.String(), "child_protection").want(201).header.Get("Location")
				s.as(who).fire(at, "accept", "").want(200)
			}
		}
		answers := together(2, func(i int) answered { return s.as("referrer").fire(paths[i], "revoke_consent", "") })
		if count(answers, 200) != 2 {
			t.Errorf("%s %s", answers[0].body, answers[1].body)
		}
	}
	s.agrees()
	if n := s.deadlocks(); n > 0 {
		t.Errorf("PostgreSQL broke %d deadlocks", n)
	}
}

// deadlocks tells how many PostgreSQL had to break in this database. Sessions
// tell it when they end, so it ends them.
func (s *service) deadlocks() (n int) {
	s.t.Helper()
	at, err := pgx.ParseConfig(s.dsn)
	s.must(err)
	db, err := sql.Open("pgx", modelstest.Cluster(s.t).DSN(localpg.Superuser, "postgres"))
	s.must(err)
	defer func() { s.must(db.Close()) }()
	ctx := context.Background()
	_, err = db.ExecContext(ctx, "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1", at.Database)
	s.must(err)
	time.Sleep(50 * time.Millisecond)
	s.must(db.QueryRowContext(ctx, "SELECT deadlocks FROM pg_stat_database WHERE datname = $1", at.Database).Scan(&n))
	return n
}
