package handlers

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/models"
)

const declined = `, "reason": {"code": "no_capacity"}`

// One after the other is asked: who can't be offered it is passed over, who
// declines or is silent is followed at once, and the request never goes back
// to its desk meanwhile; then it does, and the log says so.
func TestAPlanGoesOn(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.approvedTraining()
	plan := s.as("admin").plan(path, `, "respond_within_hours": 3, "message": "Could you?"`, s.otherNGO.ID, s.unitar.ID, s.bystanders.ID, s.ewha.ID)
	x := s.steps(plan, "live", "skipped:service_not_offered", "offered", "waiting", "waiting")
	first := at(x, 1)
	if got := s.as("unitar").do("GET", first, "").want(200); got.str("message") != "Could you?" {
		t.Errorf("who is asked first is not told %s", got.body)
	}
	s.as("unitar").fire(first, "decline", declined).want(200)
	x = s.steps(plan, "live", "skipped:service_not_offered", "declined", "skipped:service_not_offered", "offered")
	s.ends(path, "assignment.declined partner", "training.offer_made effect", "assignment.offered effect")
	s.state(path, "offered")
	second := at(x, 3)
	if got := s.as("ewha").do("GET", second, "").want(200); got.str("message") != "Could you?" {
		t.Errorf("who is asked later is not told: %s", got.body)
	}
	s.as("unitar").do("GET", second, "").want(404)
	s.now.advance(2 * time.Hour)
	if n := s.ticks(); n != 0 {
		t.Errorf("%d moves before its time", n)
	}
	s.now.advance(time.Hour + time.Second)
	if n := s.ticks(); n != 1 {
		t.Errorf("%d moves, want the expiry", n)
	}
	s.steps(plan, "exhausted", "skipped:service_not_offered", "declined", "skipped:service_not_offered", "expired")
	s.ends(path, "assignment.expired clock", "training.plan_exhausted effect", "training.unmatched effect")
	s.state(path, "approved")
	s.agrees()
}

// An id is the same in capitals: it is found, and not asked twice.
func TestAPlanKnowsAnIDInCapitals(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.approvedTraining()
	once, again := s.unitar.ID.String(), strings.ToUpper(s.unitar.ID.String())
	s.as("admin").do("POST", path+"/offers", fmt.Sprintf(`{"organisations": [%q, %q]}`, once, again)).errs(422, "/organisations not_unique")
	s.as("admin").do("POST", path+"/offers", fmt.Sprintf(`{"organisations": [%q]}`, again)).want(201)
	s.state(path, "offered")
}

// The clock makes the next offer of a case, and can read none of what is
// written in it; the partner can, and accepts; the plan is fulfilled, and what
// comes back later comes to the desk.
func TestTheClockGoesOn(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.openCase("")
	plan := s.as("admin").plan(path, `, "service": "child_protection", "message": "Could you?"`, s.iom.ID, s.bystanders.ID)
	s.steps(plan, "live", "offered", "waiting")
	s.now.advance(15 * 24 * time.Hour)
	if n := s.ticks(); n != 1 {
		t.Errorf("%d moves, want 1", n)
	}
	x := s.steps(plan, "live", "expired", "offered")
	second := at(x, 1)
	got := s.as("bystander").do("GET", second, "").want(200)
	if got.str("message") != "Could you?" || got.str("request", "summary") == "" {
		t.Errorf("%s", got.body)
	}
	if by := s.column("SELECT count(*) FROM assignments WHERE offered_by = '" + s.as("admin").user.ID.String() + "'"); by != "2" {
		t.Errorf("%s offers are on the word of who planned them", by)
	}
	s.as("bystander").fire(second, "accept", "").want(200)
	s.steps(plan, "fulfilled", "expired", "accepted")
	s.as("bystander").fire(second, "return", `, "reason": {"code": "moved_away"}`).want(200)
	s.steps(plan, "fulfilled", "expired", "returned")
	s.state(path, "open")
	s.agrees()
}

// What a plan is refused for, and that nothing of it stays.
func TestRefusedPlans(t *testing.T) {
	t.Parallel()
	s := start(t)
	path, training := s.openCase(""), s.approvedTraining()
	before := s.trace(path) + s.trace(training)
	const food = `, "service": "food"`
	got := s.as("admin").do("POST", path+"/offers", asked(food, s.iom.ID, s.unhcr.ID)).want(409, "no_candidate")
	if got.str("errors", 1, "pointer") != "/organisations/1" || got.str("errors", 1, "code") != "service_not_offered" {
		t.Errorf("%s", got.body)
	}
	for body, pointer := range map[string]string{
		asked(food, s.iom.ID, uuid.New()):      "/organisations/1",
		asked(food, s.iom.ID, s.iom.ID):        "/organisations",
		asked(food):                            "/organisations",
		asked("", s.iom.ID):                    "/service",
		asked(`, "service": "none"`, s.iom.ID): "/service",
		asked(`, "service": "child_protection", "broadcast": true`, s.iom.ID):                 "/broadcast",
		asked(`, "service": "child_protection", "respond_within_hours": 3000`, s.iom.ID):      "/respond_within_hours",
		asked(`, "service": "child_protection", "respond_within_hours": 0`, s.iom.ID):         "/respond_within_hours",
		asked(`, "service": "child_protection"`, slices.Repeat([]uuid.UUID{s.iom.ID}, 21)...): "/organisations",
	} {
		if got := s.as("admin").do("POST", path+"/offers", body).want(422, "invalid"); got.str("errors", 0, "pointer") != pointer {
			t.Errorf("%s: %s", body, got.body)
		}
	}
	s.as("admin").do("POST", training+"/offers", asked(food, s.ewha.ID)).want(400, "malformed")
	if after := s.trace(path) + s.trace(training); after != before || s.column("SELECT count(*) FROM plans") != "0" {
		t.Errorf("what was refused left a trace: %s, then %s", before, after)
	}
	const care = `, "service": "child_protection"`
	s.as("admin").do("POST", path+"/offers", asked(care, s.iom.ID), `If-Match: "999"`).want(412)
	s.as("admin").do("POST", training+"/offers", asked("", s.ewha.ID), `If-Match: "999"`).want(412)
	s.as("admin").plan(path, care, s.iom.ID)
	s.as("admin").do("POST", path+"/offers", asked(care, s.bystanders.ID)).want(409, "plan_active")
	s.as("admin").plan(path, `, "service": "international_protection"`, s.unhcr.ID)
	s.agrees()
}

// All at once: the first to accept has it; a plan of which one offer was taken
// back stands as long as another does.
func TestABroadcast(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.approvedTraining()
	plan := s.as("admin").plan(path, `, "broadcast": true`, s.unitar.ID, s.otherNGO.ID, s.ewha.ID)
	x := s.steps(plan, "live", "offered", "skipped:service_not_offered", "offered")
	s.as("admin").do("POST", path+"/offers", asked("", s.ewha.ID)).want(409, "plan_active")
	s.as("ewha").fire(at(x, 2), "accept", "").want(200)
	s.steps(plan, "fulfilled", "revoked", "skipped:service_not_offered", "accepted")
	if got := s.state(at(x, 0), "revoked"); got.str("reason") != "matched_elsewhere" {
		t.Errorf("%s", got.body)
	}

	path = s.approvedTraining()
	plan = s.as("admin").plan(path, `, "broadcast": true`, s.unitar.ID, s.ewha.ID)
	x = s.steps(plan, "live", "offered", "offered")
	const wrong = `, "reason": {"code": "error"}`
	s.as("admin").fire(at(x, 0), "revoke", wrong).want(200)
	s.steps(plan, "live", "revoked", "offered")
	s.as("admin").fire(at(x, 1), "revoke", wrong).want(200)
	if x := s.steps(plan, "cancelled", "revoked", "revoked"); x["reason"] != "error" {
		t.Errorf("%v", x)
	}
	s.state(path, "approved")
	s.agrees()
}

// Whatever ends the request or its consent ends its plans; nothing more is
// shown to anybody.
func TestWhatEndsAPlan(t *testing.T) {
	t.Parallel()
	s := start(t)
	const care = `, "service": "child_protection"`
	for what, want := range map[string]string{"withdraw": "request_withdrawn", "revoke_consent": "consent_revoked"} {
		path := s.openCase("")
		plan := s.as("admin").plan(path, care, s.iom.ID, s.bystanders.ID)
		more := ""
		if what == "withdraw" {
			more = `, "reason": {"code": "no_longer_needed"}`
		}
		s.as("referrer").fire(path, what, more).want(200)
		if x := s.steps(plan, "cancelled", "revoked", "not_asked"); x["reason"] != want {
			t.Errorf("%v", x)
		}
		s.as("admin").do("DELETE", plan, "", "If-Match: *").want(409, "plan_over")
	}
	// On hold, it waits; withdrawn from there, it is over.
	path := s.openCase("")
	plan := s.as("admin").plan(path, care, s.iom.ID, s.bystanders.ID)
	hold := fmt.Sprintf(`, "reason": {"code": "security"}, "until": %q`, time.Now().Add(24*time.Hour).UTC().Format(time.RFC3339))
	s.as("admin").fire(path, "hold", hold).want(200)
	s.as("admin").fire(path, "resume", "").want(200)
	s.steps(plan, "live", "offered", "waiting") // whose offer is still open
	s.as("admin").fire(path, "hold", hold).want(200)
	s.as("iom").fire(at(s.steps(plan, "live", "offered", "waiting"), 0), "decline", declined).want(200)
	s.steps(plan, "live", "declined", "waiting")
	s.as("admin").fire(path, "resume", "").want(200)
	x := s.steps(plan, "live", "declined", "offered")
	s.as("admin").fire(path, "hold", hold).want(200)
	s.as("bystander").fire(at(x, 1), "decline", declined).want(200)
	s.steps(plan, "live", "declined", "declined")
	s.now.advance(25 * time.Hour)
	s.ticks()
	s.steps(plan, "exhausted", "declined", "declined")
	s.ends(path, "assignment.declined partner", "referral.resumed clock", "referral.plan_exhausted effect")
	path = s.openCase("")
	plan = s.as("admin").plan(path, care, s.iom.ID, s.bystanders.ID)
	s.as("admin").fire(path, "hold", fmt.Sprintf(`, "reason": {"code": "security"}, "until": %q`, time.Now().Add(60*time.Hour).UTC().Format(time.RFC3339))).want(200)
	s.as("iom").fire(at(s.steps(plan, "live", "offered", "waiting"), 0), "decline", declined).want(200)
	s.as("referrer").fire(path, "withdraw", `, "reason": {"code": "no_longer_needed"}`).want(200)
	s.steps(plan, "cancelled", "declined", "not_asked")
	s.agrees()
}

// Consent that ended in between: whose turn it would be is shown nothing, and
// the plan says why.
func TestConsentEndsBetweenTwoOffers(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.openCase("")
	s.column("UPDATE consents SET expires_at = now() + interval '1 hour' WHERE referral_id = '" + path[len(referrals):] + "' RETURNING id")
	plan := s.as("admin").plan(path, `, "service": "child_protection"`, s.iom.ID, s.bystanders.ID)
	first := at(s.steps(plan, "live", "offered", "waiting"), 0)
	s.now.advance(2 * time.Hour)
	s.as("iom").fire(first, "decline", declined).want(200)
	if x := s.steps(plan, "exhausted", "declined", "skipped:consent_expired"); x["reason"] != "consent_expired" {
		t.Errorf("%v", x)
	}
	if n := len(s.as("bystander").do("GET", "/v1/assignments", "").want(200).list("items")); n != 0 {
		t.Errorf("the next was asked all the same: %d", n)
	}
	s.ends(path, "assignment.declined partner", "referral.plan_exhausted effect")
	s.agrees()
}

// A plan that is cancelled asks nobody else; its open offer stands.
func TestACancelledPlan(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.approvedTraining()
	made := s.as("admin").do("POST", path+"/offers", asked("", s.unitar.ID, s.ewha.ID)).want(201)
	plan := path + "/offers/" + made.str("id")
	first := at(s.steps(plan, "live", "offered", "waiting"), 0)
	s.as("admin").do("DELETE", plan, "").want(428)
	s.as("admin").do("DELETE", plan, "", `If-Match: "7"`).want(412)
	s.as("admin").do("DELETE", path+"/offers/"+uuid.NewString(), "", "If-Match: *").want(404)
	s.as("admin").do("DELETE", s.approvedTraining()+"/offers/"+made.str("id"), "", "If-Match: *").want(404)
	s.as("admin of Geneva").do("DELETE", plan, "", "If-Match: *").want(404)
	s.as("admin").do("DELETE", plan, "", "If-Match: "+made.header.Get("ETag")).want(204)
	s.steps(plan, "cancelled", "offered", "not_asked")
	s.as("admin").do("DELETE", plan, "", "If-Match: *").want(409, "plan_over")
	s.ends(path, "training.plan_cancelled admin")
	s.as("unitar").fire(first, "decline", declined).want(200)
	s.steps(plan, "cancelled", "declined", "not_asked")
	s.state(path, "approved")
	s.agrees()
}

// A partner sees no plan, and can't tell from what it sees whether anybody was
// asked before it, or would be after.
func TestAPartnerIsToldOfNoPlan(t *testing.T) {
	t.Parallel()
	s := start(t)
	alone, path := s.openCase(""), s.openCase("")
	direct := s.offered(alone, "iom")
	plan := s.as("admin").plan(path, `, "service": "child_protection"`, s.bystanders.ID, s.iom.ID, s.otherNGO.ID)
	s.as("bystander").fire(at(s.steps(plan, "live", "offered", "waiting", "waiting"), 0), "decline", declined).want(200)
	second := at(s.steps(plan, "live", "declined", "offered", "waiting"), 1)
	for _, who := range []string{"iom", "bystander", "unhcr"} {
		s.as(who).do("GET", path+"/offers", "").want(404)
		s.as(who).do("POST", path+"/offers", asked(`, "service": "child_protection"`, s.iom.ID)).want(404)
		s.as(who).do("DELETE", plan, "", "If-Match: *").want(404)
	}
	s.as("referrer").do("GET", path+"/offers", "").want(403, "wrong_role")
	s.as("iom").fire(direct, "accept", "").want(200)
	s.as("iom").fire(second, "accept", "").want(200)
	s.as("iom").do("GET", path+"/offers", "").want(403, "wrong_role")
	s.as("iom").do("DELETE", plan, "", "If-Match: *").want(403, "wrong_role")
	told := func(of, record string) (all []string) {
		t.Helper()
		got := s.as("iom").do("GET", of+"/events?limit=200", "").want(200)
		if strings.Contains(string(got.body), "plan") || strings.Contains(string(got.body), s.bystanders.ID.String()) {
			t.Errorf("%s", got.body)
		}
		for _, e := range got.list("items") {
			e, _ := e.(map[string]any)
			if e["action"] == "offer" {
				all = append(all, fmt.Sprint(e["name"], e["by"], e["actor"], e["record"] == record[len(assignments):]))
			}
		}
		return all
	}
	if a, b := told(alone, direct), told(path, second); !slices.Equal(a, b) {
		t.Errorf("an offer of a plan looks different: %v, and %v", a, b)
	}
	if got := s.as("iom").do("GET", second, "").want(200); strings.Contains(string(got.body), "plan") {
		t.Errorf("%s", got.body)
	}
	s.agrees()
}

// Twenty at once decline or let run out the one offer: the next is made once.
func TestTwentyGoOnAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.approvedTraining()
	plan := s.as("admin").plan(path, `, "respond_within_hours": 1`, s.unitar.ID, s.ewha.ID)
	first := at(s.steps(plan, "live", "offered", "waiting"), 0)
	s.now.advance(time.Hour + time.Second)
	var done sync.WaitGroup
	for i := range 20 {
		done.Go(func() {
			if i%2 == 0 {
				if _, err := s.clerk.Tick(t.Context()); err != nil {
					t.Error(err)
				}
				return
			}
			x, err := s.as("unitar").try("POST", first+"/transitions", `{"action": "decline", "reason": {"code": "no_capacity"}}`, "If-Match: *")
			if err != nil || x.status != 200 && x.status != 409 {
				t.Errorf("%d %s: %v", x.status, x.body, err)
			}
		})
	}
	done.Wait()
	if n := s.column("SELECT count(*) FROM assignments"); n != "2" {
		t.Errorf("%s offers were made, want 2", n)
	}
	if n := s.column("SELECT count(*) FROM events WHERE name = 'training.offer_made'"); n != "2" {
		t.Errorf("%s offers are in the log, want 2", n)
	}
	s.agrees()
}

// A request that goes to another desk after all takes its plans along: they
// are over by then.
func TestAPlanAndAnotherDesk(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.approvedTraining()
	plan := s.as("admin").plan(path, "", s.unitar.ID, s.ewha.ID)
	s.as("admin").fire(path, "withdraw", `, "reason": {"code": "no_longer_needed"}`).want(200)
	s.as("admin").fire(path, "reopen", `, "reason": {"code": "error"}`).want(200)
	s.as("admin").fire(path, "transfer", fmt.Sprintf(`, "desk": %q, "reason": {"code": "wrong_desk"}`, s.geneva.ID)).want(200)
	s.as("admin").do("GET", path+"/offers", "").want(404)
	got := s.as("admin of Geneva").do("GET", path+"/offers", "").want(200)
	if len(got.list("items")) != 1 || got.str("items", 0, "state") != string(models.PlanCancelled) {
		t.Errorf("%s: %s", plan, got.body)
	}
	s.agrees()
}
