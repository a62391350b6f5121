package handlers

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"onward/localpg"
	"onward/models"
	"onward/models/modelstest"
)

// startDurable is start on a cluster that keeps what it acknowledges, and that
// can be taken away.
func startDurable(t *testing.T) (*service, *modelstest.OwnCluster) {
	t.Helper()
	own := modelstest.Durable(t)
	return startIn(t, own), own
}

// startIn is start in a cluster that belongs to the test.
func startIn(t *testing.T, own *modelstest.OwnCluster) *service {
	t.Helper()
	db, err := models.Open(own.DSN(localpg.Migrate, localpg.Database), modelstest.Ring)
	if err == nil {
		_, err = db.Migrate(t.Context())
		err = errors.Join(err, db.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return startOn(t, own.DSN(localpg.App, localpg.Database))
}

// stream is people who send one request after the other, each with its own
// key, and what they were told.
type stream struct {
	*service
	mu    sync.Mutex
	acked map[string]string // key: id
	away  []string          // keys whose request was answered with 503
}

func (s *stream) send(key string) answered {
	return s.as("jurist").do("POST", "/v1/training-requests", fmt.Sprintf(aTraining, ""), "Idempotency-Key: "+key)
}

// told notes an answer, and fails if it is neither a yes nor an honest no.
func (s *stream) told(key string, a answered) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch a.status {
	case http.StatusCreated:
		s.acked[key] = a.str("id")
	case http.StatusServiceUnavailable:
		s.away = append(s.away, key)
		if a.str("code") != "unavailable" || a.header.Get("Retry-After") == "" {
			s.t.Errorf("%v %s", a.header, a.body)
		}
	default:
		s.t.Errorf("%d %s", a.status, a.body)
	}
}

func (s *stream) counts() (acked, away int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.acked), len(s.away)
}

// retried sends each key once more, and fails unless each has one record, the
// one that was acknowledged where one was.
func (s *stream) retried() {
	s.t.Helper()
	acked, away := s.counts()
	replayed := 0
	for _, key := range s.away {
		again := s.send(key).want(201)
		if again.header.Get("Idempotency-Replayed") == "true" {
			replayed++ // it had been written, and the word of it got lost
		}
		s.acked[key] = again.str("id")
	}
	ids := map[string]bool{}
	for key, id := range s.acked {
		if again := s.send(key).want(201); again.str("id") != id || again.header.Get("Idempotency-Replayed") != "true" {
			s.t.Errorf("%s was answered with %s, and is %s", key, id, again.body)
		}
		ids[id] = true
	}
	listed := s.as("jurist").walk("/v1/training-requests", 200)
	if len(listed) != len(ids) || len(ids) != len(s.acked) {
		s.t.Errorf("%d keys, %d records, %d listed", len(s.acked), len(ids), len(listed))
	}
	s.t.Logf("%d acknowledged, %d refused, of which %d were written", acked, away, replayed)
	s.agrees()
}

// The database dies in the middle of work and comes back: meanwhile 503, and
// nothing half-written; afterwards the same service works on, and has all that
// it acknowledged.
func TestTheDatabaseGoesAway(t *testing.T) {
	t.Parallel()
	plain, own := startDurable(t)
	s := &stream{service: plain, acked: map[string]string{}}
	path := s.openCase("")
	at := s.offered(path, "iom")
	const people = 6
	stop := make(chan struct{})
	var all sync.WaitGroup
	for i := range people {
		all.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				key := fmt.Sprintf("%d-%d", i, n)
				s.told(key, s.send(key))
			}
		})
	}
	s.until(func() bool { acked, _ := s.counts(); return acked >= 20 })
	own.Crash(t)
	s.until(func() bool { _, away := s.counts(); return away >= 2*people })
	close(stop)
	all.Wait()

	before := time.Now()
	for _, ask := range [][2]string{
		{"GET", "/readyz"},
		{"GET", "/v1/me"},
		{"GET", path},
		{"GET", "/v1/training-requests"},
		{"GET", "/v1/queue"},
		{"POST", "/v1/queue/next"},
		{"POST", at + "/transitions"},
		{"DELETE", path},
		{"PATCH", path},
		{"GET", "/v1/training-requests/7"},
	} {
		body := map[string]string{"POST": `{"action": "accept"}`, "PATCH": `{"summary": "s"}`}[ask[0]]
		got := s.as("iom").do(ask[0], ask[1], body, "If-Match: *").want(503, "unavailable")
		if got.header.Get("Retry-After") == "" || got.header.Get("ETag") != "" || strings.Contains(string(got.body), "nothing was written") {
			t.Errorf("%v %s", got.header, got.body)
		}
	}
	for _, open := range []string{"/healthz", "/v1/workflows", "/v1/vocabularies/topics", "/openapi.yaml", "/problems/unavailable"} {
		s.as("nobody").do("GET", open, "").want(200)
	}
	s.as("nobody").do("GET", "/v1/me", "").want(401)
	if took := time.Since(before); took > 5*time.Second {
		t.Errorf("to say so took %v", took)
	}

	own.Restart(t)
	s.as("nobody").do("GET", "/readyz", "").want(200)
	s.retried()
	s.state(path, "open")
	s.as("iom").fire(at, "accept", "").want(200)
	s.state(path, "in_service")
	s.agrees()
}

func (s *service) until(so func() bool) {
	s.t.Helper()
	for limit := time.Now().Add(30 * time.Second); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(limit) {
			s.t.Fatal("it never came to it")
		}
	}
}

// Sessions are cut again and again, as a failing network does: every answer is
// the true one or 503, never another, and each key has one record.
func TestSessionsAreCut(t *testing.T) {
	t.Parallel()
	s := &stream{service: start(t), acked: map[string]string{}}
	const people, each = 6, 30
	var all sync.WaitGroup
	for i := range people {
		all.Go(func() {
			for n := range each {
				key := fmt.Sprintf("%d-%d", i, n)
				s.told(key, s.send(key))
				if got := s.as("jurist").do("GET", "/v1/training-requests?limit=1", ""); got.status != 200 && got.status != 503 {
					t.Errorf("%d %s", got.status, got.body)
				}
			}
		})
	}
	over := make(chan struct{})
	go func() { all.Wait(); close(over) }()
	wait := 100 * time.Millisecond
	for cutting := true; cutting; wait += wait / 10 { // a slow machine gets its turn, too
		select {
		case <-over:
			cutting = false
		case <-time.After(wait):
			s.asSuperuser("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
		}
	}
	if acked, away := s.counts(); acked == 0 || away == 0 {
		t.Errorf("%d were acknowledged, %d cut off", acked, away)
	}
	s.until(func() bool { return s.as("jurist").do("GET", "/v1/me", "").status == 200 })
	time.Sleep(1100 * time.Millisecond) // idle sessions are tried before they are used, from a second on
	s.retried()
}
