package desk

import (
	"fmt"
	"math"
	"time"
)

// Part is one part of a candidate's score.
type Part struct {
	Name   string
	Value  float64 // from 0 to 1
	Weight int
	Text   string // both in words
}

// Parts explain a candidate's score; there are none where it has no service
// that would do.
func (r Ranking) Parts(c Ranked) []Part {
	if c.ServiceID == nil {
		return []Part{}
	}
	parts := []Part{
		{"language", c.LanguageValue, r.Weights.Language, r.language(c)},
		{"capacity", c.CapacityValue, r.Weights.Capacity, r.capacity(c)},
		{"load", c.LoadValue, r.Weights.Load, fmt.Sprintf("Has %s at hand.", count(c.Live, "assignment"))},
		{"response", c.ResponseValue, r.Weights.Response, response(c)},
		{"acceptance", c.AcceptanceValue, r.Weights.Acceptance, acceptance(c)},
		{"nearness", c.NearnessValue, r.Weights.Nearness, nearness[c.Nearness]},
		{"fairness", c.FairnessValue, r.Weights.Fairness, fmt.Sprintf("Was offered %s in the last 30 days.", count(c.Recent, "request"))},
	}
	if r.Training {
		parts = append(parts, Part{"topics", c.TopicsValue, r.Weights.Topics, fmt.Sprintf("Teaches %d of %s.", c.Topics, count(r.Topics, "topic"))})
	}
	return parts
}

func (r Ranking) language(c Ranked) string {
	switch {
	case r.Languages == 0:
		return "No language was asked for."
	case c.AnyLanguage:
		return "Names no language, so that any may be spoken."
	case c.Shared == "":
		return fmt.Sprintf("Speaks none of %s.", count(r.Languages, "language"))
	}
	return fmt.Sprintf("Speaks %s, of %s.", c.Shared, count(r.Languages, "language"))
}

func (r Ranking) capacity(c Ranked) string {
	places := fmt.Sprintf("%d of %s left", c.Available, count(c.Maximum, "place"))
	ago := r.At.Sub(*c.CapacityUpdated)
	switch {
	case c.Uncertain:
		return fmt.Sprintf("%s; nobody has confirmed that for %s, so it counts half.", places, span(ago))
	case ago < time.Hour:
		return places + ", confirmed within the hour."
	}
	return fmt.Sprintf("%s, confirmed %s ago.", places, span(ago))
}

func response(c Ranked) string {
	if c.Answered == 0 {
		return "Answered no offer in the last 180 days; it counts as if it answered within a day."
	}
	median := span(time.Duration(c.MedianHours * float64(time.Hour)))
	return fmt.Sprintf("Answers within %s: the median of %s in the last 180 days.", median, count(c.Answered, "answer"))
}

func acceptance(c Ranked) string {
	if c.Answered == 0 {
		return "Answered no offer in the last 180 days; it counts as if it accepted two of three."
	}
	return fmt.Sprintf("Accepted %d of %s in the last 180 days.", c.Accepted, count(c.Answered, "offer"))
}

var nearness = map[string]string{
	"subdivision":  "Is in the very subdivision, or serves it by name.",
	"country":      "Is in the same country.",
	"served":       "Serves the country by name.",
	"neighbouring": "Is in a country of the same subregion.",
	"part":         "Serves a part of the country by name, which may be another.",
	"anywhere":     "Serves every country, and none by name.",
}

// count says how many: no assignments, 1 assignment, 2 assignments.
func count(n int, of string) string {
	switch n {
	case 0:
		return "no " + of + "s"
	case 1:
		return "1 " + of
	}
	return fmt.Sprintf("%d %ss", n, of)
}

// span says how long: to the hour below two days, to the day above.
func span(d time.Duration) string {
	hours := int(math.Ceil(d.Hours()))
	if hours <= 48 {
		return count(max(hours, 1), "hour")
	}
	return count(hours/24, "day")
}
