package desk_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/desk"
	"onward/fault"
	"onward/workflow"
)

// directory is the organisations of the table below: name | seat | kinds |
// countries or subdivisions served | languages | places left/all | more.
const directory = `
IOM                   | CH     | child_protection voluntary_return            | PH ID TH | tl en th | 20/20 |
UNHCR                 | CH     | international_protection                     | PH PK TH | tl en ur | 20/20 |
Visayan Home          | PH-CEB | child_protection                             | PH-CEB   | tl ceb   | 2/6   | to=17
Manila Women's House  | PH-00  | safe_house                                   | PH       | tl en    | 5/10  | genders=feminine
Fresh Shelter         | PH     | safe_house                                   | PH       | tl en    | 5/10  |
Stale Shelter         | PH     | safe_house                                   | PH       | tl en    | 9/10  | confirmed=45
Full Shelter          | PH     | safe_house                                   | PH       | tl en    | 0/8   |
Manila Clinic         | PH-00  | medical                                      | PH       | tl en-PH | 5/5   |
Bangkok Clinic        | TH     | medical                                      | PH TH    | en       | 5/5   |
Closed Clinic         | PH-00  | medical                                      | PH       | tl en    | 5/5   | status=temporarily_closed
Clinic for Adults     | PH-00  | medical                                      | PH       | tl       | 2/5   | from=18
Worldwide Legal Aid   | US     | legal_assistance                             |          |          | 50/50 |
Lahore Law            | PK-PB  | legal_assistance legal_framework             | PK       | ur pa    | 4/4   |
Islamabad Law         | PK-IS  | legal_assistance                             | PK       | ur en    | 4/4   | declines
Karachi Law           | PK-SD  | legal_assistance                             | PK       | ur en    | 4/4   | accepts
Jakarta Counsel       | ID     | psychosocial                                 |          | en es    | 9/9   |
Lima Counsel          | PE     | psychosocial                                 |          | en es    | 9/9   |
Kisumu Livelihoods    | KE     | livelihoods                                  | KE       | sw       | 5/5   |
Kitale Livelihoods    | KE     | livelihoods                                  | KE       | sw       | 5/5   |
UNITAR                | CH     | investigation_and_prosecution judicial_errors_and_misconceptions legal_framework | PK PH | en | 2/2 |
Ewha University       | KR     | investigation_and_prosecution victims_rights | PK KR    | en ko    | 9/9   |
`

// table is who a person would turn to first, and why rather than to others: who
// asks for what | first | rivals, and the part of the score by which the first
// is before them, or what excludes them. Written by hand, from the rules.
const table = `
a boy in Manila, perhaps a refugee      | service=international_protection age=13_17 gender=masculine country=PH sub=PH-00 lang=tl | UNHCR | IOM: service_not_offered
the same boy, as a child                | service=child_protection age=13_17 gender=masculine country=PH sub=PH-00 lang=tl | IOM | Visayan Home: country_not_served
the same boy, for all that he needs     | service= needs=international_protection,child_protection age=13_17 country=PH sub=PH-00 lang=tl | IOM | UNHCR: name
a child in Cebu who speaks Cebuano      | service=child_protection age=6_12 country=PH sub=PH-CEB lang=ceb | Visayan Home | IOM: language_not_served
a child in Cebu who speaks two          | service=child_protection age=6_12 country=PH sub=PH-CEB lang=ceb,tl | Visayan Home | IOM: language; IOM: nearness
a child in Cebu who speaks Tagalog      | service=child_protection age=6_12 country=PH sub=PH-CEB lang=tl | Visayan Home | IOM: nearness
an adult in Cebu                        | service=child_protection age=adult country=PH sub=PH-CEB lang=tl | IOM | Visayan Home: age_not_served
somebody in Cebu who may be a child     | service=child_protection age=unknown country=PH sub=PH-CEB lang=ceb,tl | Visayan Home | IOM: nearness
a child somewhere in the Philippines    | service=child_protection age=6_12 country=PH lang=tl | IOM | Visayan Home: capacity; Visayan Home: nearness
a woman in Manila needs a bed           | service=safe_house age=adult gender=feminine country=PH sub=PH-00 lang=tl | Manila Women's House | Fresh Shelter: nearness; Full Shelter: no_capacity
a man in Manila needs a bed             | service=safe_house age=adult gender=masculine country=PH sub=PH-00 lang=tl | Fresh Shelter | Manila Women's House: gender_not_served; Stale Shelter: capacity
a trans woman in Manila needs a bed     | service=safe_house age=adult gender=transgender_feminine country=PH sub=PH-00 lang=tl | Manila Women's House | Fresh Shelter: nearness
a trans man in Manila needs a bed       | service=safe_house age=adult gender=transgender_masculine country=PH sub=PH-00 lang=tl | Fresh Shelter | Manila Women's House: gender_not_served
a girl in Manila needs a bed            | service=safe_house age=13_17 gender=feminine country=PH sub=PH-00 lang=tl | Manila Women's House | Fresh Shelter: nearness
somebody in Manila needs a bed          | service=safe_house age=adult country=PH sub=PH-00 lang=tl | Manila Women's House | Fresh Shelter: nearness
a man in Davao needs a bed              | service=safe_house age=adult gender=masculine country=PH sub=PH-DAV lang=tl | Fresh Shelter | Stale Shelter: capacity; Full Shelter: no_capacity
his first shelter was asked already     | service=safe_house age=adult gender=masculine country=PH sub=PH-DAV lang=tl given=Fresh_Shelter | Stale Shelter | Fresh Shelter: already_assigned; Full Shelter: no_capacity
a Tagalog speaker in Manila is ill      | service=medical age=adult country=PH sub=PH-00 lang=tl | Manila Clinic | Clinic for Adults: capacity; Bangkok Clinic: language_not_served; Closed Clinic: partner_inactive
one who speaks English, too             | service=medical age=adult country=PH sub=PH-00 lang=tl,en | Manila Clinic | Bangkok Clinic: nearness; Bangkok Clinic: language
one who speaks British English          | service=medical age=adult country=PH sub=PH-00 lang=en-GB | Manila Clinic | Bangkok Clinic: nearness
nobody knows what he speaks             | service=medical age=adult country=PH sub=PH-00 | Manila Clinic | Bangkok Clinic: nearness
a child is ill                          | service=medical age=0_5 country=PH sub=PH-00 lang=tl | Manila Clinic | Clinic for Adults: age_not_served
he is ill in Bangkok                    | service=medical age=adult country=TH lang=en | Bangkok Clinic | Manila Clinic: country_not_served
the clinic itself refers him            | service=medical age=adult country=PH sub=PH-00 lang=en by=Manila_Clinic | Bangkok Clinic | Manila Clinic: own_organisation
the clinic itself, and the admin asks   | service=medical age=adult country=PH sub=PH-00 lang=en by=Manila_Clinic own | Manila Clinic | Bangkok Clinic: nearness
a trial in Lahore, in Punjabi           | service=legal_assistance age=adult country=PK sub=PK-PB lang=pa | Lahore Law | Karachi Law: language_not_served; Worldwide Legal Aid: language
a trial in Quetta, in Urdu              | service=legal_assistance age=adult country=PK sub=PK-BA lang=ur | Karachi Law | Islamabad Law: acceptance; Islamabad Law: response; Lahore Law: response
she asked Karachi already               | service=legal_assistance age=adult country=PK sub=PK-BA lang=ur given=Karachi_Law | Lahore Law | Karachi Law: already_assigned; Islamabad Law: acceptance
a trial in Peshawar, in English         | service=legal_assistance age=adult country=PK sub=PK-KP lang=en | Karachi Law | Worldwide Legal Aid: nearness; Lahore Law: language_not_served
a trial in Kenya                        | service=legal_assistance age=adult country=KE lang=sw | Worldwide Legal Aid | Karachi Law: country_not_served
she trusts Lahore alone                 | service=legal_assistance age=adult country=PK sub=PK-BA lang=ur consent=Lahore_Law | Lahore Law | Karachi Law: consent_missing
her consent has expired                 | service=legal_assistance age=adult country=PK sub=PK-BA lang=ur consent=expired | nobody | Karachi Law: consent_expired
she agreed to a doctor, no lawyer       | service=legal_assistance age=adult country=PK sub=PK-BA lang=ur consent=medical | nobody | Karachi Law: consent_missing
an override that nobody approved        | service=legal_assistance age=adult country=PK sub=PK-BA lang=ur consent=override | nobody | Karachi Law: override_unapproved
comfort in Manila, from afar            | service=psychosocial age=adult country=PH lang=en | Jakarta Counsel | Lima Counsel: nearness
comfort in Bogotá, from afar            | service=psychosocial age=adult country=CO lang=es | Lima Counsel | Jakarta Counsel: nearness
comfort in Nairobi: equals, by name     | service=psychosocial age=adult country=KE lang=en | Jakarta Counsel | Lima Counsel: name
work in Kenya: equals, by name          | service=livelihoods age=adult country=KE lang=sw | Kisumu Livelihoods | Kitale Livelihoods: name
work in Kenya: it had its turn          | service=livelihoods age=adult country=KE lang=sw turn=Kisumu_Livelihoods | Kitale Livelihoods | Kisumu Livelihoods: fairness
a desk to which room is all             | service=child_protection age=6_12 country=PH sub=PH-CEB lang=tl weigh=capacity | IOM | Visayan Home: capacity
paralegals in Punjab                    | topics=investigation_and_prosecution,judicial_errors_and_misconceptions country=PK sub=PK-PB lang=ur,en | UNITAR | Ewha University: topics
judges in Punjab, on victims' rights    | topics=victims_rights country=PK sub=PK-PB lang=en | Ewha University | UNITAR: service_not_offered
judges in Punjab, on the law            | topics=legal_framework country=PK sub=PK-PB lang=ur | Lahore Law | UNITAR: nearness; UNITAR: language
prosecutors in Seoul                    | topics=investigation_and_prosecution country=KR lang=ko | Ewha University | UNITAR: country_not_served
nobody teaches it                       | topics=technology country=PK lang=en | nobody | UNITAR: service_not_offered
`

func TestCandidates(t *testing.T) {
	rows := cells(table)
	if len(rows) < 40 {
		t.Fatalf("%d cases", len(rows))
	}
	shared := foundDirectory(t)
	for _, row := range rows {
		t.Run(row[0], func(t *testing.T) {
			ask, n := asked(row[1]), shared
			if ask.has("given") || ask.has("turn") || ask.has("weigh") || ask["consent"] == "expired" { // which the others would feel
				n = foundDirectory(t)
			}
			id, flow, got := n.ranked(ask)
			n.holds(t, got, row[2], row[3])
			n.leavesOut(t, flow, id, ask, got)
			if n != shared {
				n.offerable(t, flow, id, got)
			}
		})
	}
}

// leavesOut fails unless the ranking without those that can't is the same, less
// them: the statement sorts out whom the guards would refuse, and nobody else.
func (n *directoryOf) leavesOut(t *testing.T, flow desk.Flow, id uuid.UUID, ask wish, all desk.Ranking) {
	t.Helper()
	got, err := n.desk.Candidates(t.Context(), n.admin, flow, id, desk.CandidateFilter{Service: ask["service"], Own: ask.has("own"), Limit: 100})
	n.must(err)
	all.Candidates = slices.DeleteFunc(slices.Clone(all.Candidates), func(c desk.Ranked) bool { return c.ExcludedBy != "" })
	if told(got) != told(all) {
		t.Errorf("those that can:\n%swant\n%s", told(got), told(all))
	}
}

// What a ranking says happens: who is excluded is refused with that code, and
// the others can be offered.
func TestRankingsAreKept(t *testing.T) {
	t.Parallel()
	for i, row := range cells(table) {
		if i%6 != 0 {
			continue
		}
		t.Run(row[0], func(t *testing.T) {
			t.Parallel()
			n := foundDirectory(t)
			id, flow, got := n.ranked(asked(row[1]))
			n.offerable(t, flow, id, got)
		})
	}
}

// ranked makes the request of a row, and ranks who could take it on.
func (n *directoryOf) ranked(ask wish) (uuid.UUID, desk.Flow, desk.Ranking) {
	n.t.Helper()
	id, flow := n.request(ask)
	n.before(ask, id)
	got, err := n.desk.Candidates(n.t.Context(), n.admin, flow, id, desk.CandidateFilter{Service: ask["service"], Own: ask.has("own"), Excluded: true, Limit: 100})
	n.must(err)
	return id, flow, got
}

// holds holds a ranking against a row.
func (n *directoryOf) holds(t *testing.T, got desk.Ranking, first, rivals string) {
	t.Helper()
	if leads := leader(got); leads != first {
		t.Errorf("%s comes first, want %s\n%s", leads, first, told(got))
	}
	for rival := range strings.SplitSeq(rivals, ";") {
		name, by, _ := strings.Cut(rival, ":")
		if why := against(got, strings.TrimSpace(name), strings.TrimSpace(by)); why != "" {
			t.Errorf("%s\n%s", why, told(got))
		}
	}
}

// offerable offers the request to each of a ranking.
func (n *directoryOf) offerable(t *testing.T, flow desk.Flow, id uuid.UUID, got desk.Ranking) {
	t.Helper()
	n.triage(flow, id)
	offer := func(c desk.Ranked, service string) error {
		_, err := n.desk.Offer(t.Context(), n.admin, flow, id, desk.Whatever, workflow.Input{Organisation: c.OrganisationID.String(), Service: service})
		return err
	}
	for _, c := range slices.Backward(got.Candidates) { // the first comes last: it is taken
		service := ""
		if flow == workflow.Referral {
			service = c.Service
		}
		if c.ExcludedBy == desk.OwnOrganisation || flow == workflow.Referral && service == "" {
			continue // the admin may mean it; and without a service there is nothing to offer
		}
		err := offer(c, service)
		if c.ExcludedBy == "" && err != nil || c.ExcludedBy != "" && !fault.Is(err, c.ExcludedBy) {
			t.Errorf("%s is excluded by %q, and the offer to it gives: %v", c.OrganisationName, c.ExcludedBy, err)
		}
	}
}

func leader(r desk.Ranking) string {
	if len(r.Candidates) == 0 || r.Candidates[0].ExcludedBy != "" {
		return "nobody"
	}
	return r.Candidates[0].OrganisationName
}

// against says why a rival is not behind the first for a reason; empty if it is.
func against(r desk.Ranking, rival, by string) string {
	i := slices.IndexFunc(r.Candidates, func(c desk.Ranked) bool { return c.OrganisationName == rival })
	if i < 0 {
		return rival + " is not told"
	}
	second, first := r.Candidates[i], r.Candidates[0]
	switch part := func(c desk.Ranked) float64 { return value(r, c, by) }; {
	case string(second.ExcludedBy) == by:
		return ""
	case second.ExcludedBy != "":
		return fmt.Sprintf("%s is excluded by %s, want %s", rival, second.ExcludedBy, by)
	case by == "name":
		if first.Score != second.Score || i == 0 {
			return fmt.Sprintf("%s is no equal", rival)
		}
	case i == 0 || part(first) <= part(second):
		return fmt.Sprintf("%s is not behind by its %s", rival, by)
	}
	return ""
}

func value(r desk.Ranking, c desk.Ranked, part string) float64 {
	for _, p := range r.Parts(c) {
		if p.Name == part {
			return p.Value
		}
	}
	return -1
}

func told(r desk.Ranking) string {
	var b strings.Builder
	for _, c := range r.Candidates[:min(len(r.Candidates), 8)] {
		fmt.Fprintf(&b, "  %-22s %-32s %.4f %s\n", c.OrganisationName, c.Service, c.Score, c.ExcludedBy)
		for _, p := range r.Parts(c) {
			fmt.Fprintf(&b, "      %-10s %.2f x %d  %s\n", p.Name, p.Value, p.Weight, p.Text)
		}
	}
	return b.String()
}

// The texts say what a person would want to know, in numbers that are right.
func TestScoresExplainThemselves(t *testing.T) {
	t.Parallel()
	n := foundDirectory(t)
	id, flow := n.request(asked("service=legal_assistance age=adult country=PK sub=PK-BA lang=ur,en"))
	n.set(noon.Add(73 * time.Hour))
	got, err := n.desk.Candidates(t.Context(), n.admin, flow, id, desk.CandidateFilter{Limit: 3})
	n.must(err)
	if len(got.Candidates) != 3 {
		t.Fatalf("%d candidates, want as many as asked for", len(got.Candidates))
	}
	var texts []string
	for _, p := range got.Parts(got.Candidates[0]) {
		texts = append(texts, p.Text)
	}
	want := []string{
		"Speaks en, ur, of 2 languages.",
		"4 of 4 places left, confirmed 3 days ago.",
		"Has no assignments at hand.",
		"Answers within 2 hours: the median of 3 answers in the last 180 days.",
		"Accepted 3 of 3 offers in the last 180 days.",
		"Is in the same country.",
		"Was offered no requests in the last 30 days.",
	}
	if !slices.Equal(texts, want) {
		t.Errorf("%s", strings.Join(texts, "\n"))
	}
	again, err := n.desk.Candidates(t.Context(), n.admin, flow, id, desk.CandidateFilter{Limit: 3})
	n.must(err)
	if told(again) != told(got) {
		t.Error("the same question has another answer")
	}
	weights := 0.0
	sum := 0.0
	for _, p := range got.Parts(got.Candidates[0]) {
		weights, sum = weights+float64(p.Weight), sum+p.Value*float64(p.Weight)
	}
	if d := got.Candidates[0].Score - sum/weights; d > 0.0001 || d < -0.0001 {
		t.Errorf("a score of %f is not the mean of its parts, %f", got.Candidates[0].Score, sum/weights)
	}
}
