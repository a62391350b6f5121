package handlers

import (
	"fmt"
	"testing"
)

// What a record's state, a rule of the network or somebody's role forbids.
func TestConflicts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	whatever := "If-Match: *"
	for _, path := range []string{w.training, w.referral} {
		owner := map[string]string{w.training: "jurist", w.referral: "referrer"}[path]
		partner := map[string]string{w.training: "ewha", w.referral: "iom"}[path]
		if got := w.as(owner).do("PATCH", path, `{}`, whatever).want(409, "wrong_state"); got.str("state") == "" || len(got.list("allowed_actions")) == 0 {
			t.Errorf("the refusal does not say what is possible: %s", got.body)
		}
		w.as(owner).do("DELETE", path, "", whatever).want(409, "wrong_state")
		w.as(partner).do("PATCH", path, `{}`, whatever).want(403, "wrong_role")
		w.as(owner).fire(path, "take", "").want(403, "wrong_role")
		w.as("admin").fire(path, "offer", "").want(409, "use_assignments")
		w.as(owner).fire(path, "edit", "").want(409, "use_its_endpoint")
	}
	offer := fmt.Sprintf(`{"organisation_id": %q}`, w.unitar.ID)
	w.as("admin").do("POST", w.training+"/assignments", offer, `If-Match: "1"`).want(412, "stale")
	w.as("admin").do("POST", w.referral+"/assignments", fmt.Sprintf(`{"organisation_id": %q, "service": "international_protection"}`, w.unhcr.ID), `If-Match: "1"`).want(412, "stale")

	jeju, geneva, ngo := "/v1/desks/"+w.jeju.ID.String(), "/v1/desks/"+w.geneva.ID.String(), "/v1/organisations/"+w.ngo.ID.String()
	w.as("network").do("DELETE", jeju, "", whatever).want(409, "desk_is_default")
	w.as("network").do("PATCH", geneva, `{"name": "CIFAL Jeju"}`, whatever).want(409, "name_taken")
	if got := w.as("admin").do("PATCH", ngo, `{"name": "IOM"}`, whatever).want(409, "name_taken"); got.str("errors", 0, "pointer") != "/name" {
		t.Errorf("the field is not named: %s", got.body)
	}
	// A desk with work in it can't close, even where it is no longer the default.
	w.as("network").do("PATCH", geneva, `{"default": true}`, whatever).want(200)
	if got := w.as("network").do("GET", jeju, ""); got.at("default") != false {
		t.Errorf("two desks are the default: %s", got.body)
	}
	w.as("network").do("DELETE", jeju, "", whatever).want(409, "desk_in_use")
}

// Who manages whom: an admin of one desk makes nobody more powerful.
func TestAnAdminOfADeskStaysOne(t *testing.T) {
	t.Parallel()
	s := start(t)
	network, auditor := s.as("network").user.ID.String(), s.as("auditor").user.ID.String()
	s.as("jurist").do("POST", "/v1/tokens", fmt.Sprintf(`{"name": "theirs", "user_id": %q}`, s.as("referrer").user.ID)).want(403)
	for _, id := range []string{network, auditor, s.as("iom").user.ID.String()} {
		s.as("admin").do("POST", "/v1/tokens", fmt.Sprintf(`{"name": "theirs", "user_id": %q}`, id)).want(403)
		s.as("admin").do("PATCH", "/v1/users/"+id, `{"active": false}`, "If-Match: *").want(403)
	}
	for _, role := range []string{"admin", "auditor"} {
		s.as("admin").do("POST", "/v1/users", fmt.Sprintf(`{"name": "a climber", "roles": [%q], "organisation_id": %q}`, role, s.ngo.ID)).want(403)
		s.as("admin").do("PATCH", "/v1/users/"+s.as("jurist").user.ID.String(), fmt.Sprintf(`{"roles": [%q]}`, role), "If-Match: *").want(403)
	}
	s.as("admin").do("POST", "/v1/users", fmt.Sprintf(`{"name": "a spy", "roles": ["partner"], "organisation_id": %q}`, s.iom.ID)).want(403)
	own := s.as("admin").create("/v1/users", fmt.Sprintf(`{"name": "a trainer", "roles": ["partner"], "organisation_id": %q}`, s.unitar.ID)).header.Get("Location")
	s.as("admin").do("PATCH", own, fmt.Sprintf(`{"organisation_id": %q}`, s.iom.ID), "If-Match: *").want(403)
	s.as("network").do("POST", "/v1/users", fmt.Sprintf(`{"name": "an admin", "roles": ["admin"], "organisation_id": %q, "desk": %q}`, s.ngo.ID, s.geneva.ID)).want(201)
	s.as("network").do("POST", "/v1/users", fmt.Sprintf(`{"name": "a jurist", "roles": ["requester"], "organisation_id": %q, "desk": %q}`, s.ngo.ID, s.geneva.ID)).want(422)
}
