package handlers

import (
	"fmt"
	"testing"
)

const aTraining = `{"title": "Paralegal training on prosecuting traffickers", "audiences": ["paralegal"], "topics": ["investigation_and_prosecution", "judicial_errors_and_misconceptions"],
	"mode": "onsite", "country": "PK", "subdivision": "PK-PB", "languages": ["ur", "en"], "participants_expected": 40,
	"objectives": [{"specific": "s", "due_on": "2012-12-31"}, {"specific": "t"}]%s}`

const aReferral = `{"subject_code": "MNL-0412", "age_band": "13_17", "gender": "masculine", "country": "PH", "subdivision": "PH-00", "languages": ["tl"],
	"protection_flags": ["possible_refugee", "unaccompanied"], "services": ["international_protection", "child_protection"], "urgency": "urgent",
	"summary": "A boy looks for protection", "narrative": "CANARY narrative", "contact": {"prohibited": true, "safe_method": "CANARY method"},
	"consents": [{"basis": "assent_with_caregiver", "given_by": "individual_and_caregiver", "given_at": "2012-03-29T09:00:00Z", "purposes": ["referral"]}]%s}`

func (p *person) create(path, body string) answered {
	p.s.t.Helper()
	return p.do("POST", path, body).want(201)
}

// fire does an action on a record as it is now.
func (p *person) fire(path, action, more string) answered {
	p.s.t.Helper()
	return p.do("POST", path+"/transitions", fmt.Sprintf(`{"action": %q%s}`, action, more), "If-Match: *")
}

func (p *person) offer(path, organisation, service string) answered {
	p.s.t.Helper()
	more := ""
	if service != "" {
		more = fmt.Sprintf(`, "service": %q`, service)
	}
	return p.do("POST", path+"/assignments", fmt.Sprintf(`{"organisation_id": %q%s}`, organisation, more))
}

func TestTheTrainingOfJeju(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.as("jurist").create("/v1/training-requests", fmt.Sprintf(aTraining, `, "draft": true`)).header.Get("Location")
	s.as("jurist").fire(path, "submit", "").want(200)
	s.as("admin").fire(path, "take", "").want(200)
	s.as("admin").fire(path, "request_information", `, "question": "How many judges?"`).want(200)
	s.as("jurist").fire(path, "provide_information", `, "answer": "None."`).want(200)
	s.as("admin").fire(path, "approve", `, "priority": "high"`).want(200)
	first := s.as("admin").offer(path, s.unitar.ID.String(), "").want(201).header.Get("Location")
	second := s.as("admin").offer(path, s.ewha.ID.String(), "").want(201).header.Get("Location")
	s.as("unitar").fire(first, "accept", "").want(200)
	s.as("ewha").fire(second, "accept", "").want(409, "wrong_state")
	s.as("unitar").fire(path, "schedule", `, "starts_at": "2012-09-10T02:00:00Z", "ends_at": "2012-09-11T09:00:00Z", "mode": "onsite", "place": "Lahore"`).want(200)
	s.as("unitar").fire(path, "deliver", `, "participants": 38, "delivered_on": "2012-09-11"`).want(200)
	s.as("jurist").fire(path, "evaluate", `, "levels": [{"level": "reaction", "score": 4}], "objectives": [{"index": 0, "met": true}, {"index": 1, "met": false}]`).want(200)
	s.as("admin").fire(path, "close", `, "outcome": "objectives_met"`).want(200)
	if got := s.as("jurist").do("GET", path, "").want(200); got.str("state") != "closed" {
		t.Errorf("the training ended %s", got.body)
	}
	s.agrees()
}

func TestTheCaseOfJeju(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.as("referrer").create("/v1/case-referrals", fmt.Sprintf(aReferral, `, "draft": true`)).header.Get("Location")
	s.as("referrer").fire(path, "submit", "").want(200)
	s.as("admin").fire(path, "take", "").want(200)
	s.as("admin").fire(path, "open", `, "urgency": "urgent", "services": ["international_protection", "child_protection"]`).want(200)
	declined := s.as("admin").offer(path, s.bystanders.ID.String(), "child_protection").want(201).header.Get("Location")
	s.as("bystander").fire(declined, "decline", `, "reason": {"code": "no_capacity"}`).want(200)
	first := s.as("admin").offer(path, s.unhcr.ID.String(), "international_protection").want(201).header.Get("Location")
	second := s.as("admin").offer(path, s.iom.ID.String(), "child_protection").want(201).header.Get("Location")
	s.as("unhcr").do("GET", path, "").want(404)
	for who, at := range map[string]string{"unhcr": first, "iom": second} {
		s.as(who).fire(at, "accept", "").want(200)
		s.as(who).do("GET", path, "").want(200)
		s.as(who).fire(at, "start", "").want(200)
		s.as(who).fire(at, "complete", `, "outcome": "helped", "note": "done"`).want(200)
	}
	s.as("admin").fire(path, "close", `, "outcome": "helped"`).want(200)
	if got := s.as("referrer").do("GET", path, "").want(200); got.str("state") != "closed" {
		t.Errorf("the case ended %s", got.body)
	}
	s.agrees()
}

// agrees fails unless every record agrees with its log.
func (s *service) agrees() {
	s.t.Helper()
	_, _, wrong, err := s.clerk.Verify(s.t.Context())
	s.must(err)
	for _, w := range wrong {
		s.t.Errorf("%+v", w)
	}
}
