package handlers

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/desk"
	"onward/fault"
	"onward/localpg"
	"onward/models"
	"onward/workflow"
)

func (p *person) erase(path string, headers ...string) answered {
	p.s.t.Helper()
	return p.do("POST", path+"/erasure", "", headers...)
}

// completedCase is a case that was closed after IOM completed its assignment.
func (s *service) completedCase() (path, at string) {
	s.t.Helper()
	path = s.openCase("")
	at = s.offered(path, "iom")
	s.as("iom").fire(at, "accept", "").want(200)
	s.as("iom").fire(at, "start", "").want(200)
	s.as("iom").fire(at, "complete", `, "outcome": "helped", "note": "CANARY note"`).want(200)
	s.as("admin").fire(path, "close", `, "outcome": "helped"`).want(200)
	return path, at
}

// One admin asks, another one does it, and what was held of the person is gone
// for everyone; codes and states stay, and the case moves no more.
func TestErasureTakesTwoAdmins(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.as("admin").erase(s.openCase("")).want(409, "wrong_state")
	path, at := s.completedCase()
	s.as("iom").do("GET", path, "").want(200)
	s.as("referrer").erase(path).want(403, "wrong_role")
	s.as("iom").erase(path).want(403, "wrong_role")
	s.as("admin of Geneva").erase(path).want(404)

	asked := s.as("admin").erase(path).want(202)
	if asked.str("erasure", "requested_by") != s.as("admin").user.ID.String() || asked.header.Get("ETag") != etag(7) || asked.has("erased_at") {
		t.Errorf("%s", asked.body)
	}
	s.as("admin").erase(path).want(409, "same_person")
	s.as("network").erase(path, `If-Match: "6"`).want(412, "stale")
	s.as("network").erase(path, `If-Match: "7"`).want(200)

	for _, who := range []string{"referrer", "admin", "network"} {
		got := s.as(who).do("GET", path, "").want(200)
		for _, gone := range []string{"subject_code", "summary", "subdivision", "narrative", "contact", "thread", "erase_at", "erasure"} {
			if got.has(gone) {
				t.Errorf("%s still sees %s: %s", who, gone, got.body)
			}
		}
		if got.str("state") != "closed" || got.str("age_band") != "13_17" || got.str("outcome") != "helped" || got.str("reason") != "" || !got.has("erased_at") || len(got.list("consents")) != 1 {
			t.Errorf("%s sees too little of it: %s", who, got.body)
		}
		if possible := unblocked(got); len(possible) > 0 {
			t.Errorf("%s can still %v", who, possible)
		}
	}
	s.as("iom").do("GET", path, "").want(404)
	if got := s.as("iom").do("GET", at, "").want(200); strings.Contains(string(got.body), "CANARY") || len(got.list("thread")) > 0 || got.at("request", "age_band") != nil {
		t.Errorf("the partner still sees %s", got.body)
	}
	s.as("admin").fire(path, "reopen", `, "reason": {"code": "appeal"}`).want(409, "erased")
	s.as("admin").fire(path, "set_legal_hold", `, "reason": {"code": "audit"}`).want(409, "erased")
	s.as("admin").erase(path).want(409, "erased")
	s.as("admin").do("PATCH", path, `{"summary": "s"}`, "If-Match: *").want(409, "wrong_state")
	s.as("referrer").do("POST", path+"/consents", aConsent).want(409, "wrong_state")
	s.logged(path, s.as("admin").do("GET", path, ""), "referral.erased closed closed admin")
	s.agrees()
}

// What nobody seconds lapses after 14 days; then the next admin is the first.
func TestARequestOfErasureLapses(t *testing.T) {
	t.Parallel()
	s := start(t)
	path, _ := s.completedCase()
	s.as("admin").erase(path).want(202)
	s.now.advance(workflow.SecondWithin)
	if got := s.as("admin").do("GET", path, "").want(200); got.has("erasure") || !slices.Contains(unblocked(got), "request_erasure") {
		t.Errorf("it did not lapse: %s", got.body)
	}
	s.as("network").erase(path).want(202)
	s.now.advance(workflow.SecondWithin - time.Minute)
	s.as("admin").erase(path).want(200)

	path, _ = s.completedCase() // reopened, it is nobody's wish any more
	s.as("admin").erase(path).want(202)
	s.as("admin").fire(path, "reopen", `, "reason": {"code": "error"}`).want(200)
	s.as("admin").fire(path, "reject", `, "reason": {"code": "duplicate"}`).want(200)
	s.as("network").erase(path).want(202)
}

// Of many at once one asks, one does it, and the others come too late.
func TestTwoErasuresAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t)
	path, _ := s.completedCase()
	var mu sync.Mutex
	seen := map[string]int{}
	var all sync.WaitGroup
	for i := range 10 {
		all.Go(func() {
			x, _, _, err := s.as([]string{"admin", "network"}[i%2]).send("POST", path+"/erasure", "") //nolint:bodyclose // send has closed it
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			seen[fmt.Sprint(x.status, x.str("code"))]++
		})
	}
	all.Wait()
	if seen["202"] != 1 || seen["200"] != 1 || seen["409same_person"]+seen["409erased"] != 8 {
		t.Errorf("%v", seen)
	}
	s.agrees()
}

// While a legal hold stands nothing erases the case: no admin, no clock, and
// no SQL. Its reason is the owner's and the desk's, not the partner's.
func TestLegalHold(t *testing.T) {
	t.Parallel()
	s := start(t)
	path, _ := s.completedCase()
	hold := func() {
		s.as("admin").fire(path, "set_legal_hold", `, "reason": {"code": "investigation", "note": "CANARY hold"}`).want(200)
	}
	s.as("referrer").fire(path, "set_legal_hold", `, "reason": {"code": "audit"}`).want(403, "wrong_role")
	s.as("admin").fire(path, "set_legal_hold", `, "reason": {"code": "security"}`).want(422)
	s.as("admin").erase(path).want(202)
	hold()
	if got := s.as("referrer").do("GET", path, "").want(200); got.at("legal_hold") != true || got.has("erase_at") || got.has("erasure") || got.has("reason") {
		t.Errorf("%s", got.body)
	}
	if got := s.as("iom").do("GET", path, "").want(200); got.has("legal_hold") || got.has("reason") || strings.Contains(string(got.body), "CANARY hold") {
		t.Errorf("the partner knows of it: %s", got.body)
	}
	s.as("network").erase(path).want(409, "legal_hold")
	if n := s.after(10 * 366 * 24 * time.Hour); n != 0 {
		t.Errorf("the clock made %d moves on a case on hold", n)
	}
	if err := s.trySQL(fmt.Sprintf(`UPDATE case_referrals SET erased_at = now(), subject_code = '', summary = '', subdivision = '' WHERE id = '%s'`, path[len(referrals):])); err == nil || !strings.Contains(err.Error(), "case_referrals_erased_not_held") {
		t.Errorf("SQL erased it: %v", err)
	}
	s.as("admin").fire(path, "lift_legal_hold", `, "note": "It is over."`).want(200)
	s.as("network").erase(path).want(202) // what was asked before the hold is forgotten
	if n := s.ticks(); n != 1 {
		t.Errorf("%d moves, want the warning alone", n)
	}
	hold()
	if n := s.after(workflow.Notice); n != 0 {
		t.Errorf("%d moves on hold", n)
	}
	s.as("admin").fire(path, "lift_legal_hold", "").want(200)
	if n := s.ticks(); n != 1 {
		t.Errorf("%d moves, want the warning again", n)
	}
	if n := s.after(workflow.Notice - time.Minute); n != 0 {
		t.Errorf("%d moves, too early", n)
	}
	if n := s.after(time.Minute); n != 1 {
		t.Errorf("%d moves, want the erasure", n)
	}
	if !s.as("admin").do("GET", path, "").want(200).has("erased_at") {
		t.Error("it is not erased")
	}
	s.agrees()
}

// after lets time pass, for which no token lasts, and makes the clock's moves.
func (s *service) after(d time.Duration) int {
	s.t.Helper()
	s.now.advance(d)
	for _, p := range s.who {
		token, _, err := s.desk.IssueToken(s.t.Context(), root, p.user.ID, "test", nil, nil)
		s.must(err)
		p.token = token
	}
	return s.ticks()
}

// A desk sets how long; the owner is told a month before, once; then the clock
// erases. A case of another desk, one that was reopened, and one that did not
// end, stay.
func TestRetention(t *testing.T) {
	t.Parallel()
	s := start(t)
	months := func(n int) answered {
		return s.as("network").do("PATCH", "/v1/desks/"+s.jeju.ID.String(), fmt.Sprintf(`{"retention_months": %d}`, n), "If-Match: *")
	}
	months(0).want(422)
	months(241).want(422)
	path, _ := s.completedCase()
	open := s.openCase("")
	eraseAt := func() time.Time {
		at, err := time.Parse(time.RFC3339, s.as("referrer").do("GET", path, "").want(200).str("erase_at"))
		s.must(err)
		return at
	}
	if at, two := eraseAt(), time.Now().AddDate(2, 0, 0); at.Sub(two).Abs() > 48*time.Hour {
		t.Errorf("it is erased at %s, want %s", at, two)
	}
	months(2).want(200)
	wait := time.Until(eraseAt())
	if n := s.after(wait - workflow.Notice - time.Minute); n != 0 {
		t.Errorf("%d moves before its time", n)
	}
	if n := s.after(time.Minute); n != 1 {
		t.Errorf("%d moves, want the warning", n)
	}
	s.logged(path, s.as("admin").do("GET", path, ""), "referral.erasure_announced closed closed clock")
	months(3).want(200) // longer: another warning, later
	if n := s.after(workflow.Notice - time.Minute); n > 1 || s.as("admin").do("GET", path, "").has("erased_at") {
		t.Errorf("%d moves though the desk keeps it longer", n)
	}
	s.after(workflow.Notice)
	s.after(workflow.Notice)
	if !s.as("admin").do("GET", path, "").has("erased_at") {
		t.Error("it is not erased")
	}
	if s.as("admin").do("GET", open, "").want(200).str("subject_code") == "" {
		t.Error("a case that did not end was erased")
	}
	s.agrees()
}

// What was written is in no row of the database once it is erased, not even
// sealed; what another case holds stays; the codes can be counted.
func TestNothingIsLeftOfAnErasedCase(t *testing.T) {
	t.Parallel()
	s := start(t)
	w, other := &witness{service: s, mark: "CANARY"}, &witness{service: s, mark: "OTHER"}
	path, kept := w.course(), other.course()
	w.fire("admin", path, "reject", note("other", "reject"))
	id := path[len(referrals):]
	s.as("admin").do("POST", kept+"/duplicates", fmt.Sprintf(`{"referral_id": %q, "verdict": "same_person"}`, id)).want(201)
	s.asSuperuser(`CREATE TABLE copied AS SELECT * FROM sealed_texts`)
	if !bytes.Contains(s.dump(), []byte("CANARY-summary")) {
		t.Fatal("the dump lacks the summary")
	}
	left := strings.ReplaceAll(`SELECT (SELECT count(*) FROM sealed_texts WHERE request_id = ID) + (SELECT count(*) FROM data_keys WHERE request_id = ID)
		+ (SELECT count(*) FROM match_tokens WHERE referral_id = ID) + (SELECT count(*) FROM duplicate_links WHERE ID IN (one, other))`, "ID", "'"+id+"'")
	if n := s.count(left); n < 20 {
		t.Errorf("there are only %d sealed texts, keys, tokens and links", n)
	}
	before := s.chained()
	s.as("network").erase(path).want(202)
	s.as("admin").erase(path).want(200)
	s.chained(before)
	dump := s.dump()
	if bytes.Contains(dump, []byte("CANARY")) || !bytes.Contains(dump, []byte("OTHER-summary")) {
		t.Error("the dump has a canary of the erased case, or lacks the other one's")
	}
	if n := s.count(left); n != 0 {
		t.Errorf("%d sealed texts, keys, tokens and links are left", n)
	}
	if n := s.count(`SELECT count(*) FROM case_referrals WHERE age_band = 'adult' AND country = 'PH' AND services <> '{}'`); n != 2 {
		t.Errorf("%d cases can be counted, want 2", n)
	}
	for _, of := range sealedWords {
		if of != "message" && !bytes.Contains(s.as("admin").do("GET", kept, "").body, []byte("OTHER-"+of)) {
			t.Errorf("the other case lost its %s", of)
		}
	}
	// Who kept a copy of the sealed texts opens none of them.
	s.asSuperuser(`INSERT INTO sealed_texts SELECT * FROM copied WHERE request_id = '` + id + `'`)
	if got := s.as("admin").do("GET", path, ""); got.status != 500 || bytes.Contains(got.body, []byte("CANARY")) {
		t.Errorf("%d %s", got.status, got.body)
	}
	s.agrees()
}

// chained chains the log and fails unless it verifies, through earlier heads.
func (s *service) chained(heads ...models.Anchor) models.Anchor {
	s.t.Helper()
	_, err := s.clerk.Chain(s.t.Context(), models.Mark{})
	s.must(err)
	p, err := s.clerk.Prove(s.t.Context(), heads)
	s.must(err)
	if len(p.Wrong) > 0 || p.Waiting > 0 || p.Head.N == 0 {
		s.t.Errorf("the chain is %+v", p)
	}
	return models.Anchor{Head: p.Head}
}

// A database that dies before the commit leaves everything; afterwards the
// same erasure takes effect whole.
func TestAnErasureIsWholeOrNothing(t *testing.T) {
	t.Parallel()
	s := start(t)
	path, _ := s.completedCase()
	s.as("admin").erase(path).want(202)
	id, a := uuid.MustParse(path[len(referrals):]), s.as("network").user.Actor(uuid.Nil)
	err := s.desk.Together(context.Background(), a, func(ctx context.Context) error {
		done, err := s.desk.Erase(ctx, a, id, desk.Whatever, workflow.Input{})
		if !done || err != nil {
			t.Errorf("done %v, %v", done, err)
		}
		s.asSuperuser("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND usename = '" + localpg.App + "'")
		return nil
	})
	if !fault.Is(err, fault.CodeUnavailable) {
		t.Fatalf("the database was away, and it says %v", err)
	}
	s.until(func() bool { return s.as("referrer").do("GET", "/v1/me", "").status == 200 })
	got := s.as("referrer").do("GET", path, "").want(200)
	if got.has("erased_at") || got.str("subject_code") == "" || got.str("narrative") != "CANARY narrative" || !got.has("erasure") {
		t.Errorf("half of it is gone: %s", got.body)
	}
	s.as("network").erase(path).want(200)
	s.agrees()
}
