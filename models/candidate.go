package models

import (
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"

	"onward/models/queries"
	"onward/workflow"
)

// What counts of the past, and of what a partner last said.
const (
	confirmed = 30 * 24 * time.Hour  // for so long a capacity is taken as true
	history   = 180 * 24 * time.Hour // in which answers count
	recently  = 30 * 24 * time.Hour  // in which offers count as the turn that one had
)

// Weights say how much each part of a candidate's score counts, each from 0 to
// 10, not all 0: the twin of api.Weights.
type Weights struct {
	Language   int `json:"language"`
	Capacity   int `json:"capacity"`
	Load       int `json:"load"`
	Response   int `json:"response"`
	Acceptance int `json:"acceptance"`
	Nearness   int `json:"nearness"`
	Topics     int `json:"topics"` // of a training
	Fairness   int `json:"fairness"`
}

// DefaultWeights are those of a desk that has not said otherwise.
var DefaultWeights = Weights{Language: 3, Capacity: 2, Load: 1, Response: 2, Acceptance: 2, Nearness: 3, Topics: 4, Fairness: 1}

// Want is what a request asks of who takes it on. The zero value of a member
// asks nothing.
type Want struct {
	Kind                 string // of request
	Request              uuid.UUID
	Services             []string // a case's services, or a training's topics
	Country, Subdivision string
	Near                 []string // countries of the same subregion
	Languages            []string // primary subtags; of a case at least one is to be spoken
	AgeBand              string
	Genders              []string // any of which would do
	Consent              []Cover  // of a case
	NotOf                uuid.UUID
	Weights              Weights
	Only                 uuid.UUID // one organisation
	Unfit                bool      // tell those that can't, too, and why
	Limit                int
	Now                  time.Time
}

// Cover says how far consent reaches a service and an organisation; the nil
// UUID: any that no other cover names.
type Cover struct {
	Service      string
	Organisation uuid.UUID
	Reach        workflow.Coverage
}

// Candidate is an organisation that could take a request on, with the service
// by which it would, or that can't. Values are from 0 to 1; Score is their
// weighted mean.
type Candidate struct {
	OrganisationID   uuid.UUID
	OrganisationName string
	ServiceID        *uuid.UUID // nil: it has none of those that would do
	Service          string     // a code

	// The conditions.
	Active, InCountry, ForAge, ForGender, Speaks, Already, Own bool
	Available                                                  int
	Reach                                                      workflow.Coverage

	// What the parts of the score come from.
	AnyLanguage     bool
	Shared          string // languages, as a list in words
	Maximum         int
	CapacityUpdated *time.Time
	Uncertain       bool
	Nearness        string
	Topics          int
	Live, Recent    int
	Answered        int
	Accepted        int
	MedianHours     float64

	LanguageValue, CapacityValue, LoadValue, ResponseValue, AcceptanceValue, NearnessValue, TopicsValue, FairnessValue float64
	Score                                                                                                              float64
}

// Facts are what a guard looks at.
func (c Candidate) Facts() workflow.PartnerFacts {
	return workflow.PartnerFacts{
		Active: c.Active, Service: c.ServiceID != nil, Country: c.InCountry, Age: c.ForAge, Gender: c.ForGender, Language: c.Speaks,
		Capacity: c.Available, Already: c.Already,
	}
}

// Candidates ranks the organisations that could take a request on: by score,
// of equals the one that had its turn longest ago, then by name. Unfit ones
// come after them, those that meet the most first, then by name.
func (tx *Tx) Candidates(w Want) ([]Candidate, error) {
	join, which := "JOIN", "TRUE"
	if w.Unfit {
		join = "LEFT JOIN"
	}
	if w.Only != uuid.Nil {
		which = "o.id = cast(@only AS uuid)"
	}
	var found []Candidate
	err := tx.g.Raw(fmt.Sprintf(queries.Candidates, join, which), w.arguments()).Scan(&found).Error // sql: the constants above
	return found, err
}

func (w Want) arguments() map[string]any {
	youngest, oldest := workflow.Ages(w.AgeBand)
	args := map[string]any{
		"training": w.Kind == workflow.Training.Name, "kinds": textsArray(w.Services), "request": w.Request, "country": w.Country, "subdivision": w.Subdivision,
		"near": textsArray(w.Near), "languages": textsArray(w.Languages), "genders": textsArray(w.Genders), "youngest": youngest, "oldest": oldest,
		"covered": workflow.Covered, "not_of": orNull(w.NotOf), "only": orNull(w.Only), "unfit": w.Unfit, "limit": w.Limit,
		"confirmed_since": w.Now.Add(-confirmed), "since": w.Now.Add(-history), "recently": w.Now.Add(-recently),
		"w_language": w.Weights.Language, "w_capacity": w.Weights.Capacity, "w_load": w.Weights.Load, "w_response": w.Weights.Response,
		"w_acceptance": w.Weights.Acceptance, "w_nearness": w.Weights.Nearness, "w_topics": w.Weights.Topics, "w_fairness": w.Weights.Fairness,
	}
	var services, organisations, reach []string
	for _, c := range w.Consent {
		name := "" // any
		if c.Organisation != uuid.Nil {
			name = c.Organisation.String()
		}
		services, organisations, reach = append(services, c.Service), append(organisations, name), append(reach, strconv.Itoa(int(c.Reach)))
	}
	args["cover_services"], args["cover_organisations"], args["cover_reach"] = textsArray(services), textsArray(organisations), textsArray(reach)
	return args
}

// Uncertain reports that nobody has confirmed the service's capacity for long.
func (s Service) Uncertain(now time.Time) bool { return s.CapacityUpdated.Before(now.Add(-confirmed)) }
