package handlers

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

func (p *person) filter(body string) answered {
	p.s.t.Helper()
	return p.create("/v1/queue/filters", body)
}

// A saved filter gives what its parameters give, in the list and for the next
// one; what is sent beside it counts instead of its own.
func TestASavedFilterIsItsParameters(t *testing.T) {
	t.Parallel()
	s := start(t)
	training := s.as("jurist").create("/v1/training-requests", fmt.Sprintf(aTraining, "")).str("id") // in PK
	late, emergency, normal := s.urgent("emergency"), s.urgent("emergency"), s.urgent("normal")      // in PH
	s.asSuperuser(`UPDATE case_referrals SET due_at = timestamptz '2012-04-01 00:00Z' WHERE id = '` + late + `'`)
	a := s.as("admin")
	list := func(filter, more string) []string {
		return a.walk("/v1/queue?filter="+filter+more, 2)
	}
	for _, c := range []struct {
		body, more string
		want       []string
	}{
		{`{"name": "all"}`, "", []string{late, emergency, training, normal}},
		{`{"name": "cases", "kind": "case_referral"}`, "", []string{late, emergency, normal}},
		{`{"name": "emergencies", "urgency": "emergency"}`, "", []string{late, emergency}},
		{`{"name": "in Pakistan", "country": "PK"}`, "", []string{training}},
		{`{"name": "at Geneva", "desk": "` + s.geneva.ID.String() + `"}`, "", nil},
		{`{"name": "overdue", "overdue": true}`, "", []string{late}},
		{`{"name": "not overdue", "overdue": false, "kind": "case_referral"}`, "", []string{emergency, normal}},
		{`{"name": "of the next hours", "due_within_hours": 24}`, "", []string{late, emergency}},
		{`{"name": "narrowed", "urgency": "emergency"}`, "&overdue=true", []string{late}},
		{`{"name": "taken over", "urgency": "emergency"}`, "&urgency=normal", []string{normal}},
		{`{"name": "at another desk", "desk": "` + s.geneva.ID.String() + `"}`, "&kind=case_referral&desk=" + s.jeju.ID.String(), []string{late, emergency, normal}},
		{`{"name": "before a day", "due_within_hours": 1}`, "&due_before=2199-01-01T00:00:00Z&kind=case_referral", []string{late, emergency, normal}},
	} {
		if got := list(a.filter(c.body).str("id"), c.more); !slices.Equal(got, c.want) {
			t.Errorf("%s%s: %v, want %v", c.body, c.more, got, c.want)
		}
	}
	soon := a.filter(`{"name": "later", "kind": "case_referral", "due_within_hours": 8760}`).str("id")
	for _, want := range []string{late, normal, emergency, ""} {
		body := `{"filter": "` + soon + `"}`
		if want == normal {
			body = `{"filter": "` + soon + `", "urgency": "normal"}`
		}
		got := a.do("POST", "/v1/queue/next", body)
		if want == "" {
			got.want(204)
		} else if got.want(200).str("id") != want {
			t.Errorf("%s: %s, want %s", body, got.body, want)
		}
	}
	// Hours are counted from each reading on.
	later := s.urgent("urgent")
	day := a.filter(`{"name": "of a day", "due_within_hours": 1, "kind": "case_referral", "urgency": "urgent"}`).str("id")
	if got := list(day, ""); len(got) > 0 {
		t.Errorf("%v", got)
	}
	s.now.advance(200 * time.Hour)
	if got := list(day, ""); !slices.Equal(got, []string{later}) {
		t.Errorf("%v, want %v", got, later)
	}
}

// A filter is its owner's; shared, its desk reads and uses it, and nobody else
// knows that it is there. Nobody but the owner changes it.
func TestWhoseFilterItIs(t *testing.T) {
	t.Parallel()
	s := start(t)
	colleague := s.addPerson("colleague of the desk", s.ewha, &s.jeju.ID, "admin")
	network := s.addPerson("another of the network", s.ewha, nil, "admin")
	own := s.as("admin").filter(`{"name": "mine"}`)
	shared := s.as("admin").filter(`{"name": "ours", "shared": true}`)
	ofNetwork := s.as("network").filter(`{"name": "ours", "shared": true}`) // another's name is no matter
	for _, c := range []struct {
		who   *person
		sees  []answered
		stays []answered
	}{
		{s.as("admin"), []answered{own, shared}, []answered{ofNetwork}},
		{colleague, []answered{shared}, []answered{own, ofNetwork}},
		{s.as("admin of Geneva"), nil, []answered{own, shared, ofNetwork}},
		{s.as("network"), []answered{ofNetwork}, []answered{own, shared}},
		{network, []answered{ofNetwork}, []answered{own, shared}},
	} {
		var want []string
		for _, x := range c.sees {
			want = append(want, x.str("id"))
			c.who.do("GET", x.header.Get("Location"), "").want(200)
			c.who.do("GET", "/v1/queue?filter="+x.str("id"), "").want(200)
			if x.str("owner") != c.who.user.ID.String() {
				c.who.do("PATCH", x.header.Get("Location"), `{"name": "theirs"}`, "If-Match: *").want(403, "wrong_role")
				c.who.do("DELETE", x.header.Get("Location"), "", "If-Match: *").want(403, "wrong_role")
			}
		}
		if got := c.who.walk("/v1/queue/filters", 1); !slices.Equal(got, want) {
			t.Errorf("%s sees %v, want %v", c.who.user.Name, got, want)
		}
		for _, x := range c.stays {
			c.who.do("GET", x.header.Get("Location"), "").want(404)
			c.who.do("PATCH", x.header.Get("Location"), `{"name": "theirs"}`, "If-Match: *").want(404)
			c.who.do("DELETE", x.header.Get("Location"), "", "If-Match: *").want(404)
			if got := c.who.do("GET", "/v1/queue?filter="+x.str("id"), "").want(400, "malformed").str("errors", 0, "code"); got != "unknown_filter" {
				t.Errorf("%s", got)
			}
			if got := c.who.do("POST", "/v1/queue/next", `{"filter": "`+x.str("id")+`"}`).want(422, "invalid").str("errors", 0, "pointer"); got != "/filter" {
				t.Errorf("%s", got)
			}
		}
	}
	// Taken back, and by who has gone to another desk, it is shared no more.
	at := shared.header.Get("Location")
	s.as("admin").do("PATCH", at, `{"shared": false}`, "If-Match: *").want(200)
	colleague.do("GET", at, "").want(404)
	s.as("admin").do("PATCH", at, `{"shared": true}`, "If-Match: *").want(200)
	s.as("network").do("PATCH", users+s.as("admin").user.ID.String(), `{"desk": "`+s.geneva.ID.String()+`"}`, "If-Match: *").want(200)
	colleague.do("GET", at, "").want(404)
	s.as("admin of Geneva").do("GET", at, "").want(200)
}

func TestSavedFiltersAreKeptInOrder(t *testing.T) {
	t.Parallel()
	s := start(t)
	a := s.as("admin")
	one := a.filter(`{"name": "one", "overdue": true, "desk": "` + s.jeju.ID.String() + `"}`)
	two := a.filter(`{"name": "two"}`)
	at := one.header.Get("Location")
	a.do("POST", "/v1/queue/filters", `{"name": "one"}`).want(409, "name_taken")
	a.do("PATCH", two.header.Get("Location"), `{"name": "one"}`, "If-Match: *").want(409, "name_taken")
	a.do("POST", "/v1/queue/filters", `{"name": "here", "desk": "01361662-64a0-7028-85c8-04fbe3a36348"}`).want(422, "invalid")
	for _, bad := range []string{`{"name": "a", "due_within_hours": 0.5}`, `{"name": "a", "due_before": "2012-04-01T00:00:00Z"}`, `{"name": "a", "owner": "x"}`} {
		a.do("POST", "/v1/queue/filters", bad).want(400, "malformed")
	}
	for _, bad := range []string{`{"name": "a", "due_within_hours": 9000}`, `{"name": "a", "urgency": "soon"}`, `{"name": "a\nb"}`} {
		a.do("POST", "/v1/queue/filters", bad).want(422, "invalid")
	}
	got := a.do("PATCH", at, `{"overdue": null, "desk": null, "country": "PH"}`, `If-Match: "1"`).want(200)
	if got.has("overdue") || got.has("desk") || got.str("country") != "PH" || got.header.Get("ETag") != `"2"` {
		t.Errorf("%s", got.body)
	}
	a.do("PATCH", at, `{"country": "PK"}`, `If-Match: "1"`).want(412, "stale")
	a.do("DELETE", at, "", "If-Match: *").want(204)
	a.do("GET", at, "").want(404)
	a.filter(`{"name": "one"}`) // its name is free again
}
