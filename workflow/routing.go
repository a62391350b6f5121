package workflow

import (
	"fmt"
	"slices"
	"strings"
)

// Asked is what routing looks at of a request: codes, and nothing of a person.
type Asked struct {
	Kind, Country     string
	Topics, Languages []string // of a case, its services are its topics
}

// Centre is what routing looks at of a desk.
type Centre struct {
	ID, Name             string
	Countries, Languages []string
	Default, Active      bool
}

// RoutingRule sends requests to a desk (its id). Whatever it leaves empty, it
// takes as it comes.
type RoutingRule struct {
	ID, Desk                       string
	Kind, Country, Topic, Language string
}

// What decided where a request goes: the codes of vocabulary `routed_by`.
const (
	ByRule     = "rule"
	ByLanguage = "language"
	ByCountry  = "country"
	ByDefault  = "default"
)

// Routing is where a request goes, and why.
type Routing struct {
	Desk       Centre // no ID: nobody takes it
	Because    string
	Rule       string // the id of the rule that decided, if one did
	Text       string
	Considered []Considered // in the order in which they were looked at
}

// Considered is a rule, or a desk, that was looked at.
type Considered struct {
	Rule    string // its id; empty: the desk itself was looked at
	Desk    Centre
	Matched bool // it fits the request; then it may still come after another one
	Text    string
}

// Route finds the desk of a request. Rules and desks come with the oldest first.
//
// Of the rules that fit and whose desk is active, the most specific one
// decides: one that names a topic before one that names none, then one that
// names a country, then a language, then a kind; of two that name the same,
// the older. Where no rule decides, it is a desk that has the request's country
// among its own: first the oldest that speaks one of the request's languages,
// then the oldest. Else it is the default desk.
func Route(q Asked, rules []RoutingRule, desks []Centre) Routing {
	var r Routing
	rules = slices.Clone(rules)
	slices.SortStableFunc(rules, func(a, b RoutingRule) int { return b.rank() - a.rank() })
	for _, rule := range rules {
		r.ask(q, rule, desks)
	}
	if r.Because == "" {
		r.askCountry(q, desks)
	}
	for _, d := range desks {
		if r.Because == "" && d.Default && d.Active {
			r.take(d, ByDefault, fmt.Sprintf("No rule fits and no desk has its country, so it goes to the default desk, %s.", d.Name))
			r.Considered = append(r.Considered, Considered{Desk: d, Matched: true, Text: "It is the default desk."})
		}
	}
	return r
}

func (r *Routing) take(d Centre, because, text string) {
	r.Desk, r.Because, r.Text = d, because, text
}

// ask holds one rule against the request.
func (r *Routing) ask(q Asked, rule RoutingRule, desks []Centre) {
	at := slices.IndexFunc(desks, func(d Centre) bool { return d.ID == rule.Desk })
	if at < 0 {
		return
	}
	seen := Considered{Rule: rule.ID, Desk: desks[at], Text: rule.misses(q)}
	seen.Matched = seen.Text == ""
	switch {
	case !seen.Matched:
	case !seen.Desk.Active:
		seen.Text = "It fits, but its desk is closed."
	case r.Because != "":
		seen.Text = "It fits too, but comes after the one that decided: it is less specific, or as specific and younger."
	default:
		seen.Text = "It fits, and is the most specific that does."
		r.Rule = rule.ID
		r.take(seen.Desk, ByRule, fmt.Sprintf("The rule for %s sends it to %s.", rule, seen.Desk.Name))
	}
	r.Considered = append(r.Considered, seen)
}

// askCountry looks for the desk of the request's country.
func (r *Routing) askCountry(q Asked, desks []Centre) {
	has := func(d Centre) bool { return q.Country != "" && slices.Contains(d.Countries, q.Country) }
	speaks := func(d Centre) bool { return slices.ContainsFunc(d.Languages, spoken(q.Languages)) }
	desks = slices.DeleteFunc(slices.Clone(desks), func(d Centre) bool { return !d.Active })
	slices.SortStableFunc(desks, firstIf(speaks))
	slices.SortStableFunc(desks, firstIf(has))
	several := len(desks) > 1 && has(desks[1])
	for _, d := range desks {
		seen := Considered{Desk: d, Matched: has(d), Text: "It does not have the request's country."}
		switch {
		case !seen.Matched:
		case r.Because != "":
			seen.Text = "It has the country, but comes after the desk that decided: it is younger, or speaks none of the languages."
		case several && speaks(d):
			seen.Text = "It has the country, and is the oldest that does and speaks a language of the request."
			r.take(d, ByLanguage, fmt.Sprintf("Of the desks that have its country, %s, %s is the oldest that speaks one of its languages.", q.Country, d.Name))
		case several:
			seen.Text = "It has the country, and is the oldest that does; none speaks a language of the request."
			r.take(d, ByCountry, fmt.Sprintf("Of the desks that have its country, %s, %s is the oldest.", q.Country, d.Name))
		default:
			seen.Text = "It has the country."
			r.take(d, ByCountry, fmt.Sprintf("%s has its country, %s.", d.Name, q.Country))
		}
		r.Considered = append(r.Considered, seen)
	}
}

// firstIf orders what holds before what doesn't.
func firstIf(holds func(Centre) bool) func(a, b Centre) int {
	return func(a, b Centre) int {
		switch one, other := holds(a), holds(b); {
		case one == other:
			return 0
		case one:
			return -1
		}
		return 1
	}
}

// SameLanguage reports whether two tags (BCP 47) are of one language, whatever
// its region or script.
func SameLanguage(a, b string) bool { return Primary(a) == Primary(b) }

// Primary is the primary subtag of a language, in lower case.
func Primary(language string) string {
	tag, _, _ := strings.Cut(language, "-")
	return strings.ToLower(tag)
}

// spoken reports whether a language is one of some.
func spoken(some []string) func(string) bool {
	return func(language string) bool {
		return slices.ContainsFunc(some, func(one string) bool { return SameLanguage(one, language) })
	}
}

// rank grows with what a rule names: a topic counts for more than all else.
func (rule RoutingRule) rank() (rank int) {
	for _, named := range []string{rule.Topic, rule.Country, rule.Language, rule.Kind} {
		rank *= 2
		if named != "" {
			rank++
		}
	}
	return rank
}

// misses says in what a rule does not fit a request; empty: it fits.
func (rule RoutingRule) misses(q Asked) string {
	switch {
	case rule.Kind != "" && rule.Kind != q.Kind:
		return "It is for another kind of request."
	case rule.Country != "" && rule.Country != q.Country:
		return "It is for another country: " + rule.Country + "."
	case rule.Topic != "" && !slices.Contains(q.Topics, rule.Topic):
		return "It is for another topic: " + rule.Topic + "."
	case rule.Language != "" && !spoken(q.Languages)(rule.Language):
		return "It is for another language: " + rule.Language + "."
	}
	return ""
}

// String tells what a rule names.
func (rule RoutingRule) String() string {
	var all []string
	for _, named := range []string{rule.Kind, rule.Country, rule.Topic, rule.Language} {
		if named != "" {
			all = append(all, named)
		}
	}
	return strings.Join(all, ", ")
}
