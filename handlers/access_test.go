package handlers

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/desk"
	"onward/models/modelstest"
)

// readings are the readings of a case as its owner reads them, the oldest
// first: who, by what, as what, which parts.
func (s *service) readings(path string) (all []string) {
	s.t.Helper()
	x := s.as("referrer").do("GET", path+"/accesses?limit=200", "").want(200)
	for i := range x.list("items") {
		var parts []string
		for _, p := range x.list("items", i, "parts") {
			parts = append(parts, p.(string)) //nolint:forcetypeassert // the contract was checked
		}
		all = append(all, fmt.Sprintf("%s %s as %s: %s", x.str("items", i, "user", "name"), x.str("items", i, "operation"), x.str("items", i, "as"), strings.Join(parts, " ")))
	}
	slices.Reverse(all)
	return all
}

// Whoever is shown anything of the person is in the list, with what and by
// which right; its owner and its desk read it, and nobody else.
func TestWhoReadACase(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.openCase("") // made by the referrer, taken and opened by the admin
	at := s.offered(path, "iom")
	s.as("iom").do("GET", at, "").want(200)
	s.as("iom").fire(at, "accept", "").want(200)
	s.as("iom").do("GET", path, "").want(200)
	s.as("network").do("GET", "/v1/case-referrals", "").want(200)
	s.as("iom").do("GET", path+"/events", "").want(200)      // of its own assignment: no word of the person
	s.as("auditor").do("GET", path+"/events", "").want(200)  // no content
	s.as("admin").do("GET", "/v1/queue", "").want(200)       // no person
	s.as("bystander").do("GET", path, "").want(404)          // no reply, no reading
	s.as("admin").do("GET", path+"/accesses", "").want(200)  // no reading of the case
	s.as("referrer").do("GET", path+"/events", "").want(200) // codes of reasons, services, outcomes
	want := []string{
		"admin fireReferral as admin: summary person consent",
		"admin fireReferral as admin: summary person consent",
		"admin offerReferral as admin: summary",
		"iom getAssignment as partner: summary message",
		"iom fireAssignment as partner: summary",
		"iom getReferral as partner: summary person sealed",
		"network listReferrals as admin: summary person consent",
		"referrer listReferralEvents as owner: person",
	}
	if got := s.readings(path); !slices.Equal(got, want) {
		t.Errorf("read was\n%s, want\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	whole := s.as("admin").do("GET", path+"/accesses", "").want(200)
	if whole.str("items", 2, "assignment_id") != at[len(assignments):] || whole.str("items", 2, "organisation", "name") != "IOM" || whole.at("items", 0, "assignment_id") != nil {
		t.Errorf("%s", whole.body)
	}
	if got := s.as("referrer").walk(path+"/accesses", 3); len(got) != len(want) {
		t.Errorf("%d readings in pages of 3, want %d", len(got), len(want))
	}
	s.as("iom").do("GET", path+"/accesses", "").want(403, "wrong_role")
	for _, who := range []string{"stranger", "jurist", "auditor", "admin of Geneva", "bystander"} {
		s.as(who).do("GET", path+"/accesses", "").want(404).like(s.as(who).do("GET", referrals+uuid.NewString()+"/accesses", "").want(404))
	}
}

// Who gets a kept reply again reads it again, its maker too; and what a replay
// no longer shows, it has not shown.
func TestAReplayIsAReading(t *testing.T) {
	t.Parallel()
	s := start(t)
	create := func() answered {
		return s.as("referrer").do("POST", "/v1/case-referrals", fmt.Sprintf(aReferral, ""), "Idempotency-Key: made").want(201)
	}
	path := create().header.Get("Location")
	if got := s.readings(path); len(got) > 0 {
		t.Errorf("who made it has read it: %v", got)
	}
	create()
	s.as("admin").fire(path, "take", "").want(200)
	s.as("admin").fire(path, "open", `, "urgency": "urgent", "services": ["child_protection"]`).want(200)
	at := s.offered(path, "iom")
	accept := func() {
		s.as("iom").do("POST", at+"/transitions", `{"action": "accept"}`, "If-Match: *", "Idempotency-Key: mine").want(200)
	}
	accept()
	accept()
	s.as("iom").fire(at, "return", `, "reason": {"code": "unsafe"}`).want(200)
	accept() // the kept reply, without the case
	want := []string{
		"referrer createReferral as owner: summary person consent",
		"admin fireReferral as admin: summary person consent",
		"admin fireReferral as admin: summary person consent",
		"admin offerReferral as admin: summary",
		"iom fireAssignment as partner: summary",
		"iom fireAssignment as partner: summary",
	}
	if got := s.readings(path); !slices.Equal(got, want) {
		t.Errorf("read was\n%s, want\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// The database goes away between reading and recording: nothing is shown.
func TestWhatIsNotRecordedIsNotShown(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.openCase("")
	at := s.offered(path, "iom")
	s.as("iom").fire(at, "accept", "").want(200)
	before := len(s.readings(path))
	for _, word := range []string{`insert into "accesses"`, "commit"} {
		w := &cable{t: t, word: word}
		s.serve(desk.New(modelstest.Enter(t, w.through(s.dsn)), s.now.now))
		for _, ask := range []string{path, at, "/v1/case-referrals", "/v1/assignments"} {
			s.as("iom").do("GET", "/v1/me", "").want(200)
			ways := int32(1)
			if word == "commit" {
				ways = map[bool]int32{true: 4, false: 3}[strings.Count(ask, "/") > 2] // who calls, what it may see, the reading, the record
			}
			w.lose.Store(ways)
			got := s.as("iom").do("GET", ask, "").want(503, "unavailable")
			got.silent(ask, "boy", "CANARY", "MNL-0412")
			if w.lost.Swap(0) != 1 || got.header.Get("ETag") != "" {
				t.Errorf("%s was not cut off at %s: %v", ask, word, got.header)
			}
		}
		if word != "commit" && len(s.readings(path)) != before { // a lost word of a commit leaves a record too many, never one too few
			t.Errorf("a record without a reading: %v", s.readings(path))
		}
	}
}

// The reply to a change is a reading of what it changed: one can't be without
// the other.
func TestAChangeIsRecordedWithItsReply(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.openCase("")
	draft := s.as("referrer").create("/v1/case-referrals", `{"draft": true}`).header.Get("Location")
	w := &cable{t: t, word: `insert into "accesses"`}
	s.serve(desk.New(modelstest.Enter(t, w.through(s.dsn)), s.now.now))
	for _, ask := range [][4]string{
		{"referrer", "PATCH", draft, `{"summary": "s"}`},
		{"admin", "POST", path + "/transitions", `{"action": "close", "outcome": "helped"}`},
		{"admin", "POST", path + "/assignments", fmt.Sprintf(`{"organisation_id": %q, "service": "child_protection"}`, s.iom.ID)},
		{"referrer", "POST", path + "/consents", aConsent},
	} {
		before := s.rows()
		w.lose.Store(1)
		s.as(ask[0]).do(ask[1], ask[2], ask[3], "If-Match: *").want(503, "unavailable")
		if w.lost.Swap(0) != 1 || s.rows() != before {
			t.Errorf("%v took effect, and is not recorded: %s, then %s", ask, before, s.rows())
		}
	}
	s.agrees()
}

// 304 shows nothing and is no reading; and it never hides what happened around
// the record since.
func TestNotModifiedHidesNothing(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.openCase("")
	referrer := s.as("referrer")
	known := func(path string) func(who string, status int) {
		tag := s.as("admin").do("GET", path, "").want(200).header.Get("ETag")
		return func(who string, status int) {
			t.Helper()
			s.as(who).do("GET", path, "", "If-None-Match: "+tag).want(status)
		}
	}
	same := known(path)
	before := len(s.readings(path))
	same("referrer", 304)
	referrer.do("GET", path, "", "If-None-Match: *").want(304)
	referrer.do("GET", path, "", `If-None-Match: "1"`).want(200)
	if after := len(s.readings(path)); after != before+1 {
		t.Errorf("%d readings, want %d", after, before+1)
	}

	at := s.offered(path, "iom")
	same("referrer", 200) // the offer is a new version
	same = known(path)
	same("referrer", 304)
	s.as("iom").fire(at, "decline", `, "reason": {"code": "other", "note": "CANARY news"}`).want(200)
	same("referrer", 200) // the thread has a word more, the version is the same
	if got := referrer.do("GET", path, "", "If-None-Match: *").want(200); !strings.Contains(string(got.body), "CANARY news") {
		t.Errorf("the news is hidden: %s", got.body)
	}

	at = s.offered(path, "iom")
	s.as("iom").fire(at, "accept", "").want(200)
	of := known(at)
	of("iom", 304)
	same = known(path)
	same("iom", 304)
	soon := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	referrer.do("POST", path+"/consents", fmt.Sprintf(`{%s, "expires_at": %q}`, given, soon)).want(201)
	of("iom", 200) // the case has changed beside the assignment
	same = known(path)
	same("iom", 304)
	s.now.advance(2 * time.Hour)
	same("iom", 200) // a consent has expired: what can be done is another thing
	s.as("bystander").do("GET", path, "", "If-None-Match: *").want(404)
	s.as("iom").fire(at, "return", `, "reason": {"code": "unsafe"}`).want(200)
	same("iom", 404)
}

// An offer also follows the places that others take, so it is told anew.
func TestAnOfferIsNeverUnmodified(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.openCase("")
	at := s.offered(path, "iom")
	tag := s.as("iom").do("GET", at, "").want(200).header.Get("ETag")
	s.as("iom").do("GET", at, "", "If-None-Match: "+tag).want(200)
	training := s.approvedTraining()
	tag = s.as("jurist").do("GET", training, "").want(200).header.Get("ETag")
	s.as("jurist").do("GET", training, "", "If-None-Match: "+tag).want(304)
}
