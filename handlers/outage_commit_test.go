package handlers

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"onward/desk"
	"onward/models"
	"onward/models/modelstest"
)

// cable stands between a service and PostgreSQL. Of the word (COMMIT, where it
// is not said) to which lose counts down, it loses the answer.
type cable struct {
	t    testing.TB
	to   string
	word string
	lose atomic.Int32
	lost atomic.Int32
}

// through gives a DSN that leads through the cable.
func (w *cable) through(dsn string) string {
	w.t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		w.t.Fatal(err)
	}
	q := u.Query()
	w.word = cmp.Or(w.word, "commit")
	name := ".s.PGSQL." + q.Get("port")
	w.to = filepath.Join(q.Get("host"), name)
	dir := w.t.TempDir()
	listener, err := (&net.ListenConfig{}).Listen(w.t.Context(), "unix", filepath.Join(dir, name))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go w.carry(client)
		}
	}()
	q.Set("host", dir)
	u.RawQuery = q.Encode()
	return u.String()
}

func (w *cable) carry(client net.Conn) {
	defer func() { _ = client.Close() }()
	server, err := (&net.Dialer{}).DialContext(w.t.Context(), "unix", w.to)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	var committed atomic.Bool
	go func() {
		defer func() { _ = server.Close() }()
		buffer := make([]byte, 64<<10)
		for {
			n, err := client.Read(buffer)
			if err != nil {
				return
			}
			if bytes.Contains(bytes.ToLower(buffer[:n]), []byte(w.word)) && w.lose.Add(-1) == 0 {
				committed.Store(true)
			}
			if _, err := server.Write(buffer[:n]); err != nil {
				return
			}
		}
	}()
	buffer := make([]byte, 64<<10)
	for {
		n, err := server.Read(buffer)
		if err != nil || committed.Load() { // it has answered, so it has committed
			if committed.Load() {
				w.lost.Add(1)
			}
			return
		}
		if _, err := io.Copy(client, bytes.NewReader(buffer[:n])); err != nil {
			return
		}
	}
}

// The word of a commit gets lost. The service can't know whether it took
// effect, says no more than that, and whoever sends the request again with its
// key has the one record that was made.
func TestTheWordOfACommitGetsLost(t *testing.T) {
	t.Parallel()
	s := start(t)
	w := &cable{t: t}
	db, err := models.Open(w.through(s.dsn), modelstest.Ring)
	s.must(err)
	t.Cleanup(func() { _ = db.Close() })
	s.serve(desk.New(db, s.now.now))
	taking := s.as("referrer").create("/v1/case-referrals", fmt.Sprintf(aReferral, "")).header.Get("Location")
	for name, ask := range map[string]struct {
		who, path, body string
		commits         int32 // who calls, and what it may, are transactions too
	}{
		"create": {"jurist", "/v1/training-requests", fmt.Sprintf(aTraining, ""), 2},
		"take":   {"admin", taking + "/transitions", `{"action": "take"}`, 3},
		"token":  {"jurist", "/v1/tokens", `{"name": "a script"}`, 2},
	} {
		send := func() answered {
			return s.as(ask.who).do("POST", ask.path, ask.body, "If-Match: *", "Idempotency-Key: "+name)
		}
		s.as(ask.who).do("GET", "/v1/me", "").want(200) // so that the note of a token's use is no commit of this request
		before := s.rows()
		w.lose.Store(ask.commits)
		got := send().want(503, "unavailable")
		if w.lost.Swap(0) != 1 || s.rows() == before {
			t.Fatalf("%s: nothing was written", name)
		}
		if got.header.Get("Retry-After") == "" || strings.Contains(string(got.body), "nothing was written") {
			t.Errorf("%s: %v %s", name, got.header, got.body)
		}
		after := s.rows()
		again := send()
		if again.status >= 300 || again.header.Get("Idempotency-Replayed") != "true" || s.rows() != after {
			t.Errorf("%s: %d %s", name, again.status, again.body)
		}
	}
	s.state(taking, "in_triage")
	s.agrees()
}
