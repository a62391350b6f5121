package handlers

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// Fifty people ask at once for thirty records of both kinds: each record goes
// to one of them, nobody is told that nothing waits while something does, and
// nobody is sent away with an error.
func TestFiftyTakeThirty(t *testing.T) {
	t.Parallel()
	s := start(t)
	const records, people = 30, 50
	want := map[string]int{}
	for i := range records {
		if i%2 == 0 {
			want[s.urgent([]string{"normal", "urgent", "emergency"}[i%3])] = 1
			continue
		}
		want[s.as("jurist").create("/v1/training-requests", fmt.Sprintf(aTraining, "")).str("id")] = 1
	}
	admins := make([]*person, people)
	for i := range admins {
		admins[i] = s.addPerson(fmt.Sprintf("admin %d", i), s.unitar, &s.jeju.ID, "admin")
	}
	answers := together(people, func(i int) answered {
		headers := []string{}
		if i%3 == 0 {
			headers = append(headers, "Idempotency-Key: next")
		}
		return admins[i].do("POST", "/v1/queue/next", "", headers...)
	})
	got := map[string]int{}
	for _, x := range answers {
		switch x.status {
		case 200:
			got[x.str("id")]++
		case 204:
		default:
			t.Errorf("%d %s", x.status, x.body)
		}
	}
	if count(answers, 200) != records || len(got) != records {
		t.Errorf("%d answers have one of %d records, want %d", count(answers, 200), len(got), records)
	}
	for id := range got {
		if want[id] != 1 {
			t.Errorf("%s was given, and never waited", id)
		}
	}
	if left := s.as("admin").do("POST", "/v1/queue/next", ""); left.status != 204 {
		t.Errorf("something still waits: %s", left.body)
	}
	s.agrees()
	if n := s.deadlocks(); n > 0 {
		t.Errorf("PostgreSQL broke %d deadlocks", n)
	}
}

// What somebody else holds at this moment and leaves as it is waits all the
// same: who asks meanwhile waits for it too, and gets it.
func TestNextWaitsForWhatIsHeld(t *testing.T) {
	t.Parallel()
	s := start(t)
	only := s.urgent("urgent")
	release := s.lock("case_referrals", only)
	answer := make(chan answered)
	go func() { answer <- s.as("admin").do("POST", "/v1/queue/next", "") }()
	select {
	case x := <-answer:
		t.Fatalf("%d %s, while %s is held and waits", x.status, x.body, only)
	case <-time.After(300 * time.Millisecond):
	}
	later := s.as("jurist").create("/v1/training-requests", fmt.Sprintf(aTraining, "")).str("id")
	if x := s.as("network").do("POST", "/v1/queue/next", "").want(200); x.str("id") != later {
		t.Errorf("%s was given, want what nobody holds: %s", x.body, later)
	}
	release()
	if x := (<-answer).want(200); x.str("id") != only {
		t.Errorf("%s was given, want %s", x.body, only)
	}
	s.agrees()
}

// lock locks a record, as who works on it does, until it is released.
func (s *service) lock(table, id string) (release func()) {
	s.t.Helper()
	tx, err := s.look().BeginTx(s.t.Context(), nil)
	s.must(err)
	_, err = tx.ExecContext(s.t.Context(), "SELECT FROM "+table+" WHERE id = $1 FOR UPDATE", id)
	s.must(err)
	return func() { s.must(tx.Rollback()) }
}

// What is due first goes first over both kinds, also where the one that is due
// before all is held: not the next of its kind.
func TestNextGoesByTimeOverBothKinds(t *testing.T) {
	t.Parallel()
	s := start(t)
	first := s.as("jurist").create("/v1/training-requests", fmt.Sprintf(aTraining, "")).str("id")
	third := s.as("jurist").create("/v1/training-requests", fmt.Sprintf(aTraining, "")).str("id")
	second := s.urgent("normal")
	for i, x := range []string{"training_requests " + first, "case_referrals " + second, "training_requests " + third} {
		table, id, _ := strings.Cut(x, " ")
		s.asSuperuser(fmt.Sprintf("UPDATE %s SET due_at = timestamptz '2030-01-0%d 00:00Z' WHERE id = '%s'", table, i+1, id))
	}
	release := s.lock("training_requests", first)
	got := []string{}
	for range 2 {
		got = append(got, s.as("admin").do("POST", "/v1/queue/next", "").want(200).str("id"))
	}
	release()
	got = append(got, s.as("admin").do("POST", "/v1/queue/next", "").want(200).str("id"))
	if want := []string{second, third, first}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// The next one is of the urgency and country that are asked for.
func TestNextIsOfWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	s := start(t)
	training := s.as("jurist").create("/v1/training-requests", fmt.Sprintf(aTraining, "")).str("id") // in PK
	emergency, normal := s.urgent("emergency"), s.urgent("normal")                                   // in PH
	for _, x := range []struct{ body, want string }{
		{`{"urgency": "normal"}`, normal},
		{`{"urgency": "normal"}`, ""},
		{`{"country": "PK"}`, training},
		{`{"country": "PK", "kind": "case_referral"}`, ""},
		{`{"country": "PH", "kind": "case_referral", "urgency": "emergency"}`, emergency},
	} {
		got := s.as("admin").do("POST", "/v1/queue/next", x.body)
		if x.want == "" {
			got.want(204)
		} else if got.want(200).str("id") != x.want {
			t.Errorf("%s: %s, want %s", x.body, got.body, x.want)
		}
	}
	s.as("admin").do("POST", "/v1/queue/next", `{"urgency": "soon"}`).want(422, "invalid")
	s.as("admin").do("POST", "/v1/queue/next", `{"country": "ZZ"}`).want(422, "invalid")
}
