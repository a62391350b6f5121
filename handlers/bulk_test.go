package handlers

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// named is an item of a bulk body.
func named(path string, more ...string) string {
	kind := "training_request"
	if strings.HasPrefix(path, referrals) {
		kind = "case_referral"
	}
	return fmt.Sprintf(`{"kind": %q, "id": %q%s}`, kind, last(path), strings.Join(more, ""))
}

func (p *person) bulk(action, more string, items []string, headers ...string) answered {
	p.s.t.Helper()
	return p.do("POST", "/v1/queue/bulk", fmt.Sprintf(`{"action": %q%s, "items": [%s]}`, action, more, strings.Join(items, ", ")), headers...)
}

// came tells what became of each item: its status, and its state and version or
// the code of its problem.
func (x answered) came() (lines []string) {
	x.t.Helper()
	for i := range x.want(200).list("items") {
		line := fmt.Sprintf("%v %s %v", x.at("items", i, "status"), x.str("items", i, "state"), x.at("items", i, "version"))
		if x.at("items", i, "problem") != nil {
			line = fmt.Sprintf("%v %s", x.at("items", i, "status"), x.str("items", i, "problem", "code"))
			if x.at("items", i, "problem", "status") != x.at("items", i, "status") || x.at("items", i, "state") != nil {
				x.t.Errorf("item %d does not agree with itself: %s", i, x.body)
			}
		}
		lines = append(lines, line)
	}
	return lines
}

// Each item has a result of its own, in the order sent; one that is refused
// changes nothing, and nothing of the others.
func TestBulkMovesEachForItself(t *testing.T) {
	t.Parallel()
	s := start(t)
	training := func(country string) string {
		body := strings.NewReplacer(`"PK"`, `"`+country+`"`, `"PK-PB"`, `"`+country+`-01"`).Replace(fmt.Sprintf(aTraining, ""))
		return s.as("jurist").create("/v1/training-requests", body).header.Get("Location")
	}
	one, elsewhere, old, taken, other := training("PK"), training("CH"), training("PK"), training("PK"), training("PK")
	s.as("admin").fire(taken, "take", "").want(200)
	sick := referrals + s.urgent("urgent")
	draft := s.as("jurist").create("/v1/training-requests", `{"draft": true}`).header.Get("Location")
	items := []string{
		named(sick, `, "version": 1`), named(taken), named(trainings + uuid.NewString()), named(elsewhere), named(old, `, "version": 7`),
		named(one), named(draft), named(referrals + last(other)),
	}
	x := s.as("admin").bulk("take", "", items)
	want := []string{"200 in_triage 2", "409 wrong_state", "404 not_found", "404 not_found", "412 stale", "200 in_triage 2", "409 wrong_state", "404 not_found"}
	if got := x.came(); !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
	for i, path := range []string{sick, taken, "", "", old, one} {
		if path != "" && x.str("items", i, "id") != last(path) {
			t.Errorf("item %d is %s, want %s", i, x.str("items", i, "id"), path)
		}
	}
	absent, foreign := x.at("items", 2, "problem"), x.at("items", 3, "problem")
	if fmt.Sprint(absent) != fmt.Sprint(foreign) {
		t.Errorf("what is not there and what is not seen can be told apart: %v, %v", absent, foreign)
	}
	if p := x.at("items", 1, "problem").(map[string]any); p["state"] != "in_triage" || len(p["allowed_actions"].([]any)) == 0 {
		t.Errorf("%v", p)
	}
	s.state(old, "submitted")
	s.state(elsewhere, "submitted")
	s.agrees()
}

// Each action does to many what it does to one, events included, and is given
// what it needs; a kind that does not have it refuses it item by item.
func TestBulkDoesWhatOneMoveDoes(t *testing.T) {
	t.Parallel()
	s := start(t)
	inTriage := func(kind string) string { return s.reach("/v1/"+kind, ways["/v1/"+kind]["in_triage"]) }
	for _, c := range []struct{ action, more, training, referral string }{
		{"request_information", `, "question": "Of which court?"`, "200 information_requested", "200 information_requested"},
		{"reject", `, "reason": {"code": "duplicate"}`, "200 rejected", "200 rejected"},
		{"reject", `, "reason": {"code": "no_funding"}`, "200 rejected", "422 invalid"},
		{"approve", `, "priority": "high"`, "200 approved", "422 invalid"},
	} {
		a, b := inTriage("training-requests"), inTriage("case-referrals")
		x := s.as("admin").bulk(c.action, c.more, []string{named(b), named(a)})
		got := x.came()
		if !strings.HasPrefix(got[0], c.referral) || !strings.HasPrefix(got[1], c.training) {
			t.Errorf("%s%s: %q", c.action, c.more, got)
		}
		events := s.as("admin").do("GET", a+"/events", "").want(200).list("items")
		if e, _ := events[len(events)-1].(map[string]any); e["action"] != c.action || e["by"] != "admin" || e["actor"] != s.as("admin").user.ID.String() {
			t.Errorf("%s: the last event is %v", c.action, e)
		}
	}
	asked := inTriage("case-referrals")
	s.as("admin").bulk("request_information", `, "question": "Is he safe tonight?"`, []string{named(asked)})
	if got := s.as("referrer").do("GET", asked, "").want(200).str("thread", 0, "text"); got != "Is he safe tonight?" {
		t.Errorf("the question reads %q", got)
	}
	s.agrees()
}

// What is wrong with the body as a whole is told before anything is done.
func TestBulkRefusesABodyWhole(t *testing.T) {
	t.Parallel()
	s := start(t)
	one := s.as("jurist").create("/v1/training-requests", fmt.Sprintf(aTraining, "")).header.Get("Location")
	many := slices.Repeat([]string{named(one)}, 201)
	for i := range many {
		many[i] = named(trainings + uuid.NewString())
	}
	for name, x := range map[string]struct {
		got                  answered
		status               int
		code, pointer, field string
	}{
		"unknown action":   {s.as("admin").bulk("withdraw", "", []string{named(one)}), 422, "invalid", "/action", "unknown_code"},
		"no question":      {s.as("admin").bulk("request_information", "", []string{named(one)}), 422, "invalid", "/question", "required"},
		"no reason":        {s.as("admin").bulk("reject", "", []string{named(one)}), 422, "invalid", "/reason", "required"},
		"no priority":      {s.as("admin").bulk("approve", "", []string{named(one)}), 422, "invalid", "/priority", "required"},
		"a foreign member": {s.as("admin").bulk("take", `, "question": "Why?"`, []string{named(one)}), 400, "malformed", "/question", "unknown_member"},
		"more than 200":    {s.as("admin").bulk("take", "", many), 422, "invalid", "/items", "too_many"},
		"none":             {s.as("admin").bulk("take", "", nil), 422, "invalid", "/items", ""},
		"twice the same":   {s.as("admin").bulk("take", "", []string{named(one), named(strings.ToUpper(one[len(one)-36:])), named(one, `, "version": 1`)}), 422, "invalid", "/items/1/id", "not_unique"},
		"not an id":        {s.as("admin").bulk("take", "", []string{`{"kind": "case_referral", "id": "CR-1"}`}), 422, "invalid", "/items/0/id", "not_an_id"},
		"an assignment":    {s.as("admin").bulk("take", "", []string{`{"kind": "assignment", "id": "` + last(one) + `"}`}), 422, "invalid", "/items/0/kind", "unknown_code"},
		"version 0":        {s.as("admin").bulk("take", "", []string{named(one, `, "version": 0`)}), 422, "invalid", "/items/0/version", "too_small"},
		"version below 0":  {s.as("admin").bulk("take", "", []string{named(one, `, "version": -1`)}), 422, "invalid", "/items/0/version", "too_small"},
	} {
		x.got.want(x.status, x.code)
		if got := x.got.str("errors", 0, "pointer"); got != x.pointer || x.field != "" && x.got.str("errors", 0, "code") != x.field {
			t.Errorf("%s: %s", name, x.got.body)
		}
	}
	s.state(one, "submitted")
	for _, who := range []string{"jurist", "referrer", "iom", "auditor"} {
		s.as(who).bulk("take", "", []string{named(one)}).want(403, "wrong_role")
	}
}

// With a key each is moved once, however often it is sent, and the reply is the
// first one's.
func TestBulkHappensOnce(t *testing.T) {
	t.Parallel()
	s := start(t)
	var items []string
	for range 10 {
		items = append(items, named(referrals+s.urgent("urgent")))
	}
	answers := together(8, func(int) answered { return s.as("admin").bulk("take", "", items, "Idempotency-Key: one") })
	for _, x := range answers {
		if x.status != 200 {
			x.want(409, "idempotency_key_in_flight")
		} else if got := x.came(); strings.Count(strings.Join(got, "\n"), "200 in_triage 2") != 10 {
			t.Errorf("%q", got)
		}
	}
	again := s.as("admin").bulk("take", "", items, "Idempotency-Key: one").want(200)
	if again.header.Get("Idempotency-Replayed") != "true" || count(answers, 200) == 0 {
		t.Errorf("%v", again.header)
	}
	s.as("admin").bulk("take", "", items[1:], "Idempotency-Key: one").want(422, "idempotency_key_reused")
	s.agrees()
}

// The database goes away in the middle: nothing has happened of any of them,
// and with the same key all of it happens, once.
func TestBulkIsWholeAfterAFailure(t *testing.T) {
	t.Parallel()
	s := start(t)
	var items, paths []string
	for range 5 {
		paths = append(paths, referrals+s.urgent("urgent"))
		items = append(items, named(paths[len(paths)-1]))
	}
	slices.Sort(paths)
	release := s.lock("case_referrals", last(paths[3])) // three are moved before it
	answer := make(chan answered)
	go func() { answer <- s.as("admin").bulk("take", "", items, "Idempotency-Key: one") }()
	deadline := time.Now().Add(10 * time.Second)
	for cut := 0; cut == 0 && time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		s.must(s.look().QueryRowContext(t.Context(), `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()`).Scan(&cut))
	}
	(<-answer).want(503, "unavailable")
	release()
	for _, path := range paths {
		s.state(path, "submitted")
	}
	if got := s.as("admin").bulk("take", "", items, "Idempotency-Key: one").came(); strings.Count(strings.Join(got, "\n"), "200 in_triage 2") != 5 {
		t.Errorf("%q", got)
	}
	s.agrees()
}

// Two admins move the same two hundred in opposite orders, while a third takes
// the next ones: each is moved once, and PostgreSQL breaks no deadlock.
func TestBulksMeet(t *testing.T) {
	t.Parallel()
	s := start(t)
	var items []string
	for range 40 {
		items = append(items, named(referrals+s.urgent("urgent")))
	}
	reversed := slices.Clone(items)
	slices.Reverse(reversed)
	answers := together(12, func(i int) answered {
		switch i {
		case 0:
			return s.as("admin").bulk("take", "", items)
		case 1:
			return s.as("network").bulk("take", "", reversed)
		}
		return s.as("admin").do("POST", "/v1/queue/next", "")
	})
	moved := 0
	for i, x := range answers {
		switch {
		case i >= 2 && x.status == 200:
			moved++
		case i >= 2:
			x.want(204)
		default:
			for _, line := range x.came() {
				if line == "200 in_triage 2" {
					moved++
				} else if line != "409 wrong_state" {
					t.Errorf("%s", line)
				}
			}
		}
	}
	if moved != len(items) {
		t.Errorf("%d were moved, want %d", moved, len(items))
	}
	s.agrees()
	if n := s.deadlocks(); n > 0 {
		t.Errorf("PostgreSQL broke %d deadlocks", n)
	}
}

// What is refused of many is kept as if it had been asked for alone.
func TestBulkLeavesDenials(t *testing.T) {
	t.Parallel()
	s := start(t)
	settle := s.watch()
	body := strings.NewReplacer(`"PK"`, `"CH"`, `"PK-PB"`, `"CH-GE"`).Replace(fmt.Sprintf(aTraining, ""))
	foreign := s.as("jurist").create("/v1/training-requests", body).header.Get("Location")
	own := s.as("jurist").create("/v1/training-requests", fmt.Sprintf(aTraining, "")).header.Get("Location")
	made := uuid.NewString()
	items := []string{named(foreign), named(own), named(trainings + made)}
	s.as("admin").bulk("approve", `, "priority": "low"`, items, "Idempotency-Key: one").want(200)
	s.as("admin").bulk("approve", `, "priority": "low"`, items, "Idempotency-Key: one").want(200) // a replay tries nothing
	settle()
	names := s.people()
	names[last(foreign)], names[last(own)], names[made] = "foreign", "own", "made"
	got := s.denials(names, "")
	slices.Sort(got)
	want := []string{
		"404 not_found admin POST /v1/queue/bulk target foreign action approve existed",
		"404 not_found admin POST /v1/queue/bulk target made action approve",
		"409 wrong_state admin POST /v1/queue/bulk target own action approve existed",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}

// Two hundred is what one body can carry, within the time that an answer has.
func TestBulkOfTwoHundred(t *testing.T) {
	t.Parallel()
	s := start(t)
	items := make([]string, 200)
	for i := range items {
		items[i] = named(referrals + s.urgent("normal"))
	}
	began := time.Now()
	got := s.as("admin").bulk("take", "", items).came()
	t.Logf("200 took %v", time.Since(began))
	if strings.Count(strings.Join(got, "\n"), "200 in_triage 2") != len(items) {
		t.Errorf("%q", got)
	}
	s.agrees()
}
