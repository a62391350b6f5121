package handlers

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"onward/desk"
	"onward/localpg"
	"onward/models"
	"onward/models/modelstest"
)

// startDurable is start on a cluster that keeps what it acknowledges, and that
// can be taken away.
func startDurable(t *testing.T) (*service, *modelstest.OwnCluster) {
	t.Helper()
	own := modelstest.Durable(t)
	s := &service{t: t, dsn: own.DSN(localpg.Role, localpg.Database), now: &clock{}, log: &lockedBuffer{}, spec: newContract(t), services: map[string]models.Service{}, who: map[string]*person{}}
	db, err := models.Open(s.dsn)
	s.must(err)
	t.Cleanup(func() { _ = db.Close() })
	_, err = db.Migrate(t.Context())
	s.must(err)
	s.desk = desk.New(db, s.now.now)
	server := httptest.NewServer(New(s.desk, slog.New(slog.NewJSONHandler(s.log, nil)), testKey, nil).Handler())
	t.Cleanup(server.Close)
	s.url = server.URL
	s.populate()
	return s, own
}

// The database goes away in the middle of work: 503, nothing half-written; it
// comes back: the same service works on, and what was acknowledged is there.
func TestTheDatabaseGoesAway(t *testing.T) {
	t.Parallel()
	s, own := startDurable(t)
	body := fmt.Sprintf(aTraining, "")
	send := func(key int) answered {
		return s.as("jurist").do("POST", "/v1/training-requests", body, fmt.Sprintf("Idempotency-Key: %d", key))
	}
	const keys = 60
	acknowledged := map[int]string{}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		time.Sleep(150 * time.Millisecond)
		own.Crash(t)
	}()
	away := 0
	for key := range keys {
		switch a := send(key); a.status {
		case http.StatusCreated:
			acknowledged[key] = a.str("id")
		case http.StatusServiceUnavailable:
			away++
			if a.str("code") != "unavailable" || a.header.Get("Retry-After") == "" {
				t.Errorf("%s", a.body)
			}
		default:
			t.Errorf("%d %s", a.status, a.body)
		}
		time.Sleep(10 * time.Millisecond)
	}
	<-gone
	if away == 0 || len(acknowledged) == 0 {
		t.Fatalf("%d acknowledged, %d refused: the database did not go away in the middle", len(acknowledged), away)
	}
	s.as("nobody").do("GET", "/readyz", "").want(503, "unavailable")
	own.Restart(t)
	s.as("nobody").do("GET", "/readyz", "").want(200)
	for key := range keys {
		again := send(key).want(201)
		if id, ok := acknowledged[key]; ok && again.str("id") != id {
			t.Errorf("the request %d was acknowledged as %s, and is now %s", key, id, again.str("id"))
		}
	}
	if got := s.as("jurist").do("GET", "/v1/training-requests?limit=200", "").list("items"); len(got) != keys {
		t.Errorf("%d records of %d keys", len(got), keys)
	}
	s.agrees()
}
