package handlers

import (
	"bytes"
	"database/sql"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"onward/desk"
	"onward/localpg"
	"onward/models/modelstest"
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

// Each operation that a key serves, by twenty at once: one effect, and one
// answer, or the word that the first still runs.
func TestEachEffectOnceAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t)
	waiting := s.as("referrer").create("/v1/case-referrals", fmt.Sprintf(aReferral, "")).header.Get("Location")
	s.as("jurist").create("/v1/training-requests", fmt.Sprintf(aTraining, ""))
	open := s.openCase("")
	offer := s.offered(open, "iom")
	for name, ask := range map[string]struct {
		who, path, body string
		status          int
		rows            string // the table that gets one row more
	}{
		"token":   {"jurist", "/v1/tokens", `{"name": "a script"}`, 201, "tokens"},
		"offer":   {"admin", open + "/assignments", fmt.Sprintf(`{"organisation_id": %q, "service": "international_protection"}`, s.unhcr.ID), 201, "assignments"},
		"next":    {"admin", "/v1/queue/next", "", 200, "events"},
		"consent": {"referrer", waiting + "/consents", aConsent, 201, "consents"},
		"accept":  {"iom", offer + "/transitions", `{"action": "accept"}`, 200, ""},
	} {
		before := s.rows()
		answers := together(20, func(int) answered {
			return s.as(ask.who).do("POST", ask.path, ask.body, "If-Match: *", "Idempotency-Key: "+name)
		})
		bodies, replayed := map[string]bool{}, 0
		for _, a := range answers {
			if a.status != ask.status {
				if a.want(409, "idempotency_key_in_flight"); a.header.Get("Retry-After") == "" {
					t.Errorf("%s: %v", name, a.header)
				}
				continue
			}
			bodies[string(a.body)+a.header.Get("ETag")+a.header.Get("Location")] = true
			if a.header.Get("Idempotency-Replayed") == "true" {
				replayed++
			}
		}
		if len(bodies) != 1 || count(answers, ask.status)-replayed != 1 {
			t.Errorf("%s: %d answers, %d times done: %v", name, len(bodies), count(answers, ask.status)-replayed, bodies)
		}
		if after := s.rows(); ask.rows != "" && more(before, after, ask.rows) != 1 || more(before, after, "idempotency_keys") != 1 {
			t.Errorf("%s: %s, then %s", name, before, after)
		}
	}
	s.agrees()
}

// more tells by how much a table grew between two counts of rows.
func more(before, after, table string) int {
	rows := func(counts string) (n int) {
		for part := range strings.SplitSeq(counts, ", ") {
			if name, text, _ := strings.Cut(part, " "); name == table {
				n, _ = strconv.Atoi(text)
			}
		}
		return n
	}
	return rows(after) - rows(before)
}

// Two bodies race with one key: one is done, and the other learns that the key
// was used, or is being used.
func TestTwoBodiesOfOneKey(t *testing.T) {
	t.Parallel()
	s := start(t)
	for n := range 8 {
		answers := together(6, func(i int) answered {
			return s.as("jurist").do("POST", "/v1/training-requests", fmt.Sprintf(`{"draft": true, "title": "by %d"}`, i), fmt.Sprintf("Idempotency-Key: %d", n))
		})
		for _, a := range answers {
			switch a.status {
			case 201:
			case 409:
				a.want(409, "idempotency_key_in_flight")
			default:
				a.want(422, "idempotency_key_reused")
			}
		}
		if count(answers, 201) != 1 {
			t.Errorf("%d were done", count(answers, 201))
		}
	}
	if got := s.as("jurist").walk("/v1/training-requests", 200); len(got) != 8 {
		t.Errorf("%d records of 8 keys", len(got))
	}
}

// A key is of one method, path and body. What fails keeps nothing, so that it
// can be mended under the same key.
func TestWhatAKeyIsOf(t *testing.T) {
	t.Parallel()
	s := start(t)
	key, draft := "Idempotency-Key: k", `{"draft": true}`
	before := s.rows()
	for body, status := range map[string]int{`{`: 400, `{"draft": 1}`: 400, `{"title": "t"}`: 422, strings.Repeat(" ", maxBody+1): 413} {
		s.as("jurist").do("POST", "/v1/training-requests", body, key).want(status)
	}
	s.as("stranger").do("POST", "/v1/case-referrals", fmt.Sprintf(aReferral, `, "follows": "01a20c00-0000-7000-8000-000000000000"`), key).want(422)
	if after := s.rows(); after != before {
		t.Errorf("a failure was kept: %s, then %s", before, after)
	}
	one := s.as("jurist").do("POST", "/v1/training-requests", draft, key).want(201)
	s.as("stranger").do("POST", "/v1/training-requests", draft, key).want(201)
	s.as("stranger").do("POST", "/v1/case-referrals", draft, key).want(422, "idempotency_key_reused")
	path := one.header.Get("Location")
	withdraw := `{"action": "withdraw", "reason": {"code": "found_elsewhere"}}`
	s.as("jurist").do("POST", path+"/transitions", withdraw, "If-Match: *", key).want(422, "idempotency_key_reused")
	s.as("jurist").do("POST", path+"/transitions", `{"action": "submit"}`, "If-Match: *", "Idempotency-Key: l").want(409, "incomplete")
	s.as("jurist").do("POST", path+"/transitions", withdraw, `If-Match: "9"`, "Idempotency-Key: l").want(412)
	s.as("jurist").do("POST", path+"/transitions", withdraw, "If-Match: *", `Idempotency-Key: "l"`).want(200)
	for _, other := range []string{"L", " l l", "l;a=1", `"l`} { // which are other keys, and the request is withdrawn
		s.as("jurist").do("POST", path+"/transitions", withdraw, "If-Match: *", "Idempotency-Key: "+other).want(409, "wrong_state")
	}
	// Another token of the same person is the same caller.
	second := &person{s: s, token: s.as("jurist").create("/v1/tokens", `{"name": "a second"}`).str("token")}
	if again := second.do("POST", "/v1/training-requests", draft, key).want(201); again.str("id") != one.str("id") || again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("%s", again.body)
	}
	// From the last moment on, it is free, and what was made stays.
	s.now.advance(desk.KeysLast - time.Minute)
	if again := s.as("jurist").do("POST", "/v1/training-requests", draft, key).want(201); again.str("id") != one.str("id") {
		t.Error("it lasts for less than a day")
	}
	s.now.advance(2 * time.Minute)
	if made := together(5, func(int) answered { return s.as("jurist").do("POST", "/v1/training-requests", draft, key) }); len(s.as("jurist").walk("/v1/training-requests", 200)) != 2 {
		t.Errorf("%s", made[0].body)
	}
	s.must(s.clerk.Forget(t.Context()))
	s.as("jurist").do("GET", path, "").want(200)
}

// What is kept of an answer can't be read in the database: not what it says,
// nor that two answers are the same.
func TestKeptRepliesTellNothing(t *testing.T) {
	t.Parallel()
	s := start(t)
	body := fmt.Sprintf(aReferral, "")
	for _, key := range []string{"a", "b"} {
		s.as("referrer").do("POST", "/v1/case-referrals", body, "Idempotency-Key: key of the case "+key).want(201)
	}
	db, err := sql.Open("pgx", modelstest.As(localpg.Superuser, s.dsn))
	s.must(err)
	defer func() { s.must(db.Close()) }()
	var kept string
	s.must(db.QueryRowContext(t.Context(), `SELECT string_agg(k::text || encode(reply, 'escape'), E'\n') FROM idempotency_keys k`).Scan(&kept))
	for _, secret := range []string{"CANARY", "MNL-0412", "A boy", "subject_code", "key of the case", `"status"`, "/v1/"} {
		if strings.Contains(kept, secret) || strings.Contains(kept, hex.EncodeToString([]byte(secret))) {
			t.Errorf("what is kept tells %q", secret)
		}
	}
}
