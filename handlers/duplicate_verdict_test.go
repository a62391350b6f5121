package handlers

import (
	"fmt"
	"sync"
	"testing"

	"github.com/google/uuid"
)

// A verdict is told of both cases, and replaced by a later one from either.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	s := start(t)
	a, b, c := s.refer("referrer", aName, ""), s.refer("stranger", anAlias, ""), s.refer("stranger", "", "")
	one, other := a.header.Get("Location"), b.header.Get("Location")
	decide := func(who, path string, of answered, verdict string, headers ...string) answered {
		return s.as(who).do("POST", path+"/duplicates", fmt.Sprintf(`{"referral_id": %q, "verdict": %q}`, of.str("id"), verdict), headers...)
	}
	is := func(path, want string) {
		t.Helper()
		if got := s.duplicates("network", path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	const all = ": name birth_year origin gender"
	got := decide("admin", one, b, "same_person", `If-Match: "1"`).want(201)
	if got.str("referral_id") != b.str("id") || got.str("verdict") != "same_person" || got.str("decided_by") != s.as("admin").user.ID.String() || got.header.Get("Location") != one+"/duplicates" {
		t.Errorf("it answers %s", got.body)
	}
	is(one, b.str("reference")+all+" same_person")
	is(other, a.str("reference")+all+" same_person")
	decide("network", other, a, "different_person").want(201)
	is(one, b.str("reference")+all+" different_person")
	is(other, a.str("reference")+all+" different_person")
	told := s.as("admin").do("GET", one, "").want(200)
	if told.str("possible_duplicates", 0, "decided_by") != s.as("network").user.ID.String() || told.str("possible_duplicates", 0, "text") != "is of another person than "+b.str("reference")+", an admin decided" || told.at("version") != 2.0 {
		t.Errorf("it says %s", told.body)
	}
	if s.column("SELECT count(*) FROM duplicate_links") != "1" {
		t.Error("one pair has two verdicts")
	}
	// Cases that share no token can be linked as well.
	decide("admin", one, c, "same_person").want(201)
	is(c.header.Get("Location"), a.str("reference")+":  same_person")
	is(one, b.str("reference")+all+" different_person, "+c.str("reference")+":  same_person")

	decide("admin", one, b, "same_person", `If-Match: "1"`).want(412, "stale")
	decide("admin", one, b, "perhaps").want(422).blames("/verdict", "unknown_code")
	s.as("admin").do("POST", one+"/duplicates", `{"referral_id": "x", "verdict": "same_person"}`).want(422).blames("/referral_id", "not_an_id")

	// What isn't there, isn't at the desk, is a draft, or is the case itself, all answer alike.
	draft := s.refer("stranger", aName, `, "draft": true`)
	s.as("admin").fire(other, "take", "").want(200)
	s.as("admin").fire(other, "transfer", fmt.Sprintf(`, "desk": %q, "reason": {"code": "wrong_desk"}`, s.geneva.ID)).want(200)
	absent := s.as("admin").do("POST", one+"/duplicates", fmt.Sprintf(`{"referral_id": %q, "verdict": "same_person"}`, uuid.New())).want(422)
	absent.blames("/referral_id", "unknown_referral")
	for _, x := range []answered{a, b, draft} {
		decide("admin", one, x, "same_person").want(422).like(absent)
		decide("network", one, x, "same_person").want(422).like(absent)
	}
	decide("admin", draft.header.Get("Location"), c, "same_person").want(409, "wrong_state")
	s.agrees()
}

// Admins who decide of the same cases at once, each from its own end, wait for
// each other, and none for a deadlock.
func TestVerdictsAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t)
	pair := []answered{s.refer("referrer", aName, ""), s.refer("stranger", anAlias, "")}
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			mine, theirs := pair[i%2], pair[1-i%2]
			verdict := []string{"same_person", "different_person"}[i%2]
			got, _, _, err := s.as("admin").send("POST", mine.header.Get("Location")+"/duplicates", fmt.Sprintf(`{"referral_id": %q, "verdict": %q}`, theirs.str("id"), verdict)) //nolint:bodyclose // send has closed it
			if err != nil || got.status != 201 {
				t.Errorf("%v: %d %s", err, got.status, got.body)
			}
		})
	}
	all.Wait()
	if n := s.column("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"); n != "0" {
		t.Errorf("%s deadlocks", n)
	}
	if s.column("SELECT count(*) FROM duplicate_links") != "1" || s.column("SELECT count(*) FROM events WHERE action = 'link_duplicate'") != "20" {
		t.Error("one pair has not one verdict, or a verdict no event")
	}
	s.agrees()
}

// What is erased is found no more, nor is what was decided of it, and nobody
// decides of it again.
func TestErasedCasesAreNoDuplicates(t *testing.T) {
	t.Parallel()
	s := start(t)
	a, b := s.refer("referrer", aName, ""), s.refer("stranger", anAlias, "")
	path, gone := a.header.Get("Location"), b.header.Get("Location")
	verdict := fmt.Sprintf(`{"referral_id": %q, "verdict": "same_person"}`, b.str("id"))
	s.as("admin").do("POST", path+"/duplicates", verdict).want(201)
	s.as("stranger").fire(gone, "withdraw", `, "reason": {"code": "person_declined"}`).want(200)
	if s.duplicates("admin", path) == "" {
		t.Error("a case that is at its end is not found")
	}
	s.as("admin").erase(gone).want(202)
	s.as("network").erase(gone).want(200)
	if got := s.duplicates("admin", path); got != "" {
		t.Errorf("it is still found: %s", got)
	}
	if left := s.column("SELECT (SELECT count(*) FROM duplicate_links) || ' ' || (SELECT count(*) FROM match_tokens WHERE referral_id = '" + b.str("id") + "')"); left != "0 0" {
		t.Errorf("links and tokens that are left: %s", left)
	}
	s.as("admin").do("POST", path+"/duplicates", verdict).want(422).blames("/referral_id", "unknown_referral")
	s.agrees()
}
