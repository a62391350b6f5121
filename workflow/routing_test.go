package workflow

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The centres of these tests, the oldest first.
var (
	jeju     = Centre{ID: "jeju", Name: "CIFAL Jeju", Countries: []string{"KR", "PK"}, Languages: []string{"ko", "en"}, Default: true, Active: true}
	durban   = Centre{ID: "durban", Name: "CIFAL Durban", Countries: []string{"ZA", "KE"}, Languages: []string{"zu", "en"}, Active: true}
	closed   = Centre{ID: "closed", Name: "CIFAL Atlanta", Countries: []string{"US"}, Languages: []string{"en"}}
	nairobi  = Centre{ID: "nairobi", Name: "Nairobi", Countries: []string{"KE"}, Languages: []string{"sw-KE"}, Active: true}
	curitiba = Centre{ID: "curitiba", Name: "CIFAL Curitiba", Countries: []string{}, Languages: []string{"pt-BR"}, Active: true}
	centres  = []Centre{jeju, durban, closed, nairobi, curitiba}
)

// Where a request goes, and why; rules are numbered, the oldest first.
func TestRoute(t *testing.T) {
	training := func(country string, topics ...string) Asked {
		return Asked{Kind: Training.Name, Country: country, Topics: topics, Languages: []string{"en"}}
	}
	speaking := func(country string, languages ...string) Asked {
		return Asked{Kind: Referral.Name, Country: country, Topics: []string{"medical"}, Languages: languages}
	}
	for name, c := range map[string]struct {
		q     Asked
		rules []RoutingRule
		want  string
	}{
		"the desk of its country":                {training("PK"), nil, "jeju by country"},
		"another desk of its country":            {training("ZA"), nil, "durban by country"},
		"no desk of its country":                 {training("TV"), nil, "jeju by default"},
		"no country yet":                         {training(""), nil, "jeju by default"},
		"a closed desk of its country":           {training("US"), nil, "jeju by default"},
		"two desks, and neither is told apart":   {speaking("KE"), nil, "durban by country"},
		"two desks, and the younger speaks it":   {speaking("KE", "sw"), nil, "nairobi by language"},
		"two desks, and both speak one of them":  {speaking("KE", "sw", "en"), nil, "durban by language"},
		"two desks, and neither speaks it":       {speaking("KE", "am"), nil, "durban by country"},
		"one desk, which doesn't speak it":       {speaking("PK", "ur"), nil, "jeju by country"},
		"a desk without countries speaks it":     {speaking("TV", "pt"), nil, "jeju by default"},
		"a rule for its topic":                   {training("PK", "referral", "sentencing"), []RoutingRule{{Desk: "durban", Topic: "sentencing"}}, "durban by rule 1"},
		"a rule for another topic":               {training("PK", "referral"), []RoutingRule{{Desk: "durban", Topic: "sentencing"}}, "jeju by country"},
		"a rule for a topic, and it has none":    {training("PK"), []RoutingRule{{Desk: "durban", Topic: "sentencing"}}, "jeju by country"},
		"a rule for another country":             {training("PK"), []RoutingRule{{Desk: "durban", Country: "IN"}}, "jeju by country"},
		"a rule for another kind":                {training("PK"), []RoutingRule{{Desk: "durban", Kind: Referral.Name}}, "jeju by country"},
		"a rule for its kind":                    {training("PK"), []RoutingRule{{Desk: "durban", Kind: Training.Name}}, "durban by rule 1"},
		"a rule for a language of another place": {speaking("PK", "pt-PT"), []RoutingRule{{Desk: "curitiba", Language: "pt"}}, "curitiba by rule 1"},
		"a rule for another language":            {speaking("PK", "ur"), []RoutingRule{{Desk: "curitiba", Language: "pt"}}, "jeju by country"},
		"a rule of which one half fits":          {training("PK", "sentencing"), []RoutingRule{{Desk: "durban", Topic: "sentencing", Country: "IN"}}, "jeju by country"},
		"a rule to a closed desk":                {training("PK"), []RoutingRule{{Desk: "closed", Country: "PK"}}, "jeju by country"},
		"a rule to a closed desk, and another":   {training("PK"), []RoutingRule{{Desk: "closed", Country: "PK"}, {Desk: "nairobi", Kind: Training.Name}}, "nairobi by rule 2"},
		"topic and country before topic":         {training("PK", "referral"), []RoutingRule{{Desk: "durban", Topic: "referral"}, {Desk: "nairobi", Topic: "referral", Country: "PK"}}, "nairobi by rule 2"},
		"topic before country, language, kind":   {training("PK", "referral"), []RoutingRule{{Desk: "durban", Country: "PK", Language: "en", Kind: Training.Name}, {Desk: "nairobi", Topic: "referral"}}, "nairobi by rule 2"},
		"country before language and kind":       {training("PK"), []RoutingRule{{Desk: "durban", Language: "en", Kind: Training.Name}, {Desk: "nairobi", Country: "PK"}}, "nairobi by rule 2"},
		"language before kind":                   {training("PK"), []RoutingRule{{Desk: "durban", Kind: Training.Name}, {Desk: "nairobi", Language: "en"}}, "nairobi by rule 2"},
		"the older of two of one rank":           {training("PK", "referral", "sentencing"), []RoutingRule{{Desk: "nairobi", Topic: "sentencing"}, {Desk: "durban", Topic: "referral"}}, "nairobi by rule 1"},
	} {
		for i := range c.rules {
			c.rules[i].ID = fmt.Sprint(i + 1)
		}
		r := Route(c.q, c.rules, centres)
		if got := strings.TrimSpace(r.Desk.ID + " by " + r.Because + " " + r.Rule); got != c.want || r.Text == "" {
			t.Errorf("%s: %s (%s), want %s", name, got, r.Text, c.want)
		}
		told(t, r)
	}
	if r := Route(training("PK"), nil, []Centre{durban, closed}); r.Desk.ID != "" || r.Because != "" {
		t.Errorf("without a default desk it goes to %v", r)
	}
}

// fatal is what both kinds of test have.
type fatal interface{ Fatalf(string, ...any) }

// told fails unless what was considered explains the decision: each in a
// sentence, and the first that matched at an active desk is the one.
func told(t fatal, r Routing) {
	for _, x := range r.Considered {
		if x.Text == "" || x.Desk.Name == "" {
			t.Fatalf("%v says nothing", x)
		}
	}
	first := slices.IndexFunc(r.Considered, func(x Considered) bool { return x.Matched && x.Desk.Active })
	if first < 0 || r.Considered[first].Rule != r.Rule || r.Considered[first].Desk.ID != r.Desk.ID {
		t.Fatalf("it is %s by %s, but the first that matched is another: %v", r.Desk.ID, r.Because, r.Considered)
	}
}

// Whatever the rules: somebody takes it, and no closed desk does; and what
// decides does not depend on the order in which rules of different rank are.
func TestRouteAlwaysFindsADesk(t *testing.T) {
	countries, topics, languages := []string{"", "PK", "KE", "US"}, []string{"", "referral", "sentencing"}, []string{"", "en", "sw"}
	rapid.Check(t, func(r *rapid.T) {
		one := func(of []string, label string) string { return rapid.SampledFrom(of).Draw(r, label) }
		q := Asked{Kind: one([]string{Training.Name, Referral.Name}, "kind"), Country: one(countries, "country"), Topics: []string{one(topics, "topic")}, Languages: []string{one(languages, "language")}}
		var rules []RoutingRule
		for i := range rapid.IntRange(0, 8).Draw(r, "rules") {
			rules = append(rules, RoutingRule{
				ID: fmt.Sprint(i), Desk: rapid.SampledFrom(centres).Draw(r, "desk").ID, Kind: one([]string{"", Training.Name}, "kind"),
				Country: one(countries, "country"), Topic: one(topics, "topic"), Language: one(languages, "language"),
			})
		}
		got := Route(q, rules, centres)
		if !got.Desk.Active || !slices.Contains(Codes("routed_by"), got.Because) || (got.Because == ByRule) != (got.Rule != "") {
			r.Fatalf("%+v", got)
		}
		told(r, got)
		slices.SortStableFunc(rules, func(a, b RoutingRule) int { return strings.Compare(a.Topic+"|"+a.Country, b.Topic+"|"+b.Country) })
		again := Route(q, rules, centres)
		if again.Rule != got.Rule && (rank(rules, again.Rule) != rank(rules, got.Rule)) {
			r.Fatalf("by rule %s, and in another order by rule %s", got.Rule, again.Rule)
		}
	})
}

func rank(rules []RoutingRule, id string) int {
	at := slices.IndexFunc(rules, func(r RoutingRule) bool { return r.ID == id })
	return rules[max(at, 0)].rank()
}
