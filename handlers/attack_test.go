package handlers

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// Who keeps the key of an answer reads no more by it than it may see now: not
// the summary of a case in which its part has ended, however it ended.
func TestAReplayTellsNoMoreThanIsSeen(t *testing.T) {
	t.Parallel()
	s := start(t)
	accept, key := `{"action": "accept"}`, "Idempotency-Key: kept"
	for name, end := range map[string]func(path, at string){
		"consent revoked": func(path, _ string) { s.as("referrer").fire(path, "revoke_consent", "").want(200) },
		"returned":        func(_, at string) { s.as("iom").fire(at, "return", `, "reason": {"code": "unsafe"}`).want(200) },
		"revoked": func(_, at string) {
			s.as("admin").fire(at, "revoke", `, "reason": {"code": "other", "note": "x"}`).want(200)
		},
		"completed long ago": func(_, at string) {
			s.as("iom").fire(at, "start", "").want(200)
			s.as("iom").fire(at, "complete", `, "outcome": "helped", "note": "x"`).want(200)
			s.as("referrer").fire(s.as("iom").caseOf(at), "revoke_consent", "").want(200)
		},
	} {
		path, key := s.openCase(""), key+" "+name
		offer := fmt.Sprintf(`{"organisation_id": %q, "service": "child_protection", "message": "CANARY message"}`, s.iom.ID)
		at := s.as("admin").do("POST", path+"/assignments", offer).want(201).header.Get("Location")
		first := s.as("iom").do("POST", at+"/transitions", accept, "If-Match: *", key).want(200)
		again := s.as("iom").do("POST", at+"/transitions", accept, "If-Match: *", key).want(200)
		if string(again.body) != string(first.body) || again.header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("%s: while it sees the case, the replay differs: %s", name, again.body)
		}
		end(path, at)
		again = s.as("iom").do("POST", at+"/transitions", accept, "If-Match: *", key).want(200)
		again.silent(name, "A boy", "CANARY", "13_17", `"PH"`, "in_service") // a reference may have the letters
		if again.str("state") != "accepted" || again.header.Get("ETag") != first.header.Get("ETag") || again.header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("%s: the replay does not tell what was done: %s", name, again.body)
		}
	}
}

// caseOf is the path of the case of an assignment.
func (p *person) caseOf(at string) string {
	p.s.t.Helper()
	return "/v1/case-referrals/" + p.do("GET", at, "").want(200).str("request", "id")
}

// An admin of a desk who made a colleague's token does not rise, or move, with
// that colleague.
func TestATokenDoesNotRise(t *testing.T) {
	t.Parallel()
	s := start(t)
	for what, change := range map[string]string{
		"an admin":                `{"roles": ["admin"]}`,
		"an auditor":              `{"roles": ["partner", "auditor"]}`,
		"of another organisation": fmt.Sprintf(`{"organisation_id": %q}`, s.iom.ID),
	} {
		made := s.as("admin").create("/v1/users", fmt.Sprintf(`{"name": "a trainer", "roles": ["partner"], "organisation_id": %q}`, s.unitar.ID))
		issue := fmt.Sprintf(`{"name": "a spy", "user_id": %q}`, made.str("id"))
		spy := &person{s: s, token: s.as("admin").create("/v1/tokens", issue).str("token")}
		s.as("network").do("PATCH", made.header.Get("Location"), `{"name": "a trainer of trainers", "language": "ko"}`, "If-Match: *").want(200)
		spy.do("GET", "/v1/me", "").want(200)
		s.as("network").do("PATCH", made.header.Get("Location"), change, "If-Match: *").want(200)
		if got := spy.do("GET", "/v1/me", ""); got.status != 401 {
			t.Errorf("the token is %s now: %s", what, got.body)
		}
		s.as("admin").do("POST", "/v1/tokens", issue).want(403)
		theirs := &person{s: s, token: s.as("network").create("/v1/tokens", issue).str("token")}
		theirs.do("GET", "/v1/me", "").want(200)
	}
}

// An admin of a desk can't shut the network's admins out by way of their
// organisation, nor take in again what the network has retired.
func TestWhoRetiresAnOrganisation(t *testing.T) {
	t.Parallel()
	s := start(t)
	whatever := "If-Match: *"
	unitar, bar, iom := organisations+s.unitar.ID.String(), organisations+s.bar.ID.String(), organisations+s.iom.ID.String()
	s.as("admin").do("DELETE", unitar, "", whatever).want(403, "wrong_role")
	s.as("admin").do("PATCH", unitar, `{"active": false}`, whatever).want(403, "wrong_role")
	s.as("admin").do("PATCH", unitar, `{"description": "A training centre"}`, whatever).want(200)
	s.as("network").do("GET", "/v1/me", "").want(200)

	s.as("network").do("DELETE", iom, "", whatever).want(204)
	s.as("admin").do("PATCH", iom, `{"active": true}`, whatever).want(403, "wrong_role")
	s.as("iom").do("GET", "/v1/assignments", "").want(401)
	s.as("admin").do("PATCH", iom, `{"description": "Retired"}`, whatever).want(200)
	s.as("network").do("PATCH", iom, `{"active": true}`, whatever).want(200)
	s.as("iom").do("GET", "/v1/assignments", "").want(200)
	s.as("admin").do("DELETE", bar, "", whatever).want(204)
}

// A time that a zone carries out of the years that JSON can tell is refused:
// once kept, nobody could read the record again.
func TestATimeThatNoAnswerCanTell(t *testing.T) {
	t.Parallel()
	s := start(t)
	late, early := "9999-12-31T23:59:59-23:59", "0000-01-01T00:00:00+23:59"
	given := `"given_at": "2012-03-29T09:00:00Z"`
	for what, body := range map[string]string{
		"expires_at": strings.Replace(aReferral, given, given+`, "expires_at": "`+late+`"`, 1),
		"given_at":   strings.Replace(aReferral, given, `"given_at": "`+early+`"`, 1),
	} {
		for _, draft := range []string{"", `, "draft": true`} {
			got := s.as("referrer").do("POST", "/v1/case-referrals", fmt.Sprintf(body, draft)).want(422, "invalid")
			if got.str("errors", 0, "pointer") != "/consents/0/"+what || got.str("errors", 0, "code") != "not_a_time" {
				t.Errorf("%s", got.body)
			}
		}
	}
	path := s.openCase("")
	s.as("referrer").do("POST", path+"/consents", fmt.Sprintf(`{"basis": "consent", "given_by": "individual", %s, "purposes": ["referral"], "expires_at": %q}`, given, late)).want(422, "invalid")
	s.as("admin").do("POST", path+"/assignments", fmt.Sprintf(`{"organisation_id": %q, "service": "child_protection", "respond_by": %q}`, s.iom.ID, late)).want(422, "invalid")
	s.as("admin").fire(path, "hold", fmt.Sprintf(`, "reason": {"code": "security"}, "until": %q`, late)).want(422, "invalid")
	s.as("referrer").do("POST", "/v1/tokens", fmt.Sprintf(`{"name": "x", "expires_at": %q}`, late)).want(422, "invalid")
	training := s.approvedTraining()
	s.as("unitar").fire(s.offered(training, "unitar"), "accept", "").want(200)
	s.as("unitar").fire(training, "schedule", fmt.Sprintf(`, "starts_at": %q, "ends_at": "2012-09-11T09:00:00Z", "mode": "onsite", "place": "Lahore"`, early)).want(422, "invalid")
	for _, who := range []string{"referrer", "admin"} {
		s.as(who).do("GET", path, "").want(200)
		s.as(who).do("GET", "/v1/case-referrals", "").want(200)
	}
	s.agrees()
}

// A consent for an organisation that is none is refused by its member, whether
// that could be an id or not, and the log learns nothing of it.
func TestAConsentForNobody(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, id := range []string{"x' OR 1=1--", "", uuid.NewString(), strings.ToUpper(s.iom.ID.String())} {
		body := strings.Replace(aReferral, `"purposes"`, fmt.Sprintf(`"organisations": [%q], "purposes"`, id), 1)
		for _, draft := range []string{"", `, "draft": true`} {
			if got := s.as("referrer").do("POST", "/v1/case-referrals", fmt.Sprintf(body, draft)).want(422, "invalid"); got.str("errors", 0, "pointer") != "/consents/0/organisations/0" {
				t.Errorf("%q: %s", id, got.body)
			}
		}
	}
	if strings.Contains(s.log.String(), "1=1") {
		t.Error("the log repeats what was sent")
	}
}

// What a partner is offered, and then consented to withhold, can't be had by
// being fast: whoever is first, after revoke_consent nothing is left.
func TestRevokingAndAcceptingAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t)
	for range 8 {
		path := s.openCase("")
		at := s.offered(path, "iom")
		answers := together(2, func(i int) answered {
			if i == 0 {
				return s.as("iom").fire(at, "accept", "")
			}
			return s.as("referrer").fire(path, "revoke_consent", "")
		})
		answers[1].want(200)
		if answers[0].status != 200 {
			answers[0].want(409, "wrong_state")
		}
		s.ended("iom", path, at)
	}
	s.now.advance(time.Minute)
	s.agrees()
}
