package handlers

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
)

func asked(more string, organisations ...uuid.UUID) string {
	var ids []string
	for _, id := range organisations {
		ids = append(ids, fmt.Sprintf("%q", id))
	}
	return fmt.Sprintf(`{"organisations": [%s]%s}`, strings.Join(ids, ", "), more)
}

// plan makes a plan of offers and gives its path.
func (p *person) plan(path, more string, organisations ...uuid.UUID) string {
	p.s.t.Helper()
	return path + "/offers/" + p.do("POST", path+"/offers", asked(more, organisations...)).want(201).str("id")
}

// steps fails unless the plan is in a state and its steps are as told: each
// its state, and the reason after a colon.
func (s *service) steps(plan, state string, want ...string) map[string]any {
	s.t.Helper()
	of, id, _ := strings.Cut(plan, "/offers/")
	for _, x := range s.as("admin").do("GET", of+"/offers", "").want(200).list("items") {
		x, _ := x.(map[string]any)
		if x["id"] != id {
			continue
		}
		var got []string
		steps, _ := x["steps"].([]any)
		for _, step := range steps {
			step, _ := step.(map[string]any)
			fate := fmt.Sprint(step["state"])
			if step["reason"] != nil {
				fate += fmt.Sprint(":", step["reason"])
			}
			got = append(got, fate)
		}
		if x["state"] != state || !slices.Equal(got, want) {
			s.t.Fatalf("the plan is %v %v, want %s %v", x["state"], got, state, want)
		}
		return x
	}
	s.t.Fatalf("there is no plan %s", plan)
	return nil
}

// at is the path of the assignment of a plan's step.
func at(plan map[string]any, step int) string {
	steps, _ := plan["steps"].([]any)
	one, _ := steps[step].(map[string]any)
	return fmt.Sprint(assignments, one["assignment_id"])
}

// logs are those of a record's events, in order.
func (s *service) logs(path string) (all []string) {
	s.t.Helper()
	for _, e := range s.as("network").do("GET", path+"/events?limit=200", "").want(200).list("items") {
		e, _ := e.(map[string]any)
		all = append(all, fmt.Sprint(e["name"], " ", e["by"]))
	}
	return all
}

func (s *service) ends(path string, want ...string) {
	s.t.Helper()
	got := s.logs(path)
	if len(got) < len(want) || !slices.Equal(got[len(got)-len(want):], want) {
		s.t.Errorf("the log ends\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
