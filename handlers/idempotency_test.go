package handlers

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"testing"
	"time"

	"onward/desk"
)

// Twenty times the same request at once: one effect, and every answer is the
// first one's or says that it still runs.
func TestTheSameKeyTwentyTimesAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t)
	body := fmt.Sprintf(aTraining, "")
	answers := together(20, func(int) answered {
		return s.as("jurist").do("POST", "/v1/training-requests", body, "Idempotency-Key: one")
	})
	made := map[string]bool{}
	for _, a := range answers {
		switch a.status {
		case 201:
			made[a.str("id")] = true
		case 409:
			if a.str("code") != "idempotency_key_in_flight" || a.header.Get("Retry-After") == "" {
				t.Errorf("%s", a.body)
			}
		default:
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	if got := s.as("jurist").do("GET", "/v1/training-requests", "").list("items"); len(made) != 1 || len(got) != 1 {
		t.Errorf("%d were answered, %d are there", len(made), len(got))
	}
}

// A key belongs to its caller, keeps nothing of a failure, and lasts a day.
func TestWhoseKeyAndHowLong(t *testing.T) {
	t.Parallel()
	s := start(t)
	key, body := "Idempotency-Key: mine", fmt.Sprintf(aTraining, "")
	s.as("jurist").do("POST", "/v1/training-requests", `{"title": ""}`, key).want(422)
	first := s.as("jurist").do("POST", "/v1/training-requests", body, key).want(201)
	if s.as("colleague").do("POST", "/v1/training-requests", body, key).want(201).str("id") == first.str("id") {
		t.Error("two callers meet in one key")
	}
	s.now.advance(desk.KeysLast + time.Minute)
	if s.as("jurist").do("POST", "/v1/training-requests", body, key).want(201).str("id") == first.str("id") {
		t.Error("the key lasts for more than a day")
	}
	for _, bad := range []string{"", `""`, string(bytes.Repeat([]byte("k"), 256))} {
		s.as("jurist").do("POST", "/v1/training-requests", body, "Idempotency-Key: "+bad).want(400, "malformed")
	}
}

// A replay tells nothing to who may no longer see the record.
func TestNoReplayAfterAccessEnded(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.openCase("")
	offer := s.as("admin").offer(path, s.iom.ID.String(), "child_protection").want(201).header.Get("Location")
	s.as("iom").fire(offer, "accept", "").want(200)
	s.as("admin").do("POST", path+"/transitions", `{"action": "hold", "reason": {"code": "security"}, "until": "2199-01-01T00:00:00Z"}`, "If-Match: *", "Idempotency-Key: k").want(200)
	s.as("network").fire(path, "resume", "").want(200)
	s.as("referrer").fire(path, "withdraw", `, "reason": {"code": "person_declined"}`).want(200)
	s.as("admin").fire(path, "reopen", `, "reason": {"code": "appeal"}`).want(200)
	s.as("admin").fire(path, "transfer", fmt.Sprintf(`, "desk": %q, "reason": {"code": "language"}`, s.geneva.ID)).want(200)
	s.as("admin").do("POST", path+"/transitions", `{"action": "hold", "reason": {"code": "security"}, "until": "2199-01-01T00:00:00Z"}`, "If-Match: *", "Idempotency-Key: k").want(404)
}

// A token is kept nowhere, not even in the reply that is kept for its key.
func TestAKeptReplyIsSealed(t *testing.T) {
	t.Parallel()
	s := start(t)
	made := s.as("jurist").do("POST", "/v1/tokens", `{"name": "a script"}`, "Idempotency-Key: key of the script 0001").want(201)
	again := s.as("jurist").do("POST", "/v1/tokens", `{"name": "a script"}`, "Idempotency-Key: key of the script 0001").want(201)
	if again.str("token") != made.str("token") || made.str("token") == "" {
		t.Error("the second answer has not the first's token")
	}
	dump := s.dump()
	for _, secret := range []string{made.str("token"), "key of the script 0001"} {
		if bytes.Contains(dump, []byte(secret)) || bytes.Contains(dump, []byte(hex.EncodeToString([]byte(secret)))) {
			t.Errorf("the database holds %.8s…", secret)
		}
	}
	if bytes.Contains([]byte(s.log.String()), []byte(made.str("token"))) {
		t.Error("the log holds the token")
	}
}
