package handlers

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"onward/models"
	"onward/workflow"
)

func (s *service) at(d models.Desk) string { return "/v1/desks/" + d.ID.String() }

func TestDesks(t *testing.T) {
	t.Parallel()
	s := start(t)
	network := s.as("network")
	path := s.changes("network", "/v1/desks", `{"name": "CIFAL Durban", "time_zone": "Africa/Johannesburg"}`, `{"countries": ["ZA", "LS"]}`)
	got := s.as("jurist").do("GET", path, "").want(200)
	if got.at("active") != true || got.at("default") != false || fmt.Sprint(got.at("countries")) != "[ZA LS]" || got.str("time_zone") != "Africa/Johannesburg" {
		t.Errorf("%s", got.body)
	}
	for _, refused := range []answered{
		network.do("POST", "/v1/desks", `{"name": "Geneva", "time_zone": "UTC"}`),
		network.do("PATCH", path, `{"name": "Geneva"}`, "If-Match: *"),
	} {
		if refused.want(409, "name_taken"); !refused.names("/name") {
			t.Errorf("%s", refused.body)
		}
	}
	network.do("POST", "/v1/desks", `{"name": "Nowhere", "time_zone": "Mars/Olympus", "countries": ["PH", "PH"]}`).errs(422, "/countries not_unique", "/time_zone not_a_time_zone")
	for _, who := range []string{"admin", "jurist", "iom"} {
		s.as(who).do("POST", "/v1/desks", `{"name": "Mine", "time_zone": "UTC"}`).want(403, "wrong_role")
		s.as(who).do("PATCH", s.at(s.jeju), `{"countries": []}`, "If-Match: *").want(403, "wrong_role")
		s.as(who).do("DELETE", s.at(s.geneva), "", "If-Match: *").want(403, "wrong_role")
	}
}

// There is one default desk at any time; it moves to another, and is never
// closed or given up.
func TestTheDefaultDesk(t *testing.T) {
	t.Parallel()
	s := start(t)
	network := s.as("network")
	is := func(want models.Desk) {
		t.Helper()
		for _, x := range network.items("/v1/desks") {
			if x["default"] != (x.str("id") == want.ID.String()) {
				t.Errorf("%s is the default: %v", x.str("name"), x["default"])
			}
		}
	}
	for _, body := range []string{`{"default": false}`, `{"active": false}`, `{"default": false, "active": false}`} {
		network.do("PATCH", s.at(s.jeju), body, "If-Match: *").want(409, "desk_is_default")
	}
	network.do("DELETE", s.at(s.jeju), "", "If-Match: *").want(409, "desk_is_default")
	network.do("POST", "/v1/desks", `{"name": "Asleep", "time_zone": "UTC", "default": true, "active": false}`).want(409, "desk_is_default")
	is(s.jeju)

	s.now.advance(time.Minute)
	before := network.do("GET", s.at(s.jeju), "")
	network.do("PATCH", s.at(s.geneva), `{"default": true}`, `If-Match: "1"`).want(200)
	is(s.geneva)
	after := network.do("GET", s.at(s.jeju), "", `If-None-Match: "1"`).want(200)
	if after.same(before, "default", "version", "updated_at"); after.at("version") != 2.0 || after.str("updated_at") <= before.str("updated_at") {
		t.Errorf("the old default's change is not one of its versions: %s", after.body)
	}
	network.do("DELETE", s.at(s.jeju), "", `If-Match: "2"`).want(204)
	network.do("PATCH", s.at(s.jeju), `{"default": true}`, "If-Match: *").want(409, "desk_is_default") // it is closed
	is(s.geneva)
	made := network.create("/v1/desks", `{"name": "The newest", "time_zone": "UTC", "default": true}`)
	s.jeju.ID = uuidOf(made)
	is(s.jeju)
}

// A desk closes when all that it has is at an end; then its countries are the
// default desk's until it is open again. Of two desks of one country, the
// older takes what comes.
func TestADeskCloses(t *testing.T) {
	t.Parallel()
	s := start(t)
	network := s.as("network")
	swiss := strings.NewReplacer(`"PK"`, `"CH"`, "PK-PB", "CH-GE").Replace(aTraining)
	goes := func(want models.Desk) answered {
		t.Helper()
		made := s.as("jurist").create("/v1/training-requests", fmt.Sprintf(swiss, ""))
		if made.str("desk") != want.ID.String() {
			t.Errorf("it is at %s, want %s", made.str("desk"), want.Name)
		}
		return made
	}
	younger := s.addDesk("Bern", false, "CH")
	draft := s.as("jurist").create("/v1/training-requests", fmt.Sprintf(swiss, `, "draft": true`)).header.Get("Location")
	network.do("DELETE", s.at(s.geneva), "", "If-Match: *").want(409, "desk_in_use") // a draft counts too
	s.as("jurist").do("DELETE", draft, "", "If-Match: *").want(204)
	path := goes(s.geneva).header.Get("Location")
	for _, end := range []string{"take", "reject"} {
		network.do("DELETE", s.at(s.geneva), "", "If-Match: *").want(409, "desk_in_use")
		network.do("PATCH", s.at(s.geneva), `{"active": false}`, "If-Match: *").want(409, "desk_in_use")
		s.as("admin of Geneva").fire(path, end, map[string]string{"reject": `, "reason": {"code": "no_funding"}`}[end]).want(200)
	}
	other := s.as("referrer").create("/v1/case-referrals", strings.NewReplacer(`"PH"`, `"CH"`, "PH-00", "CH-GE").Replace(fmt.Sprintf(aReferral, "")))
	if other.str("desk") != s.geneva.ID.String() {
		t.Errorf("%s", other.body)
	}
	network.do("DELETE", s.at(s.geneva), "", "If-Match: *").want(409, "desk_in_use") // a case counts as well
	s.as("referrer").fire(other.header.Get("Location"), "withdraw", `, "reason": {"code": "found_elsewhere"}`).want(200)
	network.do("DELETE", s.at(s.geneva), "", "If-Match: *").want(204)
	if got := network.do("GET", s.at(s.geneva), "").want(200); got.at("active") != false {
		t.Errorf("%s", got.body)
	}
	goes(younger)
	s.as("network").fire(goes(younger).header.Get("Location"), "withdraw", `, "reason": {"code": "no_longer_needed"}`).want(200)
	network.do("PATCH", s.at(younger), `{"countries": []}`, "If-Match: *").want(200)
	goes(s.jeju) // the default
	network.do("PATCH", s.at(s.geneva), `{"active": true}`, "If-Match: *").want(200)
	goes(s.geneva)
	s.agrees()
}

// A request goes to the desk of its country: the draft whenever that changes,
// and what was submitted to where it is transferred alone.
func TestADraftChangesItsDesk(t *testing.T) {
	t.Parallel()
	s := start(t)
	draft := s.as("jurist").create("/v1/training-requests", fmt.Sprintf(aTraining, `, "draft": true`)).header.Get("Location")
	at := func(path string, want models.Desk) {
		t.Helper()
		if got := s.as("network").do("GET", path, "").str("desk"); got != want.ID.String() {
			t.Errorf("it is at %s, want %s", got, want.Name)
		}
	}
	at(draft, s.jeju)
	s.as("jurist").do("PATCH", draft, `{"country": "CH", "subdivision": null}`, "If-Match: *").want(200)
	at(draft, s.geneva)
	s.as("network").do("PATCH", s.at(s.geneva), `{"countries": ["LI"]}`, "If-Match: *").want(200)
	s.as("jurist").fire(draft, "submit", "").want(200)
	at(draft, s.jeju) // where its country belongs by now
	asked := s.reach("/v1/training-requests", ways["/v1/training-requests"][workflow.InformationRequested])
	s.as("jurist").do("PATCH", asked, `{"country": "LI", "subdivision": null}`, "If-Match: *").want(200)
	at(asked, s.jeju)
	s.as("admin").do("GET", asked, "").want(200)
}
