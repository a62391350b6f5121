package handlers

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
)

func uuidOf(x answered) uuid.UUID { return uuid.MustParse(x.str("id")) }

func (p *person) path() string { return "/v1/users/" + p.user.ID.String() }

func TestUsers(t *testing.T) {
	t.Parallel()
	s := start(t)
	network, ngo := s.as("network"), s.ngo.ID.String()
	path := s.changes("network", "/v1/users", fmt.Sprintf(`{"name": "A clerk", "roles": ["requester", "partner"], "organisation_id": %q, "language": "tl"}`, ngo), `{"language": null, "roles": ["partner"]}`)
	got := network.do("GET", path, "").want(200)
	if got.at("active") != true || got.has("language") || fmt.Sprint(got.at("roles")) != "[partner]" || got.str("organisation", "name") != s.ngo.Name || !got.has("desk") || got.at("desk") != nil {
		t.Errorf("%s", got.body)
	}
	nobody := uuid.NewString()
	network.do("POST", "/v1/users", fmt.Sprintf(`{"name": "x", "roles": ["requester"], "organisation_id": %q}`, nobody)).errs(422, "/organisation_id unknown_organisation")
	network.do("POST", "/v1/users", fmt.Sprintf(`{"name": "x", "roles": ["admin"], "organisation_id": %q, "desk": %q}`, ngo, nobody)).errs(422, "/desk unknown_desk")
	network.do("POST", "/v1/users", fmt.Sprintf(`{"name": "x", "roles": ["partner"], "organisation_id": %q, "desk": %q}`, ngo, s.geneva.ID)).errs(422, "/desk not_an_admin")
	network.do("POST", "/v1/users", `{"name": "", "roles": ["clock"], "organisation_id": "here", "desk": "there"}`).errs(422, "/desk not_an_id", "/name required", "/organisation_id not_an_id", "/roles/0 unknown_code")
	network.do("POST", "/v1/users", fmt.Sprintf(`{"name": "x", "roles": [], "organisation_id": %q}`, ngo)).errs(422, "/roles too_few")
	network.do("PATCH", s.as("admin").path(), `{"roles": ["partner"]}`, "If-Match: *").errs(422, "/desk not_an_admin")
	network.do("PATCH", path, `{"organisation_id": "`+nobody+`"}`, "If-Match: *").errs(422, "/organisation_id unknown_organisation")
	if got := network.do("GET", path, ""); got.at("version") != 2.0 {
		t.Errorf("what was refused was written: %s", got.body)
	}
	if idle := network.create("/v1/users", fmt.Sprintf(`{"name": "Not yet", "roles": ["requester"], "organisation_id": %q, "active": false}`, ngo)); idle.at("active") != false {
		t.Errorf("%s", idle.body)
	}
	for _, who := range []string{"jurist", "iom", "auditor"} {
		s.as(who).do("GET", "/v1/users", "").want(403, "wrong_role")
		s.as(who).do("GET", s.as(who).path(), "").want(403, "wrong_role") // what one is, /v1/me says
		me := s.as(who).do("GET", "/v1/me", "").want(200)
		me.same(network.do("GET", s.as(who).path(), ""), "token_id")
		if me.str("id") != s.as(who).user.ID.String() || me.str("token_id") == "" {
			t.Errorf("%s", me.body)
		}
	}
}

// Whatever changes of a user counts from the next request on: roles,
// organisation, desk, and whether it is active at all.
func TestAUserChanges(t *testing.T) {
	t.Parallel()
	s := start(t)
	network := s.as("network")
	set := func(who, patch string) {
		t.Helper()
		network.do("PATCH", s.as(who).path(), patch, "If-Match: *").want(200)
	}
	move := func(who, patch string) { // the tokens of who moves end
		t.Helper()
		set(who, patch)
		s.as(who).do("GET", "/v1/me", "").want(401, "unauthenticated")
		s.as(who).token = network.create("/v1/tokens", fmt.Sprintf(`{"name": "new", "user_id": %q}`, s.as(who).user.ID)).str("token")
	}
	path := s.as("jurist").create("/v1/training-requests", fmt.Sprintf(aTraining, "")).header.Get("Location")
	set("jurist", `{"roles": ["partner"]}`)
	s.as("jurist").do("GET", path, "").want(404, "not_found")
	s.as("jurist").do("POST", "/v1/training-requests", `{"draft": true}`).want(403, "wrong_role")
	move("jurist", `{"roles": ["requester"], "organisation_id": "`+s.otherNGO.ID.String()+`"}`)
	s.as("jurist").do("GET", path, "").want(404, "not_found") // it is its organisation's
	s.as("colleague").do("GET", path, "").want(200)
	move("stranger", `{"organisation_id": "`+s.bar.ID.String()+`"}`)
	s.as("stranger").do("GET", path, "").want(200)

	set("admin of Geneva", `{"desk": "`+s.jeju.ID.String()+`"}`)
	s.as("admin of Geneva").do("GET", path, "").want(200)
	set("admin", `{"desk": "`+s.geneva.ID.String()+`"}`)
	s.as("admin").do("GET", path, "").want(404, "not_found")
	s.as("admin").do("POST", "/v1/desks", `{"name": "x", "time_zone": "UTC"}`).want(403)
	set("admin", `{"desk": null}`) // of the network
	s.as("admin").do("GET", path, "").want(200)
	s.as("admin").do("POST", "/v1/desks", `{"name": "Mine", "time_zone": "UTC"}`).want(201)

	set("colleague", `{"active": false}`)
	s.as("colleague").do("GET", path, "").want(401, "unauthenticated")
	s.as("colleague").do("POST", "/v1/training-requests", "nonsense").want(401, "unauthenticated")
	set("colleague", `{"active": true}`)
	s.as("colleague").do("GET", path, "").want(200)
}
