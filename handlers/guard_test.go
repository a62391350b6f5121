package handlers

import (
	"fmt"
	"testing"
	"time"

	"onward/models"
	"onward/workflow"
)

// Each guard of the tables, over the API: its code, what is so and what is
// possible instead, and nothing written.
func TestGuards(t *testing.T) {
	t.Parallel()
	s := start(t)
	seen := map[string]bool{
		// No request can meet these: the first two choose between two rows of
		// create, the others are the clock's or choose between two rows of resume,
		// or between asking for an erasure and doing it.
		"is_draft": true, "is_no_draft": true, "answer_not_overdue": true, "hold_not_over": true, "offer_open": true, "no_assignment_taken": true, "assignment_taken": true,
		"notice_not_due": true, "retention_not_over": true, "erasure_requested": true, "erasure_not_requested": true,
	}
	refused := func(code string, got answered) {
		t.Helper()
		if got.want(409, code); !got.has("allowed_actions") || !got.has("state") {
			t.Errorf("%s", got.body)
		}
		seen[code] = true
	}

	draft := s.as("jurist").create("/v1/training-requests", `{"draft": true, "title": "A title alone"}`).header.Get("Location")
	refused("incomplete", s.as("jurist").fire(draft, "submit", ""))
	triage := s.reach("/v1/training-requests", ways["/v1/training-requests"][workflow.InTriage])
	refused("same_desk", s.as("admin").fire(triage, "transfer", fmt.Sprintf(`, "desk": %q, "reason": {"code": "language"}`, s.jeju.ID)))
	closed := s.addDesk("A desk that closed", false)
	s.as("network").do("DELETE", "/v1/desks/"+closed.ID.String(), "", "If-Match: *").want(204)
	refused("desk_inactive", s.as("admin").fire(triage, "transfer", fmt.Sprintf(`, "desk": %q, "reason": {"code": "language"}`, closed.ID)))
	matched := s.reach("/v1/training-requests", toMatched)
	refused("ends_before_start", s.as("unitar").fire(matched, "schedule", `, "starts_at": "2012-09-10T02:00:00Z", "ends_at": "2012-09-10T02:00:00Z", "mode": "online", "link": "https://example.org"`))
	refused("too_far_ahead", s.as("unitar").fire(matched, "schedule", `, "starts_at": "2012-09-10T02:00:00Z", "ends_at": "2199-09-10T02:00:00Z", "mode": "online", "link": "https://example.org"`))
	at := s.as("unitar").do("GET", "/v1/assignments", "").str("items", 0, "id")
	s.as("unitar").fire(assignments+at, "start", "").want(200)
	refused("not_delivered", s.as("unitar").fire(assignments+at, "complete", `, "outcome": "helped", "note": "n"`))
	s.as("unitar").fire(matched, "schedule", aSchedule).want(200)
	refused("delivered_before_start", s.as("unitar").fire(matched, "deliver", `, "participants": 3, "delivered_on": "2012-09-09"`))
	refused("delivered_in_future", s.as("unitar").fire(matched, "deliver", `, "participants": 3, "delivered_on": "2199-01-01"`))
	s.as("unitar").fire(matched, "deliver", `, "participants": 3, "delivered_on": "2012-09-10"`).want(200)
	refused("already_delivered", s.as("unitar").fire(assignments+at, "return", `, "reason": {"code": "unsafe"}`))

	child := s.reach("/v1/case-referrals", ways["/v1/case-referrals"][workflow.InTriage])
	refused("child_needs_urgency", s.as("admin").fire(child, "open", `, "urgency": "normal", "services": ["child_protection"]`))
	s.guardsOfOffers(refused)
	s.guardsOfErasure(refused)

	for _, g := range workflow.Guards() {
		if !seen[string(g.Code)] {
			t.Errorf("the guard %s was never seen to refuse", g.Code)
		}
	}
	s.agrees()
}

func (s *service) guardsOfErasure(refused func(string, answered)) {
	s.t.Helper()
	path := s.reach("/v1/case-referrals", ways["/v1/case-referrals"][workflow.Rejected])
	erase := func(who string) answered { return s.as(who).do("POST", path+"/erasure", "") }
	refused("no_legal_hold", s.as("admin").fire(path, "lift_legal_hold", ""))
	s.as("admin").fire(path, "set_legal_hold", `, "reason": {"code": "audit"}`).want(200)
	refused("legal_hold", s.as("network").fire(path, "set_legal_hold", `, "reason": {"code": "audit"}`))
	refused("legal_hold", erase("admin"))
	s.as("admin").fire(path, "lift_legal_hold", "").want(200)
	erase("admin").want(202)
	refused("same_person", erase("admin"))
	erase("network").want(200)
	refused("erased", erase("network"))
}

func (s *service) guardsOfOffers(refused func(string, answered)) {
	s.t.Helper()
	path := s.openCase("")
	before := s.trace(path)
	partner := func(change func(*models.Service), kind string) string {
		of := s.addOrganisation(fmt.Sprintf("Partner %d", time.Now().UnixNano()), "ngo")
		row := models.Service{OrganisationID: of.ID, CapacityAvailable: 1, CapacityMaximum: 1, ServiceFields: models.ServiceFields{Kind: kind, Status: "active", Countries: []string{"PH"}, Languages: []string{"tl"}}}
		change(&row)
		s.must(s.desk.AddService(s.t.Context(), root, &row))
		return of.ID.String()
	}
	adult, young := 18, 5
	for code, change := range map[string]func(*models.Service){
		"partner_inactive":    func(v *models.Service) { v.Status = "inactive" },
		"country_not_served":  func(v *models.Service) { v.Countries = []string{"TH"} },
		"age_not_served":      func(v *models.Service) { v.MinimumAge = &adult },
		"gender_not_served":   func(v *models.Service) { v.Genders = []string{"feminine"} },
		"language_not_served": func(v *models.Service) { v.Languages = []string{"fr", "pt-BR"} },
		"no_capacity":         func(v *models.Service) { v.CapacityAvailable = 0 },
	} {
		refused(code, s.as("admin").offer(path, partner(change, "medical"), "medical"))
	}
	refused("age_not_served", s.as("admin").offer(path, partner(func(v *models.Service) { v.MaximumAge = &young }, "medical"), "medical"))
	refused("country_not_served", s.as("admin").offer(path, partner(func(v *models.Service) { v.Subdivisions = []string{"PH-CEB"} }, "medical"), "medical"))
	refused("service_not_offered", s.as("admin").offer(path, s.iom.ID.String(), "medical"))
	refused("has_capacity", s.as("admin").do("POST", path+"/waiting", awaited("medical", partner(func(*models.Service) {}, "medical"))))
	if after := s.trace(path); after != before {
		s.t.Errorf("what was refused left a trace: %s, then %s", before, after)
	}
	idle := s.addOrganisation("An organisation that closed", "ngo")
	s.addService("idle", idle, "medical", "PH")
	s.as("admin").do("DELETE", "/v1/organisations/"+idle.ID.String(), "", "If-Match: *").want(204)
	refused("partner_inactive", s.as("admin").offer(path, idle.ID.String(), "medical"))

	at := s.offered(path, "iom")
	refused("already_assigned", s.as("admin").offer(path, s.iom.ID.String(), "child_protection"))
	s.as("admin").offer(path, s.iom.ID.String(), "voluntary_return").want(201) // of another service: no second of the same
	refused("assignments_live", s.as("admin").fire(path, "close", `, "outcome": "helped"`))
	s.now.advance(73 * time.Hour)
	refused("offer_closed", s.as("iom").fire(at, "accept", ""))

	last := s.services["iom/child_protection"]
	service := fmt.Sprintf("/v1/organisations/%s/services/%s", s.iom.ID, last.ID)
	full := s.offered(s.openCase(""), "iom")
	s.as("admin").do("PATCH", service, `{"capacity": {"available": 0}}`, "If-Match: *").want(200)
	refused("no_capacity", s.as("iom").fire(full, "accept", ""))

	soon := time.Now().Add(74 * time.Hour).UTC().Format(time.RFC3339)
	s.as("admin").do("PATCH", service, `{"capacity": {"available": 5}}`, "If-Match: *").want(200)
	for code, consent := range map[string]string{
		"consent_missing":     aConsentOfOthers(s),
		"override_unapproved": anOverride,
		"consent_expired":     `{` + given + `, "expires_at": "` + soon + `"}`,
	} {
		path := s.consentCase(consent)
		if code == "consent_expired" {
			s.now.advance(2 * time.Hour)
		}
		refused(code, s.as("admin").offer(path, s.iom.ID.String(), "child_protection"))
	}
	refused("request_closed", s.closedUnderAnOffer())
}

// closedUnderAnOffer answers an offer whose request ended in spite of it, as
// no move of ours leaves one: the guard is the last to stand in the way.
func (s *service) closedUnderAnOffer() answered {
	s.t.Helper()
	path := s.openCase("")
	at := s.offered(path, "iom")
	s.asSuperuser(fmt.Sprintf(`UPDATE case_referrals SET state = 'closed', ended_at = now() WHERE id = '%s'`, path[len(referrals):]))
	got := s.as("iom").fire(at, "accept", "")
	s.asSuperuser(fmt.Sprintf(`UPDATE case_referrals SET state = 'open', ended_at = NULL WHERE id = '%s'`, path[len(referrals):]))
	return got
}
