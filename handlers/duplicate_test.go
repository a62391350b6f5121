package handlers

import (
	"fmt"
	"strings"
	"testing"
)

// refer makes a case with traits, by somebody; more is what else its body has.
func (s *service) refer(who, traits, more string) answered {
	s.t.Helper()
	return s.as(who).create("/v1/case-referrals", fmt.Sprintf(aReferral, sending(traits)+more))
}

func sending(traits string) string {
	if traits == "" {
		return ""
	}
	return `, "match_traits": ` + traits
}

// duplicates is what an admin reads of a case: `reference: traits` of each.
func (s *service) duplicates(who, path string) string {
	s.t.Helper()
	one, all := s.as(who).do("GET", path, "").want(200), s.as(who).do("GET", path+"/duplicates", "").want(200)
	if fmt.Sprint(one.list("possible_duplicates")) != fmt.Sprint(all.list("items")) || !one.has("possible_duplicates") {
		s.t.Errorf("the case says %s, the list %s", one.body, all.body)
	}
	var found []string
	for i := range all.list("items") {
		text := fmt.Sprint(all.str("items", i, "reference"), ": ", strings.Trim(fmt.Sprint(all.list("items", i, "agreeing")), "[]"))
		if verdict := all.str("items", i, "verdict"); verdict != "" {
			text += " " + verdict
		}
		found = append(found, text)
	}
	return strings.Join(found, ", ")
}

const (
	aName   = `{"name": "José Dela Cruz", "birth_year": 1999, "origin": "PH"}`
	anAlias = `{"name": "DELA CRUZ, Jose", "birth_year": 1999, "origin": "PH"}`
)

// Which pairs of cases are found, and by what.
func TestPossibleDuplicates(t *testing.T) {
	t.Parallel()
	s := start(t)
	first := s.refer("referrer", aName, "") // masculine
	path, reference := first.header.Get("Location"), first.str("reference")
	for _, c := range []struct{ name, traits, gender, agreeing string }{
		{"spelt otherwise", anAlias, "masculine", "name birth_year origin gender"},
		{"doubled letters and other vowels", `{"name": "Josse dela Crruz", "birth_year": 1999, "origin": "PH"}`, "masculine", "name birth_year origin gender"},
		{"another year", `{"name": "José Dela Cruz", "birth_year": 1998, "origin": "PH"}`, "masculine", "name origin gender"},
		{"no year", `{"name": "José Dela Cruz", "origin": "PH"}`, "masculine", "name origin gender"},
		{"another origin", `{"name": "José Dela Cruz", "birth_year": 1999, "origin": "VN"}`, "masculine", "name birth_year gender"},
		{"no origin", `{"name": "José Dela Cruz", "birth_year": 1999}`, "masculine", "name birth_year gender"},
		{"another gender", aName, "feminine", "name birth_year origin"},
		{"no gender", aName, "", "name birth_year origin"},
		{"an unknown gender", aName, "unknown", "name birth_year origin"},

		{"another name", `{"name": "José Santos", "birth_year": 1999, "origin": "PH"}`, "masculine", "-"},
		{"a part of the name", `{"name": "José Cruz", "birth_year": 1999, "origin": "PH"}`, "masculine", "-"},
		{"no name", `{"birth_year": 1999, "origin": "PH"}`, "masculine", "-"},
		{"the name and the year alone", `{"name": "José Dela Cruz", "birth_year": 1999}`, "", "-"},
		{"two that are not the same", `{"name": "José Dela Cruz", "birth_year": 1998, "origin": "VN"}`, "masculine", "-"},
		{"nothing", `{}`, "masculine", "-"},
		{"no traits", "", "masculine", "-"},
	} {
		gender := ""
		if c.gender != "" {
			gender = fmt.Sprintf(`"gender": %q, `, c.gender)
		}
		body := strings.Replace(fmt.Sprintf(aReferral, sending(c.traits)), `"gender": "masculine", `, gender, 1)
		other := s.as("stranger").create("/v1/case-referrals", body).header.Get("Location")
		found := "-"
		for _, one := range strings.Split(s.duplicates("admin", other), ", ") {
			if rest, ok := strings.CutPrefix(one, reference+": "); ok {
				found = rest
			}
		}
		if found != c.agreeing {
			t.Errorf("%s: %s agree, want %s", c.name, found, c.agreeing)
		}
	}
	if got := len(s.as("network").do("GET", path+"/duplicates", "").want(200).list("items")); got != 9 {
		t.Errorf("the first has %d possible duplicates", got)
	}
	one := s.as("admin").do("GET", path, "").want(200)
	if got, want := one.str("possible_duplicates", 8, "text"), one.str("possible_duplicates", 8, "reference"); !strings.HasSuffix(got, want+": 3 of 4 traits agree") || one.at("possible_duplicates", 8, "verdict") != nil {
		t.Errorf("it says %s", got)
	}
	s.agrees()
}

// Both cases are at the desk whose admin asks, now; and neither is a draft, or
// was one when it was withdrawn, or of a person who took the consent back.
func TestDuplicatesAreOfOneDesk(t *testing.T) {
	t.Parallel()
	s := start(t)
	mine, other := s.refer("referrer", aName, ""), s.refer("stranger", anAlias, "")
	a, b := mine.header.Get("Location"), other.header.Get("Location")
	is := func(when, who, path, want string) {
		t.Helper()
		if got := s.duplicates(who, path); got != want {
			t.Errorf("%s: %s finds %q, want %q", when, who, got, want)
		}
	}
	found := other.str("reference") + ": name birth_year origin gender"
	is("at first", "admin", a, found)

	s.as("admin").fire(b, "take", "").want(200)
	s.as("admin").fire(b, "transfer", fmt.Sprintf(`, "desk": %q, "reason": {"code": "wrong_desk"}`, s.geneva.ID)).want(200)
	is("one is transferred", "admin", a, "")
	is("one is transferred", "network", a, "")
	is("one is transferred", "admin of Geneva", b, "")
	s.as("admin").fire(a, "take", "").want(200)
	s.as("admin").fire(a, "transfer", fmt.Sprintf(`, "desk": %q, "reason": {"code": "wrong_desk"}`, s.geneva.ID)).want(200)
	is("both are", "admin of Geneva", a, found)

	draft := s.refer("stranger", aName, `, "draft": true`)
	c := draft.header.Get("Location")
	s.as("admin of Geneva").fire(a, "take", "").want(200)
	s.as("admin of Geneva").fire(a, "transfer", fmt.Sprintf(`, "desk": %q, "reason": {"code": "wrong_desk"}`, s.jeju.ID)).want(200)
	is("the other is a draft", "admin", a, "")
	is("it is a draft itself", "admin", c, "")
	s.as("stranger").fire(c, "submit", "").want(200)
	is("it is submitted", "admin", a, draft.str("reference")+": name birth_year origin gender")
	s.as("stranger").fire(c, "revoke_consent", "").want(200)
	is("consent is revoked", "admin", a, "")

	gone := s.refer("stranger", aName, `, "draft": true`).header.Get("Location")
	s.as("stranger").fire(gone, "withdraw", `, "reason": {"code": "person_declined"}`).want(200)
	is("a draft is withdrawn", "admin", a, "")
	deleted := s.refer("stranger", aName, `, "draft": true`).header.Get("Location")
	s.as("stranger").do("DELETE", deleted, "", "If-Match: *").want(204)
	is("a draft is deleted", "admin", a, "")
	closed := s.refer("stranger", aName, "")
	s.as("stranger").fire(closed.header.Get("Location"), "withdraw", `, "reason": {"code": "person_declined"}`).want(200)
	is("a case is withdrawn", "admin", a, closed.str("reference")+": name birth_year origin gender")
	s.agrees()
}

// Nobody but the desk learns that a person may be known already: not from the
// case, its events, lists, actions or the queue.
func TestOnlyTheDeskKnowsOfDuplicates(t *testing.T) {
	t.Parallel()
	s := start(t)
	a, b := s.refer("referrer", aName, ""), s.refer("stranger", anAlias, "")
	path := a.header.Get("Location")
	s.as("admin").fire(path, "take", "").want(200)
	s.as("admin").fire(path, "open", `, "urgency": "urgent", "services": ["child_protection"]`).want(200)
	s.as("iom").fire(s.offered(path, "iom"), "accept", "").want(200)
	s.as("admin").do("POST", path+"/duplicates", fmt.Sprintf(`{"referral_id": %q, "verdict": "same_person"}`, b.str("id"))).want(201)
	for _, who := range []string{"referrer", "stranger", "iom", "unhcr", "admin of Geneva", "jurist"} {
		for _, at := range []string{path, path + "/events", "/v1/case-referrals", "/v1/assignments"} {
			if text := string(s.as(who).do("GET", at, "").body); strings.Contains(text, "duplicate") || strings.Contains(text, "same_person") || who != "stranger" && strings.Contains(text, b.str("id")) {
				t.Errorf("%s reads in %s: %s", who, at, text)
			}
		}
	}
	for _, at := range []string{b.header.Get("Location"), b.header.Get("Location") + "/events"} {
		if text := string(s.as("stranger").do("GET", at, "").want(200).body); strings.Contains(text, "duplicate") || strings.Contains(text, a.str("id")) {
			t.Errorf("the other's owner reads in %s: %s", at, text)
		}
	}
	// An auditor learns that something was decided, and not of whom.
	if text := string(s.as("auditor").do("GET", path+"/events", "").want(200).body); strings.Contains(text, "same_person") || strings.Contains(text, b.str("id")) {
		t.Errorf("the auditor reads %s", text)
	}
	for who, status := range map[string]int{"referrer": 403, "iom": 403, "stranger": 404, "unhcr": 404, "auditor": 404, "admin of Geneva": 404} {
		s.as(who).do("GET", path+"/duplicates", "").want(status)
		s.as(who).do("POST", path+"/duplicates", fmt.Sprintf(`{"referral_id": %q, "verdict": "same_person"}`, b.str("id"))).want(status)
	}
	// Of replies to changes, lists and the queue, the desk's own are silent too.
	for _, got := range []answered{
		s.as("admin").fire(path, "hold", `, "reason": {"code": "security"}, "until": "2199-01-01T00:00:00Z"`).want(200),
		s.as("admin").do("GET", "/v1/case-referrals", "").want(200), s.as("admin").do("GET", "/v1/queue", "").want(200),
	} {
		if strings.Contains(string(got.body), "possible_duplicates") {
			t.Errorf("%s", got.body)
		}
	}
	// Its log tells the desk all.
	if got := s.as("admin").do("GET", path+"/events", "").want(200); !strings.Contains(string(got.body), `"name":"referral.duplicate_linked"`) || !strings.Contains(string(got.body), fmt.Sprintf(`"data":{"referral":%q,"verdict":"same_person"}`, b.str("id"))) {
		t.Errorf("the event is not there: %s", got.body)
	}
}

// The admin's GET of a case is never a 304: its possible duplicates come and
// go without it.
func TestDuplicatesAreFresh(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.refer("referrer", aName, "").header.Get("Location")
	tag := s.as("admin").do("GET", path, "").want(200).header.Get("ETag")
	s.refer("stranger", anAlias, "")
	if got := s.as("admin").do("GET", path, "", "If-None-Match: "+tag).want(200); len(got.list("possible_duplicates")) != 1 {
		t.Errorf("%s", got.body)
	}
	s.as("referrer").do("GET", path, "", "If-None-Match: "+tag).want(304)
}
