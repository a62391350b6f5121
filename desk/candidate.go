package desk

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"onward/fault"
	"onward/models"
	"onward/place"
	"onward/workflow"
)

// OwnOrganisation is why the organisation that made a request is no candidate
// for it: who refers a case means somebody else, unless the admin asks.
const OwnOrganisation fault.Code = "own_organisation"

// CandidateFilter says which candidates are asked for.
type CandidateFilter struct {
	Service  string // of a case; "": each that it needs
	Own      bool   // the organisation that made the request, too
	Excluded bool   // those that can't, too, and why
	Limit    int
}

// Ranking is the candidates of a request by rank, and what they were ranked by.
type Ranking struct {
	Training   bool
	Languages  int // asked for
	Topics     int // of a training
	Weights    models.Weights
	Candidates []Ranked
	At         time.Time
}

// Ranked is a candidate, and why it is none: the code of the guard that would
// refuse an offer to it, or OwnOrganisation.
type Ranked struct {
	models.Candidate
	ExcludedBy fault.Code
}

// Candidates ranks the organisations that could take a request on, for the
// admin who would offer it. Nothing is offered.
//
// Errors: not_found; wrong_role.
func (d *Desk) Candidates(ctx context.Context, a models.Actor, flow Flow, id uuid.UUID, asked CandidateFilter) (ranking Ranking, err error) {
	err = d.read(ctx, a, func(tx *models.Tx) error {
		s, err := d.permitted(tx, a, flow, id, workflow.Offer)
		if err != nil {
			return err
		}
		desk, err := tx.GetDesk(s.request.Head().DeskID)
		if err != nil {
			return err
		}
		want := s.want(desk.Weights, a.UserID, d.now(), asked.Service)
		want.Unfit, want.Limit = asked.Excluded, asked.Limit
		if !asked.Own {
			want.NotOf = s.request.Head().OrganisationID
		}
		found, err := tx.Candidates(want)
		if err != nil {
			return err
		}
		if len(found) > 0 {
			s.show(tx, a, want.Now, workflow.Summary) // how well each fits tells what of
		}
		ranking = Ranking{Training: flow == workflow.Training, Languages: len(want.Languages), Topics: len(want.Services), Weights: want.Weights, At: want.Now}
		for _, c := range found {
			ranking.Candidates = append(ranking.Candidates, Ranked{c, s.excludes(c, !asked.Own)})
		}
		return nil
	})
	return ranking, err
}

// excludes says why an offer to a candidate would be refused.
func (s around) excludes(c models.Candidate, notOwn bool) fault.Code {
	facts := c.Facts()
	if code := s.request.Flow().Hinders(workflow.Offer, workflow.Facts{Partner: &facts, Consent: c.Reach}); code != "" {
		return code
	}
	if notOwn && c.Own {
		return OwnOrganisation
	}
	return ""
}

// want says what the request asks of who takes it on: of a case, for one of
// its services or, where none is named, for each; on the word of the admin who
// would offer it.
func (s around) want(weights models.Weights, offerer uuid.UUID, now time.Time, service string) models.Want {
	want := models.Want{Kind: s.request.Flow().Name, Request: s.request.Head().ID, Weights: weights, Now: now}
	switch r := s.request.(type) {
	case *models.Training:
		want.Services, want.Country, want.Subdivision, want.Languages = r.Topics, r.Country, r.Subdivision, primary(r.Languages)
	case *models.Referral:
		want.Services, want.Country, want.Subdivision, want.Languages = r.Services, r.Country, r.Subdivision, primary(r.Languages)
		if service != "" {
			want.Services = []string{service}
		}
		want.AgeBand, want.Genders, want.Weights.Topics = r.AgeBand, served[r.Gender], 0
		want.Consent = s.reaches(want.Services, offerer, now)
	}
	want.Near = place.Neighbours(want.Country)
	return want
}

// served says for which genders a service must be, so that it is for a person:
// a service for women is for trans women, and one for men for trans men. Where
// the gender is not known, any will do.
var served = map[string][]string{
	"feminine": {"feminine"}, "masculine": {"masculine"}, "non_conforming": {"non_conforming"},
	"transgender_feminine": {"transgender_feminine", "feminine"}, "transgender_masculine": {"transgender_masculine", "masculine"},
}

// reaches says how far consent goes, for each service: to organisations that
// it names, and to any other.
func (s around) reaches(services []string, offerer uuid.UUID, now time.Time) []models.Cover {
	organisations := []uuid.UUID{uuid.Nil}
	for _, c := range s.consents {
		for _, text := range c.Organisations {
			if id, err := uuid.Parse(text); err == nil && !slices.Contains(organisations, id) {
				organisations = append(organisations, id)
			}
		}
	}
	var covers []models.Cover
	for _, service := range services {
		for _, o := range organisations {
			reach, _ := s.coverage(o, service, offerer, now)
			covers = append(covers, models.Cover{Service: service, Organisation: o, Reach: reach})
		}
	}
	return covers
}

// primary are the primary subtags of languages (BCP 47), each once.
func primary(languages []string) []string {
	var tags []string
	for _, l := range languages {
		tags = append(tags, workflow.Primary(l))
	}
	slices.Sort(tags)
	return slices.Compact(tags)
}
