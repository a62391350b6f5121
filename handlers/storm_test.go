package handlers

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"onward/localpg"
	"onward/models"
	"onward/models/modelstest"
	"onward/workflow"
)

// storm is what its people act on, and how often each answer was seen.
type storm struct {
	*service
	mu    sync.Mutex
	paths []string // of requests and assignments
	seen  map[string]int
}

// theirs is where most of what a role may see begins.
var theirs = map[string]string{models.RoleRequester: trainings, models.RoleReferrer: referrals, models.RolePartner: assignments, models.RoleAdmin: "/v1/"}

// pick is one of the last made, so that many meet.
func (s *storm) pick(r *rand.Rand, who *person) (path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for range 20 {
		path = s.paths[len(s.paths)-1-r.IntN(min(len(s.paths), 20))]
		if strings.HasPrefix(path, theirs[who.user.Roles[0]]) {
			break
		}
	}
	return path
}

func (s *storm) note(what string, a answered) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen[fmt.Sprint(what, " ", a.status)]++
	if at := a.header.Get("Location"); a.status == 201 && at != "" {
		s.paths = append(s.paths, at)
	}
}

// bodies are the bodies of each action of each kind, with all that they need.
func (s *storm) bodies() map[string][]string {
	all := map[string][]string{}
	for _, flow := range workflow.All() {
		for _, r := range flow.Rows {
			if r.Door == workflow.Transitions && r.By&^(workflow.Clock|workflow.Effect) != 0 {
				all[string(r.Do)] = append(all[string(r.Do)], fmt.Sprintf(`{"action": %q%s}`, r.Do, s.carrying(r)))
			}
		}
	}
	return all
}

// ends are done seldom, or all would soon be over.
var ends = []string{"withdraw", "revoke_consent", "reject", "decline", "revoke", "return", "transfer"}

// act does something at random, as somebody: mostly what the record says that
// can be done, though it may be so no longer.
func (s *storm) act(r *rand.Rand, who *person, bodies map[string][]string) {
	do := func(what, method, path, body string, headers ...string) answered {
		a, _, _, err := who.send(method, path, body, headers...) //nolint:bodyclose // send has closed it
		if err != nil || a.status >= 500 {
			s.t.Errorf("%s %s: %v %d %s", what, body, err, a.status, a.body)
		}
		s.note(what, a)
		return a
	}
	switch role, chance := who.user.Roles[0], r.IntN(40); {
	case role == models.RoleAdmin && chance == 0:
		do("next", "POST", "/v1/queue/next", "")
		return
	case role == models.RoleRequester && chance == 0:
		do("create", "POST", "/v1/training-requests", fmt.Sprintf(aTraining, ""))
		return
	case role == models.RoleReferrer && chance == 0:
		do("create", "POST", "/v1/case-referrals", fmt.Sprintf(aReferral, ""))
		return
	}
	path := s.pick(r, who)
	read := do("read", "GET", path, "")
	can := read.list("actions")
	if read.status != 200 || len(can) == 0 {
		return
	}
	action, _ := can[r.IntN(len(can))].(map[string]any)
	name, _ := action["action"].(string)
	match := "If-Match: *"
	if r.IntN(2) == 0 {
		match = "If-Match: " + read.header.Get("ETag")
	}
	switch choice := bodies[name]; {
	case slices.Contains(ends, name) && r.IntN(8) > 0:
	case name == "offer":
		of := []string{s.iom.ID.String(), s.unhcr.ID.String(), s.unitar.ID.String(), s.ewha.ID.String(), s.bystanders.ID.String()}[r.IntN(5)]
		service := ""
		if strings.HasPrefix(path, referrals) {
			service = []string{`, "service": "child_protection"`, `, "service": "international_protection"`}[r.IntN(2)]
		}
		do("offer", "POST", path+"/assignments", fmt.Sprintf(`{"organisation_id": %q%s}`, of, service))
	case name == "edit":
		do("edit", "PATCH", path, `{"subdivision": null}`, match)
	case name == "add_consent":
		do("consent", "POST", path+"/consents", aConsent)
	case len(choice) > 0:
		do(name, "POST", path+"/transitions", choice[r.IntN(len(choice))], match, fmt.Sprintf("Idempotency-Key: %d", r.IntN(5000)))
	}
}

// Everyone does anything at once, for some seconds: nothing breaks, nobody
// waits for a deadlock to be broken, and in the end everything adds up.
func TestStorm(t *testing.T) {
	t.Parallel()
	s := &storm{service: start(t), seen: map[string]int{}}
	for range 4 {
		open, approved := s.openCase(""), s.approvedTraining()
		s.paths = append(s.paths, open, approved, s.offered(open, "iom"), s.offered(approved, "unitar"))
	}
	people := []string{"jurist", "referrer", "admin", "admin", "admin", "network", "iom", "iom", "unhcr", "unitar", "ewha", "bystander"}
	bodies, until := s.bodies(), time.Now().Add(3*time.Second)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	var all sync.WaitGroup
	for i, name := range people {
		who, r := s.as(name), rand.New(rand.NewPCG(seed, uint64(i)))
		all.Go(func() {
			for time.Now().Before(until) {
				s.act(r, who, bodies)
			}
		})
	}
	all.Go(func() { // and the clock goes on
		for time.Now().Before(until) {
			s.now.advance(20 * time.Minute)
			if _, err := s.clerk.Tick(t.Context()); err != nil {
				t.Errorf("the clock: %v", err)
			}
			time.Sleep(20 * time.Millisecond)
		}
	})
	all.Wait()
	t.Log(s.seen)
	if s.seen["accept 200"] == 0 {
		t.Error("nothing was ever accepted")
	}
	s.agrees()
	s.addsUp()
	if n := s.deadlocks(); n > 0 {
		t.Errorf("PostgreSQL broke %d deadlocks", n)
	}
}

// sums are what can't be, whatever was done: each gives the records that are so.
var sums = map[string]string{
	"a live assignment of what is over": `SELECT a.id FROM assignments a LEFT JOIN training_requests t ON t.id = a.request_id LEFT JOIN case_referrals c ON c.id = a.request_id
		WHERE a.state IN ('offered', 'accepted', 'in_progress', 'on_hold')
		AND (t.state IN ('rejected', 'closed', 'withdrawn') OR c.state IN ('rejected', 'closed', 'withdrawn', 'consent_revoked'))`,
	"a training without the one who holds it, or with several": `SELECT id FROM training_requests t WHERE state IN ('matched', 'scheduled', 'delivered', 'evaluated')
		AND (SELECT count(*) FROM assignments a WHERE a.request_id = t.id AND a.round = t.round AND a.state IN ('accepted', 'in_progress', 'on_hold', 'completed')) <> 1`,
	"a training that is offered to nobody": `SELECT id FROM training_requests t WHERE state = 'offered'
		AND NOT EXISTS (SELECT FROM assignments a WHERE a.request_id = t.id AND a.state = 'offered')`,
	"a training that is taken on before it is matched": `SELECT id FROM training_requests t WHERE state IN ('in_triage', 'approved', 'offered')
		AND EXISTS (SELECT FROM assignments a WHERE a.request_id = t.id AND a.round = t.round AND a.state IN ('accepted', 'in_progress', 'on_hold'))`,
	"a case that is open though somebody works on it": `SELECT id FROM case_referrals c WHERE state = 'open'
		AND EXISTS (SELECT FROM assignments a WHERE a.request_id = c.id AND a.round = c.round AND a.state IN ('accepted', 'in_progress', 'on_hold'))`,
	"places that do not add up": `SELECT id FROM services s WHERE capacity_available <> capacity_maximum
		- (SELECT count(*) FROM assignments a WHERE a.service_id = s.id AND a.state IN ('accepted', 'in_progress', 'on_hold'))`,
	"an end without its time": `SELECT id FROM assignments WHERE (ended_at IS NULL) = (state NOT IN ('offered', 'accepted', 'in_progress', 'on_hold'))`,
}

func (s *service) addsUp() {
	s.t.Helper()
	db, err := sql.Open("pgx", modelstest.As(localpg.Superuser, s.dsn))
	s.must(err)
	defer func() { s.must(db.Close()) }()
	for what, query := range sums {
		var ids sql.NullString
		s.must(db.QueryRowContext(s.t.Context(), "SELECT string_agg(id::text, ', ') FROM ("+query+") x").Scan(&ids))
		if ids.Valid {
			s.t.Errorf("%s: %s", what, ids.String)
		}
	}
}
