package handlers

import (
	"fmt"
	"sync"
	"testing"

	"onward/models"
)

// together starts n calls at the same moment and gives their answers.
func together(n int, call func(i int) answered) []answered {
	answers := make([]answered, n)
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		ready.Add(1)
		done.Go(func() {
			ready.Done()
			<-start
			answers[i] = call(i)
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
	return answers
}

func count(answers []answered, status int) (n int) {
	for _, a := range answers {
		if a.status == status {
			n++
		}
	}
	return n
}

// Twenty partners accept one training at the same time: one wins, and the
// others read what may be done next.
func TestTwentyPartnersAcceptOneTraining(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.as("jurist").create("/v1/training-requests", fmt.Sprintf(aTraining, "")).header.Get("Location")
	s.as("admin").fire(path, "take", "").want(200)
	s.as("admin").fire(path, "approve", `, "priority": "low"`).want(200)
	const partners = 20
	var people [partners]*person
	var offers [partners]string
	for i := range partners {
		name := fmt.Sprintf("partner %d", i)
		of := s.addOrganisation(name, "university")
		s.addService(name, of, "investigation_and_prosecution", "PK")
		people[i] = s.addPerson(name, of, nil, models.RolePartner)
		offers[i] = s.as("admin").offer(path, of.ID.String(), "").want(201).header.Get("Location")
	}
	answers := together(partners, func(i int) answered {
		return people[i].do("POST", offers[i]+"/transitions", `{"action": "accept"}`, `If-Match: "1"`)
	})
	if won := count(answers, 200); won != 1 {
		t.Errorf("%d partners won", won)
	}
	for _, a := range answers {
		switch a.status {
		case 200, 412:
		case 409:
			if a.str("state") != "revoked" || !a.has("allowed_actions") {
				t.Errorf("a loser is not told what is so: %s", a.body)
			}
		default:
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	states := map[string]int{}
	for _, x := range s.as("admin").do("GET", path+"/assignments", "").list("items") {
		item, _ := x.(map[string]any)
		state, _ := item["state"].(string)
		states[state]++
	}
	if states["accepted"] != 1 || states["revoked"] != partners-1 {
		t.Errorf("the assignments are %v", states)
	}
	if got := s.as("jurist").do("GET", path, ""); got.str("state") != "matched" {
		t.Errorf("%s", got.body)
	}
	s.agrees()
}

// Twenty people of one partner accept its one offer at the same time: one does.
func TestTwentyPeopleAcceptOneOffer(t *testing.T) {
	t.Parallel()
	s := start(t)
	offer := s.offered(s.openCase(""), "iom")
	answers := together(20, func(int) answered { return s.as("iom").fire(offer, "accept", "") })
	if count(answers, 200) != 1 || count(answers, 409) != 19 {
		t.Errorf("%d accepted, %d refused", count(answers, 200), count(answers, 409))
	}
	if s.places("iom/child_protection") != 4 {
		t.Error("more than one place was taken")
	}
	s.agrees()
}

// A service has three places; ten cases are accepted at the same time.
func TestPlacesAreNeverOverdrawn(t *testing.T) {
	t.Parallel()
	s := start(t)
	const cases, places = 10, 3
	of := s.addOrganisation("A small house", "ngo")
	small := s.addService("small", of, "safe_house", "PH")
	warden := s.addPerson("warden", of, nil, models.RolePartner)
	service := fmt.Sprintf("/v1/organisations/%s/services/%s", of.ID, small.ID)
	s.as("admin").do("PATCH", service, fmt.Sprintf(`{"capacity": {"available": %d, "maximum": 5}}`, places), "If-Match: *").want(200)
	var offers [cases]string
	for i := range cases {
		path := s.openCase("")
		offers[i] = s.as("admin").offer(path, of.ID.String(), "safe_house").want(201).header.Get("Location")
	}
	answers := together(cases, func(i int) answered { return warden.fire(offers[i], "accept", "") })
	if count(answers, 200) != places || count(answers, 409) != cases-places {
		t.Errorf("%d accepted, %d refused", count(answers, 200), count(answers, 409))
	}
	if got := s.as("admin").do("GET", service, ""); got.at("capacity", "available") != 0.0 {
		t.Errorf("%s", got.body)
	}
	for i, a := range answers {
		if a.status == 200 {
			warden.fire(offers[i], "return", `, "reason": {"code": "moved_away"}`).want(200)
		}
	}
	if got := s.as("admin").do("GET", service, ""); got.at("capacity", "available") != float64(places) {
		t.Errorf("the places were not given back: %s", got.body)
	}
	s.agrees()
}

// openCase brings a case to `open`; more is added to its body.
func (s *service) openCase(more string) string {
	s.t.Helper()
	path := s.as("referrer").create("/v1/case-referrals", fmt.Sprintf(aReferral, more)).header.Get("Location")
	s.as("admin").fire(path, "take", "").want(200)
	s.as("admin").fire(path, "open", `, "urgency": "urgent", "services": ["child_protection"]`).want(200)
	return path
}

// Fifty people ask for the next request; there are as many, or thirty, of both
// kinds.
func TestNextIsNeverGivenTwice(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.claimed(50, 50)
	s.claimed(50, 30)
	s.agrees()
}

func (s *service) claimed(claimers, waiting int) {
	s.t.Helper()
	for i := range waiting {
		if i%2 == 0 {
			s.as("jurist").create("/v1/training-requests", fmt.Sprintf(aTraining, ""))
		} else {
			s.as("referrer").create("/v1/case-referrals", fmt.Sprintf(aReferral, ""))
		}
	}
	answers := together(claimers, func(int) answered { return s.as("admin").do("POST", "/v1/queue/next", "") })
	taken := map[string]bool{}
	for _, a := range answers {
		if a.status != 200 {
			continue
		}
		if id := a.str("id"); taken[id] {
			s.t.Errorf("%s was given twice", id)
		} else {
			taken[id] = true
		}
	}
	if len(taken) != waiting || count(answers, 204) != claimers-waiting {
		s.t.Errorf("%d taken, %d went away with nothing", len(taken), count(answers, 204))
	}
}

// Whoever revokes consent while a partner accepts: afterwards nothing is live.
func TestRevocationBeatsAcceptance(t *testing.T) {
	t.Parallel()
	s := start(t)
	for range 10 {
		path := s.openCase("")
		offer := s.as("admin").offer(path, s.iom.ID.String(), "child_protection").want(201).header.Get("Location")
		together(2, func(i int) answered {
			if i == 0 {
				return s.as("referrer").fire(path, "revoke_consent", "").want(200)
			}
			return s.as("iom").fire(offer, "accept", "")
		})
		s.as("iom").do("GET", path, "").want(404)
		if got := s.as("iom").do("GET", offer, "").want(200); got.str("state") != "revoked" {
			t.Errorf("%s", got.body)
		}
	}
	s.agrees()
}

// Ten edits from one version: one is written.
func TestEditsFromOneVersion(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.as("jurist").create("/v1/training-requests", `{"draft": true}`).header.Get("Location")
	answers := together(10, func(i int) answered {
		return s.as("jurist").do("PATCH", path, fmt.Sprintf(`{"title": "by %d"}`, i), `If-Match: "1"`)
	})
	if count(answers, 200) != 1 || count(answers, 412) != 9 {
		t.Errorf("%d written, %d stale", count(answers, 200), count(answers, 412))
	}
	s.agrees()
}
