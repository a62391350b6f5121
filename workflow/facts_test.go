package workflow

import (
	"slices"
	"time"

	"onward/fault"
)

// noon is a Tuesday; the tests' present.
var noon = time.Date(2012, 4, 3, 12, 0, 0, 0, time.UTC)

// naiveGuard is a condition of docs/workflows.md, the code that refuses, and the
// dimensions of the facts that it depends on.
type naiveGuard struct {
	code  fault.Code
	dims  []string
	holds func(Facts) bool
}

var naiveGuards = map[string]naiveGuard{
	"sent whole":            {"is_draft", []string{"draft"}, func(f Facts) bool { return !f.Sent.Draft }},
	"sent as a draft":       {"is_no_draft", []string{"draft"}, func(f Facts) bool { return f.Sent.Draft }},
	"complete":              {"incomplete", []string{"missing"}, func(f Facts) bool { return f.Missing == nil }},
	"consent recorded":      {"consent_missing", []string{"recorded"}, func(f Facts) bool { return f.Recorded }},
	"answer overdue":        {"answer_not_overdue", []string{"asked"}, func(f Facts) bool { return f.Now.Sub(f.Asked).Hours() >= 30*24 }},
	"another desk":          {"same_desk", []string{"desk"}, func(f Facts) bool { return f.Desk == nil || !f.Desk.Same }},
	"active desk":           {"desk_inactive", []string{"desk"}, func(f Facts) bool { return f.Desk == nil || f.Desk.Active }},
	"child at least urgent": {"child_needs_urgency", []string{"child", "urgency"}, func(f Facts) bool { return !(f.Child && f.Sent.Urgency == "normal") }},
	"end after start":       {"ends_before_start", []string{"schedule"}, func(f Facts) bool { return f.Sent.EndsAt.IsZero() || f.Sent.StartsAt.Before(f.Sent.EndsAt) }},
	"within five years":     {"too_far_ahead", []string{"schedule"}, func(f Facts) bool { return f.Sent.EndsAt.AddDate(-5, 0, 0).Compare(f.Now) <= 0 }},
	"not in the future":     {"delivered_in_future", []string{"delivered"}, func(f Facts) bool { return !f.Sent.DeliveredOn.After(f.Now) }},
	"not before it starts": {"delivered_before_start", []string{"delivered"}, func(f Facts) bool {
		return f.Sent.DeliveredOn.IsZero() || f.Sent.DeliveredOn.AddDate(0, 0, 1).After(f.Starts)
	}},
	"partner active":           {"partner_inactive", []string{"partner"}, func(f Facts) bool { return f.Partner == nil || f.Partner.Active }},
	"serves it":                {"service_not_offered", []string{"partner"}, func(f Facts) bool { return f.Partner == nil || f.Partner.Service }},
	"serves the country":       {"country_not_served", []string{"partner"}, func(f Facts) bool { return f.Partner == nil || f.Partner.Country }},
	"serves the age":           {"age_not_served", []string{"partner"}, func(f Facts) bool { return f.Partner == nil || f.Partner.Age }},
	"serves the gender":        {"gender_not_served", []string{"partner"}, func(f Facts) bool { return f.Partner == nil || f.Partner.Gender }},
	"serves the language":      {"language_not_served", []string{"partner"}, func(f Facts) bool { return f.Partner == nil || f.Partner.Language }},
	"no live assignment of it": {"already_assigned", []string{"partner"}, func(f Facts) bool { return f.Partner == nil || !f.Partner.Already }},
	"no place left":            {"has_capacity", []string{"partner"}, func(f Facts) bool { return f.Partner == nil || f.Partner.Capacity < 1 }},
	"has capacity":             {"no_capacity", []string{"partner"}, func(f Facts) bool { return f.Partner == nil || f.Partner.Capacity >= 1 }},
	"place left":               {"no_capacity", []string{"place"}, func(f Facts) bool { return f.Partner == nil || f.Partner.Capacity >= 1 }},
	"consent covers":           {"consent_missing", []string{"consent"}, func(f Facts) bool { return f.Consent != Uncovered }},
	"consent unexpired":        {"consent_expired", []string{"consent"}, func(f Facts) bool { return f.Consent != Expired }},
	"override approved":        {"override_unapproved", []string{"consent"}, func(f Facts) bool { return f.Consent != Unapproved }},
	"none live":                {"assignments_live", []string{"offered", "taken"}, func(f Facts) bool { return f.Offered == 0 && f.Taken == 0 }},
	"none held":                {"assignment_taken", []string{"taken"}, func(f Facts) bool { return f.Taken == 0 }},
	"none accepted or further": {"assignment_taken", []string{"taken", "completed"}, func(f Facts) bool { return f.Taken == 0 && f.Completed == 0 }},
	"one accepted or further":  {"no_assignment_taken", []string{"taken", "completed"}, func(f Facts) bool { return f.Taken > 0 || f.Completed > 0 }},
	"hold over":                {"hold_not_over", []string{"held"}, func(f Facts) bool { return !f.HeldUntil.IsZero() && !f.HeldUntil.After(f.Now) }},
	"not erased":               {"erased", []string{"kept"}, func(f Facts) bool { return !f.Erased }},
	"no legal hold":            {"legal_hold", []string{"kept"}, func(f Facts) bool { return !f.LegalHold }},
	"a legal hold":             {"no_legal_hold", []string{"kept"}, func(f Facts) bool { return f.LegalHold }},
	"erasure not requested":    {"erasure_requested", []string{"kept"}, func(f Facts) bool { return !f.ErasureAsked }},
	"erasure requested":        {"erasure_not_requested", []string{"kept"}, func(f Facts) bool { return f.ErasureAsked }},
	"a second person":          {"same_person", []string{"kept"}, func(f Facts) bool { return !f.ErasureAsked || !f.AskedBySelf }},
	"notice due": {"notice_not_due", []string{"erase"}, func(f Facts) bool {
		return !f.EraseAt.IsZero() && !f.Announced && f.EraseAt.Sub(f.Now).Hours() <= 30*24
	}},
	"retention over":    {"retention_not_over", []string{"erase"}, func(f Facts) bool { return f.Announced && !f.EraseAt.After(f.Now) }},
	"request open":      {"request_closed", []string{"request"}, func(f Facts) bool { return openToAnswer[f.RequestKind][f.RequestState] }},
	"before respond_by": {"offer_closed", []string{"respond"}, func(f Facts) bool { return f.RespondBy.After(f.Now) }},
	"respond_by passed": {"offer_open", []string{"respond"}, func(f Facts) bool { return !f.RespondBy.After(f.Now) }},
	"not delivered":     {"already_delivered", []string{"request"}, func(f Facts) bool { return !afterDelivery[f.RequestKind][f.RequestState] }},
	"delivered if a training": {"not_delivered", []string{"request"}, func(f Facts) bool {
		return f.RequestKind != "training_request" || afterDelivery[f.RequestKind][f.RequestState]
	}},
}

var (
	openToAnswer  = map[string]map[State]bool{"training_request": {"offered": true}, "case_referral": {"open": true, "in_service": true, "on_hold": true}}
	afterDelivery = map[string]map[State]bool{"training_request": {"delivered": true, "evaluated": true, "closed": true}}
)

// dims are the facts that guards look at, each with the values that matter.
var dims = map[string][]func(*Facts){
	"draft":    {func(f *Facts) { f.Sent.Draft = false }, func(f *Facts) { f.Sent.Draft = true }},
	"missing":  {func(f *Facts) {}, func(f *Facts) { f.Missing = []fault.Field{{Pointer: "/summary", Code: "required"}} }},
	"recorded": {func(f *Facts) { f.Recorded = true }, func(f *Facts) { f.Recorded = false }},
	"asked":    moments(func(f *Facts, t time.Time) { f.Asked = t }, noon.Add(-30*24*time.Hour), noon.Add(-30*24*time.Hour+1), noon),
	"held":     moments(func(f *Facts, t time.Time) { f.HeldUntil = t }, time.Time{}, noon.Add(-1), noon, noon.Add(1)),
	"kept": {
		func(*Facts) {}, func(f *Facts) { f.LegalHold = true }, func(f *Facts) { f.Erased = true },
		func(f *Facts) { f.ErasureAsked = true }, func(f *Facts) { f.ErasureAsked, f.AskedBySelf = true, true },
		func(f *Facts) { f.LegalHold, f.ErasureAsked = true, true },
	},
	"erase": {
		erasedAt(time.Time{}, false), erasedAt(noon.Add(Notice+1), false), erasedAt(noon.Add(Notice), false), erasedAt(noon, false),
		erasedAt(noon.Add(Notice), true), erasedAt(noon.Add(1), true), erasedAt(noon, true), erasedAt(noon.Add(-1), true),
	},
	"respond":   moments(func(f *Facts, t time.Time) { f.RespondBy = t }, noon.Add(-1), noon, noon.Add(1)),
	"delivered": moments(func(f *Facts, t time.Time) { f.Sent.DeliveredOn = t }, day(1), day(2), day(3), day(4)),
	"child":     {func(f *Facts) { f.Child = false }, func(f *Facts) { f.Child = true }},
	"urgency": {
		func(f *Facts) { f.Sent.Urgency = "normal" }, func(f *Facts) { f.Sent.Urgency = "urgent" },
		func(f *Facts) { f.Sent.Urgency = "emergency" },
	},
	"desk": {
		func(f *Facts) { f.Desk = &DeskFacts{Active: true} }, func(f *Facts) { f.Desk = &DeskFacts{Active: true, Same: true} },
		func(f *Facts) { f.Desk = &DeskFacts{} }, func(f *Facts) { f.Desk = nil },
	},
	"schedule": {
		between(noon, noon.Add(1)), between(noon, noon), between(noon, noon.Add(-1)),
		between(noon, noon.AddDate(5, 0, 0)), between(noon, noon.AddDate(5, 0, 0).Add(1)),
	},
	"partner": {
		func(f *Facts) { f.Partner = nil }, able(func(*PartnerFacts) {}), able(func(p *PartnerFacts) { p.Active = false }),
		able(func(p *PartnerFacts) { p.Service = false }), able(func(p *PartnerFacts) { p.Country = false }), able(func(p *PartnerFacts) { p.Age = false }),
		able(func(p *PartnerFacts) { p.Gender = false }), able(func(p *PartnerFacts) { p.Language = false }), able(func(p *PartnerFacts) { p.Capacity = 0 }), able(func(p *PartnerFacts) { p.Capacity = -1 }),
		able(func(p *PartnerFacts) { p.Already = true }), able(func(p *PartnerFacts) { *p = PartnerFacts{} }),
	},
	"place":     {func(f *Facts) { f.Partner = nil }, able(func(*PartnerFacts) {}), able(func(p *PartnerFacts) { p.Capacity = 0 })},
	"consent":   {covered(Covered), covered(Uncovered), covered(Expired), covered(Unapproved)},
	"best":      {best(Covered), best(Uncovered), best(Expired), best(Unapproved)},
	"offered":   counts(func(f *Facts) *int { return &f.Offered }),
	"taken":     counts(func(f *Facts) *int { return &f.Taken }),
	"completed": counts(func(f *Facts) *int { return &f.Completed }),
	"request":   requests(),
}

// product gives every combination of the values of some dimensions, over the
// facts of a good day.
func product(names []string) []Facts {
	slices.Sort(names)
	all := []Facts{goodDay()}
	for _, name := range slices.Compact(names) {
		var next []Facts
		for _, f := range all {
			for _, set := range dims[name] {
				g := f
				set(&g)
				next = append(next, g)
			}
		}
		all = next
	}
	return all
}

// goodDay are facts that stand in the way of nothing but of what waits for a
// time to pass, and carry good input for every action.
func goodDay() Facts {
	return Facts{
		Now: noon, Recorded: true, Asked: noon, HeldUntil: noon.AddDate(0, 0, 1), Starts: day(2).Add(9 * time.Hour), Objectives: 2,
		Partner: ablePartner(), Consent: Covered, Best: Covered, Desk: &DeskFacts{Active: true}, RespondBy: noon.Add(time.Hour), Sent: goodInput(),
	}
}

func goodInput() Input {
	return Input{
		Reason: &Reason{Code: "other", Note: "as agreed"}, Question: "Which court?", Answer: "The district court.", Desk: "d1", Priority: "normal",
		Urgency: "urgent", Services: []string{"legal_assistance"}, Organisation: "o1", Organisations: []string{"o1", "o2"}, Service: "legal_assistance", RespondBy: noon.Add(time.Hour),
		Message: "Can you?", StartsAt: noon.AddDate(0, 1, 0), EndsAt: noon.AddDate(0, 1, 1), Mode: "onsite", Place: "Lahore", Link: "https://example.org",
		Participants: 40, DeliveredOn: day(3), Levels: []Level{{"reaction", 4, "good"}}, Objectives: []Result{{0, true, ""}, {1, false, ""}},
		Outcome: "other", Note: "as agreed", Until: noon.AddDate(0, 0, 7),
	}
}

func day(n int) time.Time { return time.Date(2012, 4, n, 0, 0, 0, 0, time.UTC) }

func ablePartner() *PartnerFacts {
	return &PartnerFacts{Active: true, Service: true, Country: true, Age: true, Gender: true, Language: true, Capacity: 1}
}

func able(but func(*PartnerFacts)) func(*Facts) {
	return func(f *Facts) { f.Partner = ablePartner(); but(f.Partner) }
}

func covered(c Coverage) func(*Facts) { return func(f *Facts) { f.Consent = c } }

// best is the case's best consent, with no organisation at hand.
func best(c Coverage) func(*Facts) { return func(f *Facts) { f.Consent, f.Best = c, c } }

func moments(set func(*Facts, time.Time), times ...time.Time) []func(*Facts) {
	var all []func(*Facts)
	for _, t := range times {
		all = append(all, func(f *Facts) { set(f, t) })
	}
	return all
}

func erasedAt(at time.Time, announced bool) func(*Facts) {
	return func(f *Facts) { f.EraseAt, f.Announced = at, announced }
}

func between(from, to time.Time) func(*Facts) {
	return func(f *Facts) { f.Sent.StartsAt, f.Sent.EndsAt = from, to }
}

func counts(of func(*Facts) *int) []func(*Facts) {
	var all []func(*Facts)
	for n := range 2 {
		all = append(all, func(f *Facts) { *of(f) = n })
	}
	return all
}

// requests are states that an assignment's request can be in: all in which it
// can be live, and some of the others.
func requests() []func(*Facts) {
	var all []func(*Facts)
	for kind, states := range map[string][]State{
		"training_request": {"in_triage", "approved", "offered", "matched", "scheduled", "delivered", "evaluated", "closed", "withdrawn"},
		"case_referral":    {"in_triage", "open", "in_service", "on_hold", "closed", "consent_revoked"},
	} {
		for _, s := range states {
			all = append(all, func(f *Facts) { f.RequestKind, f.RequestState = kind, s })
		}
	}
	return all
}
