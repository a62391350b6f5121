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

// A desk keeps its own calendar, and nothing else of itself is its own to say.
func TestADeskKeepsItsCalendar(t *testing.T) {
	t.Parallel()
	s := start(t)
	admin, path := s.as("admin"), s.at(s.jeju)
	got := admin.do("GET", path, "").want(200)
	if fmt.Sprint(got.at("working_days"), got.at("holidays"), got.at("languages")) != "[monday tuesday wednesday thursday friday] [] []" {
		t.Errorf("%s", got.body)
	}
	const calendar = `{"languages": ["ko", "en"], "working_days": ["sunday", "monday"], "holidays": [{"on": "2012-05-28", "name": "Buddha's birthday"}, {"on": "2012-06-06"}]}`
	got = admin.do("PATCH", path, calendar, `If-Match: "1"`).want(200)
	if fmt.Sprint(got.at("working_days"), got.at("languages")) != "[sunday monday] [ko en]" || len(got.list("holidays")) != 2 || got.str("holidays", 0, "on") != "2012-05-28" || got.str("holidays", 0, "name") != "Buddha's birthday" {
		t.Errorf("%s", got.body)
	}
	s.as("jurist").do("GET", path, "").want(200).same(got) // whoever waits for a desk may know when it works
	for body, wrong := range map[string]string{
		`{"working_days": []}`:                   "/working_days too_few",
		`{"working_days": ["monday", "monday"]}`: "/working_days not_unique",
		`{"working_days": ["Monday"]}`:           "/working_days/0 unknown_code",
		`{"languages": ["english"]}`:             "/languages/0 not_a_language",
		`{"holidays": [{"on": "2012-05-28"}, {"on": "2012-05-28", "name": "again"}]}`:              "/holidays not_unique",
		`{"holidays": [{"name": "someday"}]}`:                                                      "/holidays/0/on required",
		`{"holidays": [` + strings.Repeat(`{"on": "2012-05-28"},`, 400) + `{"on": "2012-05-28"}]}`: "/holidays too_many",
	} {
		admin.do("PATCH", path, body, "If-Match: *").errs(422, wrong)
	}
	admin.do("PATCH", path, `{"holidays": [{"on": "28 May"}]}`, "If-Match: *").want(400, "malformed")
	for _, member := range []string{`"name": "Ours"`, `"countries": []`, `"default": true`, `"time_zone": "UTC"`, `"retention_months": 1`, `"active": true`} {
		admin.do("PATCH", path, `{"languages": ["ko"], `+member+`}`, "If-Match: *").want(403, "wrong_role")
	}
	admin.do("PATCH", s.at(s.geneva), `{"holidays": []}`, "If-Match: *").want(403, "wrong_role")
	s.as("jurist").do("PATCH", path, `{"holidays": []}`, "If-Match: *").want(403, "wrong_role")
	got = admin.do("PATCH", path, `{"working_days": null, "holidays": null, "languages": null}`, `If-Match: "2"`).want(200)
	if fmt.Sprint(got.at("working_days"), got.at("holidays"), got.at("languages"), got.at("version")) != "[monday tuesday wednesday thursday friday] [] [] 3" {
		t.Errorf("%s", got.body)
	}
	s.as("network").do("PATCH", path, `{"holidays": [{"on": "2012-05-28"}], "retention_months": 12}`, "If-Match: *").want(200)
	made := s.as("network").create("/v1/desks", `{"name": "Riyadh", "time_zone": "Asia/Riyadh", "working_days": ["sunday", "monday", "tuesday", "wednesday", "thursday"], "holidays": [{"on": "2012-09-23"}], "languages": ["ar"]}`)
	if got := s.as("network").do("GET", made.header.Get("Location"), ""); got.str("working_days", 0) != "sunday" || got.str("holidays", 0, "on") != "2012-09-23" || got.str("languages", 0) != "ar" {
		t.Errorf("%s", got.body)
	}
	s.as("network").do("POST", "/v1/desks", `{"name": "Never", "time_zone": "UTC", "working_days": []}`).errs(422, "/working_days too_few")
}

// Three working days are those of the desk that has the request, also after it
// was handed over; what waits already keeps its deadline when a calendar changes.
func TestDeadlinesFollowTheDesk(t *testing.T) {
	t.Parallel()
	s := start(t)
	seoul := s.jeju.Location() // no change of clocks
	now := s.now.now().In(seoul)
	s.now.advance(time.Date(now.Year(), now.Month(), now.Day(), 36, 0, 0, 0, seoul).Sub(now)) // noon: no date changes meanwhile
	now = s.now.now().In(seoul)
	day := func(after int) (weekday, on string) {
		then := now.AddDate(0, 0, after)
		return strings.ToLower(then.Weekday().String()), then.Format(time.DateOnly)
	}
	tomorrow, _ := day(1)
	_, nextWeek := day(8)
	overmorrow, _ := day(2)
	s.as("admin").do("PATCH", s.at(s.jeju), fmt.Sprintf(`{"working_days": [%q], "holidays": [{"on": %q}]}`, tomorrow, nextWeek), "If-Match: *").want(200)
	s.as("admin of Geneva").do("PATCH", s.at(s.geneva), fmt.Sprintf(`{"working_days": [%q]}`, overmorrow), "If-Match: *").want(200)
	due := func(x answered, days int) {
		t.Helper()
		if want := now.AddDate(0, 0, days).Format(time.DateOnly); len(x.str("due_at")) < 10 || x.str("due_at")[:10] != want {
			t.Errorf("due at %s, want %s", x.str("due_at"), want)
		}
	}
	made := s.as("jurist").create("/v1/training-requests", fmt.Sprintf(aTraining, ""))
	due(made, 1+7+7+7) // the second of these is a holiday
	path := made.header.Get("Location")
	s.as("admin").do("PATCH", s.at(s.jeju), `{"holidays": []}`, "If-Match: *").want(200)
	due(s.as("jurist").do("GET", path, ""), 22)
	s.as("admin").fire(path, "take", "").want(200)
	due(s.as("admin").fire(path, "transfer", fmt.Sprintf(`, "desk": %q, "reason": {"code": "workload"}`, s.geneva.ID)).want(200), 2+7+7)
	due(s.as("jurist").create("/v1/training-requests", fmt.Sprintf(aTraining, "")), 1+7+7)
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
