package handlers

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"onward/models"
)

// narrows is a filter of a list, and what it leaves.
type narrows struct {
	query string
	keeps func(item) bool
}

// with is a filter by one member's value.
func with(parameter, member, value string) narrows {
	return narrows{parameter + "=" + url.QueryEscape(value), func(x item) bool { return x.str(member) == value }}
}

// before and after are filters by a time.
func before(parameter, member, at string) narrows {
	limit := item{"at": at}.when("at")
	return narrows{parameter + "=" + url.QueryEscape(at), func(x item) bool { return x[member] != nil && x.when(member).Before(limit) }}
}

func after(parameter, member, at string) narrows {
	limit := item{"at": at}.when("at")
	return narrows{parameter + "=" + url.QueryEscape(at), func(x item) bool { return x.when(member).After(limit) }}
}

// narrowed fails unless each filter alone, and each two of them, leave of the
// list what they say, in its order.
func (p *person) narrowed(list string, all ...narrows) {
	p.s.t.Helper()
	whole := p.items(list + "?limit=200")
	left := func(both ...narrows) (ids []string) {
		for _, x := range whole {
			if !slices.ContainsFunc(both, func(n narrows) bool { return !n.keeps(x) }) {
				ids = append(ids, x.str("id"))
			}
		}
		return ids
	}
	for i, one := range all {
		if n := len(left(one)); n == 0 || n == len(whole) {
			p.s.t.Errorf("%s: of %d, %s leaves %d, which says nothing", list, len(whole), one.query, n)
		}
		for j, other := range all[:i+1] {
			query, want := one.query, left(one)
			if name, _, _ := strings.Cut(one.query, "="); j < i && strings.HasPrefix(other.query, name+"=") {
				continue // a parameter that is sent once
			} else if j < i {
				query, want = query+"&"+other.query, left(one, other)
			}
			if got := p.walk(list+"?"+query, 2); !slices.Equal(got, want) {
				p.s.t.Errorf("%s?%s: %v, want %v", list, query, got, want)
			}
		}
	}
}

// is is a filter by a list of members.
func is(query string, keeps func(item) bool) narrows { return narrows{query, keeps} }

func overdue(yes bool) narrows {
	return narrows{fmt.Sprintf("overdue=%t", yes), func(x item) bool {
		return (x["due_at"] != nil && x.when("due_at").Before(time.Now())) == yes
	}}
}

func TestFiltersOfTrainings(t *testing.T) {
	t.Parallel()
	s := start(t)
	for i, x := range []struct{ who, country, title string }{
		{"jurist", "PK", "A training"}, {"stranger", "CH", "Another one"}, {"jurist", "CH", "A third"}, {"stranger", "PK", "The training"}, {"jurist", "TV", "trainings"}, {"jurist", "PK", "No more"},
	} {
		body := strings.NewReplacer("Paralegal training on prosecuting traffickers", x.title, `"PK"`, `"`+x.country+`"`, `"PK-PB"`, `"`+x.country+`-01"`).Replace(aTraining)
		path := s.as(x.who).create("/v1/training-requests", fmt.Sprintf(body, fmt.Sprintf(`, "draft": %t`, i == 4))).header.Get("Location")
		if i < 2 {
			s.as("network").fire(path, "take", "").want(200)
		}
	}
	s.asSuperuser(`UPDATE training_requests SET due_at = timestamptz '2012-04-01 00:00Z' WHERE title LIKE 'A%'`)
	middle := s.as("network").items("/v1/training-requests")[3].str("created_at")
	s.as("network").narrowed(
		"/v1/training-requests",
		with("state", "state", "submitted"),
		is("state=in_triage&state=draft", func(x item) bool { return x.str("state") == "in_triage" || x.str("state") == "draft" }),
		with("desk", "desk", s.geneva.ID.String()), with("country", "country", "PK"),
		is("organisation="+s.bar.ID.String(), func(x item) bool { of, _ := x["organisation"].(map[string]any); return of["id"] == s.bar.ID.String() }),
		after("created_after", "created_at", middle), before("created_before", "created_at", middle),
		before("due_before", "due_at", "2012-04-01T00:00:01Z"), overdue(true), overdue(false),
		is("q=TRAINING", func(x item) bool { return strings.Contains(x.str("title"), "training") }),
	)
	// At the very moment is neither before nor after.
	if n := len(s.as("network").walk("/v1/training-requests?created_after="+url.QueryEscape(middle), 3)) + len(s.as("network").walk("/v1/training-requests?created_before="+url.QueryEscape(middle), 3)); n != 5 {
		t.Errorf("%d of 6 are before or after one of them", n)
	}
}

func TestFiltersOfCases(t *testing.T) {
	t.Parallel()
	s := start(t)
	for i, urgency := range []string{"emergency", "urgent", "urgent", "emergency"} {
		body := strings.NewReplacer(`"urgent"`, `"`+urgency+`"`, "MNL-0412", fmt.Sprintf("MNL-%d_%d", i, i%2)).Replace(fmt.Sprintf(aReferral, ""))
		path := s.as("referrer").create("/v1/case-referrals", body).header.Get("Location")
		if i > 0 {
			s.as("admin").fire(path, "take", "").want(200)
		}
	}
	s.asSuperuser(`UPDATE case_referrals SET due_at = timestamptz '2012-04-01 00:00Z' WHERE subject_code LIKE '%1'`)
	all := s.as("referrer").items("/v1/case-referrals")
	s.as("referrer").narrowed(
		"/v1/case-referrals", with("urgency", "urgency", "urgent"), with("state", "state", "in_triage"), overdue(true), overdue(false),
		after("created_after", "created_at", all[2].str("created_at")), before("due_before", "due_at", "2013-01-01T00:00:00Z"),
		is("q=_1", func(x item) bool { return strings.HasSuffix(x.str("subject_code"), "_1") }),
		is("q="+strings.ToLower(all[0].str("reference")), func(x item) bool { return x.str("id") == all[0].str("id") }),
	)
}

func TestFiltersOfAssignments(t *testing.T) {
	t.Parallel()
	s := start(t)
	path, training := s.openCase(""), s.approvedTraining()
	for _, who := range []string{"iom", "unhcr"} {
		s.offered(path, who)
	}
	accepted := s.as("admin").offer(path, s.iom.ID.String(), "voluntary_return").want(201).header.Get("Location")
	s.offered(training, "unitar")
	s.offered(training, "ewha")
	s.as("iom").fire(accepted, "accept", "").want(200)
	s.asSuperuser(`UPDATE assignments SET respond_by = timestamptz '2012-04-01 00:00Z' WHERE service IN ('child_protection', 'voluntary_return')`)
	middle := s.as("admin").items("/v1/assignments")[2].str("created_at")
	of := func(o models.Organisation) narrows {
		return is("organisation="+o.ID.String(), func(x item) bool { its, _ := x["organisation"].(map[string]any); return its["id"] == o.ID.String() })
	}
	for _, who := range []string{"admin", "network"} {
		s.as(who).narrowed("/v1/assignments", with("state", "state", "offered"), with("kind", "kind", "training_request"), of(s.iom), of(s.ewha),
			after("created_after", "created_at", middle), before("created_before", "created_at", middle), before("due_before", "due_at", "2013-01-01T00:00:00Z"), overdue(true), overdue(false))
	}
	// A partner's inbox is its own organisation's; who has none is refused.
	for who, n := range map[string]int{"iom": 2, "unhcr": 1, "unitar": 1, "ewha": 1, "bystander": 0, "admin of Geneva": 0} {
		if got := len(s.as(who).items("/v1/assignments")); got != n {
			t.Errorf("%s has %d, want %d", who, got, n)
		}
	}
	if got := s.as("unitar").walk("/v1/training-requests", 1); !slices.Equal(got, []string{training[len(trainings):]}) {
		t.Errorf("whom a training is offered reads %v of the list", got)
	}
	if got := s.as("iom").walk("/v1/case-referrals", 1); !slices.Equal(got, []string{path[len(referrals):]}) {
		t.Errorf("who has accepted a case reads %v of the list", got)
	}
}

func TestFiltersOfTheDirectory(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.as("admin").do("DELETE", "/v1/organisations/"+s.otherNGO.ID.String(), "", "If-Match: *").want(204)
	s.as("network").do("PATCH", "/v1/users/"+s.as("ewha").user.ID.String(), `{"active": false}`, "If-Match: *").want(200)
	active := func(yes bool) narrows {
		return is(fmt.Sprintf("active=%t", yes), func(x item) bool { return x["active"] == yes })
	}
	s.as("jurist").narrowed("/v1/organisations", with("type", "type", "ngo"), active(true), active(false), is("q=NGO", func(x item) bool { return strings.Contains(x.str("name"), "NGO") }))
	s.as("admin").narrowed("/v1/users", active(true), active(false),
		is("role=partner", func(x item) bool { roles, _ := x["roles"].([]any); return slices.Contains(roles, any("partner")) }),
		is("organisation="+s.unitar.ID.String(), func(x item) bool {
			of, _ := x["organisation"].(map[string]any)
			return of["id"] == s.unitar.ID.String()
		}),
		is("q=ADMIN", func(x item) bool { return strings.Contains(x.str("name"), "admin") }))
	for _, wrong := range []string{"/v1/organisations?type=pub", "/v1/organisations?sort=name", "/v1/users?role=clock", "/v1/users?active=1", "/v1/users?organisation=7", "/v1/desks?active=true", "/v1/tokens?q=x", "/v1/queue?state=open", "/v1/assignments?q=x"} {
		s.as("network").do("GET", wrong, "").want(400, "malformed")
	}
}

// What is searched for is found as it is written: no sign of it means anything
// else.
func TestSearchTakesSignsAsTheyAre(t *testing.T) {
	t.Parallel()
	s := start(t)
	signs := []string{`100% sure`, `under_score`, `back\slash`, `plain`, `'quoted'`, `"double"`, `$1 ? @q :name`, `Ünïcödé 한국어`}
	made := map[string][]string{}
	for _, title := range signs {
		quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(title)
		made[title] = append(made[title],
			s.as("jurist").create("/v1/training-requests", `{"draft": true, "title": "`+quoted+`"}`).str("id"),
			s.as("referrer").create("/v1/case-referrals", `{"draft": true, "summary": "`+quoted+`"}`).str("id"),
			s.as("admin").create("/v1/organisations", `{"type": "ngo", "name": "`+quoted+`"}`).str("id"),
			s.as("admin").create("/v1/users", fmt.Sprintf(`{"name": "%s", "roles": ["partner"], "organisation_id": %q}`, quoted, s.unitar.ID)).str("id"))
	}
	for search, title := range map[string]string{
		"%": signs[0], "0%": signs[0], "_": signs[1], "r_s": signs[1], `\`: signs[2], `k\s`: signs[2], "'": signs[4], `"`: signs[5], "?": signs[6], "@q": signs[6], "$1": signs[6], ":name": signs[6],
		"ünïCÖDÉ": signs[7], "한국": signs[7], "PLAIN": signs[3], "p%n": "", "p_ain": "", `\%`: "", `%%`: "", " ": "no search",
	} {
		for i, list := range []string{"/v1/training-requests", "/v1/case-referrals", "/v1/organisations", "/v1/users"} {
			who := []string{"jurist", "referrer", "jurist", "admin"}[i]
			at := list + "?q=" + url.QueryEscape(search)
			if title == "no search" {
				s.as(who).do("GET", at, "").want(400, "malformed")
				continue
			}
			var want []string
			if title != "" {
				want = made[title][i : i+1]
			}
			if got := s.as(who).walk(at, 200); !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %q", at, got, title)
			}
		}
	}
}
