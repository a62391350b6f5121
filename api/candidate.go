package api

// Candidate is an organisation that could take a request on, with the service
// by which it would. Score is from 0 to 1: the weighted mean of its parts.
// Excluded_by is null, or the code of what an offer would be refused with;
// service is null where it has none of those that would do.
type Candidate struct {
	Organisation Link        `json:"organisation"`
	Service      *string     `json:"service"`
	Score        float64     `json:"score"`
	Parts        []ScorePart `json:"parts"`
	ExcludedBy   *string     `json:"excluded_by"`
}

// ScorePart is one part of a score: its value from 0 to 1, what it weighs at
// this desk, and both in words.
type ScorePart struct {
	Name   string  `json:"name"`
	Value  float64 `json:"value"`
	Weight int     `json:"weight"`
	Text   string  `json:"text"`
}

// Candidates is a ranking. It has no next page: limit says how long it is.
type Candidates struct {
	Items []Candidate `json:"items"`
}

// Weights say how much each part of a score counts at a desk. Not all are 0.
type Weights struct {
	Language   int `json:"language" validate:"min=0,max=10"`
	Capacity   int `json:"capacity" validate:"min=0,max=10"`
	Load       int `json:"load" validate:"min=0,max=10"`
	Response   int `json:"response" validate:"min=0,max=10"`
	Acceptance int `json:"acceptance" validate:"min=0,max=10"`
	Nearness   int `json:"nearness" validate:"min=0,max=10"`
	Topics     int `json:"topics" validate:"min=0,max=10"`
	Fairness   int `json:"fairness" validate:"min=0,max=10"`
}
