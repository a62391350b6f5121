package handlers

import (
	"fmt"
	"strings"
	"testing"

	"onward/models"
)

// rule makes a routing rule to a desk and gives its path.
func (s *service) rule(to models.Desk, names string) string {
	s.t.Helper()
	return s.as("network").create("/v1/routing-rules", fmt.Sprintf(`{%s, "desk": %q}`, names, to.ID)).header.Get("Location")
}

func TestRoutingRules(t *testing.T) {
	t.Parallel()
	s := start(t)
	network := s.as("network")
	path := s.changes("network", "/v1/routing-rules", fmt.Sprintf(`{"kind": "case_referral", "country": "PH", "topic": "medical", "language": "tl", "note": "They have nurses", "desk": %q}`, s.geneva.ID), `{"kind": null, "topic": "sentencing", "note": null}`)
	got := s.as("admin").do("GET", path, "").want(200)
	if got.has("kind") || got.has("note") || got.str("topic") != "sentencing" || got.str("country") != "PH" || got.str("language") != "tl" || got.at("active") != true || got.str("desk") != s.geneva.ID.String() {
		t.Errorf("%s", got.body)
	}
	for body, wrong := range map[string]string{
		`{}`:                         "/topic required",
		`{"note": "all that comes"}`: "/topic required",
		`{"topic": "weather"}`:       "/topic unknown_code",
		`{"kind": "case_referral", "topic": "mayor"}`:         "/topic unknown_code",
		`{"kind": "case_referral", "topic": "sentencing"}`:    "/topic unknown_code",
		`{"kind": "training_request", "topic": "safe_house"}`: "/topic unknown_code",
		`{"kind": "assignment"}`:                              "/kind unknown_code",
		`{"country": "UK"}`:                                   "/country not_a_country",
		`{"country": "PH", "language": "xx-YY"}`:              "/language not_a_language",
	} {
		whole := strings.Replace(strings.Replace(body, "}", fmt.Sprintf(`, "desk": %q}`, s.geneva.ID), 1), "{, ", "{", 1)
		network.do("POST", "/v1/routing-rules", whole).errs(422, wrong)
	}
	network.do("POST", "/v1/routing-rules", `{"country": "PH", "desk": "01a20c00-0000-7000-8000-000000000000"}`).errs(422, "/desk unknown_desk")
	network.do("PATCH", path, `{"desk": "01a20c00-0000-7000-8000-000000000000"}`, "If-Match: *").errs(422, "/desk unknown_desk")
	network.do("PATCH", path, `{"desk": "Geneva"}`, "If-Match: *").errs(422, "/desk not_an_id")
	network.do("PATCH", path, `{"country": null, "topic": null, "language": null}`, "If-Match: *").errs(422, "/topic required")
	for _, who := range []string{"admin", "admin of Geneva", "jurist", "iom", "auditor"} {
		s.as(who).do("POST", "/v1/routing-rules", fmt.Sprintf(`{"country": "PH", "desk": %q}`, s.geneva.ID)).want(403, "wrong_role")
		s.as(who).do("PATCH", path, `{"country": "PK"}`, "If-Match: *").want(403, "wrong_role")
		s.as(who).do("DELETE", path, "", "If-Match: *").want(403, "wrong_role")
	}
	other := s.rule(s.geneva, `"country": "NP"`)
	network.do("DELETE", path, "", `If-Match: "2"`).want(204)
	for query, want := range map[string]string{"": path + other, "?active=true": other, "?active=false": path} {
		found := ""
		for _, x := range s.as("admin").items("/v1/routing-rules" + query) {
			found += routingRules + x.str("id")
		}
		if found != want {
			t.Errorf("%q lists %s, want %s", query, found, want)
		}
	}
}

// A request goes where the rules say, its log says why, and a rehearsal says so
// beforehand, of every kind of reason.
func TestRequestsFollowTheRules(t *testing.T) {
	t.Parallel()
	s := start(t)
	seoul := s.addDesk("Seoul", false, "KR")
	bern := s.addDesk("Bern", false, "CH", "PH")
	s.as("network").do("PATCH", s.at(bern), `{"languages": ["tl-PH", "fr"]}`, "If-Match: *").want(200)
	shut := s.addDesk("Shut", false, "US")
	s.as("network").do("DELETE", s.at(shut), "", "If-Match: *").want(204)
	sentencing, tuvalu := s.rule(seoul, `"topic": "sentencing"`), s.rule(bern, `"country": "TV", "kind": "training_request"`)
	s.rule(shut, `"topic": "sentencing", "country": "PK"`)
	medical := s.rule(s.geneva, `"topic": "medical", "country": "PH"`)

	for _, c := range []struct {
		kind, country, about, languages string // about: topics or services
		want                            models.Desk
		because, rule                   string
	}{
		{"training_request", "PK", `"referral"`, `"ur"`, s.jeju, "country", ""},
		{"training_request", "PK", `"referral", "sentencing"`, `"ur"`, seoul, "rule", sentencing}, // the more specific rule's desk is shut
		{"training_request", "TV", `"referral"`, `"en"`, bern, "rule", tuvalu},
		{"case_referral", "TV", `"medical"`, `"en"`, s.jeju, "default", ""},
		{"case_referral", "PH", `"food"`, `"tl"`, bern, "language", ""},
		{"case_referral", "PH", `"food"`, `"en"`, s.jeju, "country", ""},
		{"case_referral", "PH", `"food", "medical"`, `"tl"`, s.geneva, "rule", medical},
		{"case_referral", "CH", `"medical"`, `"de"`, s.geneva, "country", ""},
	} {
		member, body, who := "topics", `{"title": "t", "audiences": ["judge"], "mode": "online", "participants_expected": 3`, "jurist"
		if c.kind == "case_referral" {
			member, body, who = "services", `{"subject_code": "S", "age_band": "adult", "urgency": "normal", "summary": "s", "consents": [`+aConsent+`]`, "referrer"
		}
		facts := fmt.Sprintf(`"country": %q, %q: [%s], "languages": [%s]`, c.country, member, c.about, c.languages)
		before := s.rows()
		told := s.as("admin").do("POST", "/v1/routing-rehearsals", fmt.Sprintf(`{"kind": %q, %s}`, c.kind, facts)).want(200)
		if after := s.rows(); after != before {
			t.Errorf("a rehearsal leaves a trace: %s, then %s", before, after)
		}
		if told.str("desk", "id") != c.want.ID.String() || told.str("desk", "name") != c.want.Name || told.str("because") != c.because || told.str("rule", "id") != strings.TrimPrefix(c.rule, routingRules) || told.str("text") == "" || len(told.list("considered")) < 4 {
			t.Errorf("%s: the rehearsal says %s, want %s by %s", facts, told.body, c.want.Name, c.because)
		}
		for _, draft := range []string{"", `, "draft": true`} {
			made := s.as(who).create("/v1/"+strings.ReplaceAll(c.kind, "_", "-")+"s", body+", "+facts+draft+"}")
			path := made.header.Get("Location")
			if draft != "" {
				made = s.as(who).fire(path, "submit", "").want(200)
			}
			events := s.as(who).items(path + "/events")
			data, _ := events[len(events)-1]["data"].(map[string]any)
			rule, _ := data["rule"].(string)
			if made.str("desk") != c.want.ID.String() || data["desk"] != c.want.ID.String() || data["because"] != c.because || strings.TrimPrefix(c.rule, routingRules) != rule {
				t.Errorf("%s%s: it is at %s and the log says %v, want %s by %s %s", facts, draft, made.str("desk"), data, c.want.Name, c.because, c.rule)
			}
		}
	}
	s.agrees()
}

// What was considered is told in the order of looking, each with its reason.
func TestARehearsalExplains(t *testing.T) {
	t.Parallel()
	s := start(t)
	late := s.rule(s.jeju, `"country": "CH", "kind": "case_referral"`)
	first := s.rule(s.geneva, `"topic": "medical"`)
	told := s.as("admin of Geneva").do("POST", "/v1/routing-rehearsals", `{"kind": "case_referral", "country": "CH", "services": ["medical"]}`).want(200)
	if n := len(told.list("considered")); n != 2 || routingRules+told.str("considered", 0, "rule") != first || routingRules+told.str("considered", 1, "rule") != late ||
		told.at("considered", 0, "matched") != true || told.at("considered", 1, "matched") != true || told.str("considered", 1, "text") == told.str("considered", 0, "text") || told.str("considered", 0, "desk", "name") != "Geneva" {
		t.Errorf("%s", told.body)
	}
	// Of two rules of one rank the older decides, as long as it is active; its desk's age is nothing to it.
	tied := func(want models.Desk, path string) {
		t.Helper()
		got := s.as("admin").do("POST", "/v1/routing-rehearsals", `{"kind": "case_referral", "services": ["food", "education"]}`).want(200)
		if got.str("desk", "id") != want.ID.String() || routingRules+got.str("rule", "id") != path {
			t.Errorf("%s decides, want %s to %s", got.body, path, want.Name)
		}
	}
	older, younger := s.rule(s.geneva, `"topic": "food"`), s.rule(s.jeju, `"topic": "education"`)
	tied(s.geneva, older)
	s.as("network").do("DELETE", older, "", "If-Match: *").want(204)
	tied(s.jeju, younger)
	s.as("network").do("PATCH", older, `{"active": true}`, "If-Match: *").want(200)
	tied(s.geneva, older)

	for _, gone := range []string{older, younger} {
		s.as("network").do("DELETE", gone, "", "If-Match: *").want(204)
	}
	told = s.as("admin").do("POST", "/v1/routing-rehearsals", `{"kind": "training_request", "country": "FR"}`).want(200)
	if n := len(told.list("considered")); n != 5 || told.str("because") != "default" || told.at("considered", 2, "rule") != nil || told.at("considered", 2, "matched") != false || told.at("considered", 4, "matched") != true {
		t.Errorf("%s", told.body)
	}
	for body, wrong := range map[string]string{
		`{"kind": "case_referral", "topics": ["sentencing"]}`:   "/topics unexpected",
		`{"kind": "training_request", "services": ["medical"]}`: "/services unexpected",
		`{"kind": "training_request", "topics": ["medical"]}`:   "/topics/0 unknown_code",
		`{"country": "PH"}`: "/kind required",
		`{"kind": "case_referral", "languages": ["en", "en"]}`: "/languages not_unique",
	} {
		s.as("admin").do("POST", "/v1/routing-rehearsals", body).errs(422, wrong)
	}
}
