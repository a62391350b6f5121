package handlers

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"onward/models"
)

// The report of Jeju: UNHCR and IOM are whom to turn to for the boy, and for
// the paralegals UNITAR, who teaches what the others do and is there.
func TestCandidatesOfJeju(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.addService("unitar", s.unitar, "judicial_errors_and_misconceptions", "PK")
	boy := s.as("referrer").create("/v1/case-referrals", fmt.Sprintf(aReferral, "")).header.Get("Location")
	for service, first := range map[string]string{"international_protection": "UNHCR", "child_protection": "Bystanders"} { // equals, by name
		got := s.as("admin").do("GET", boy+"/candidates?service="+service, "").want(200)
		if got.str("items", 0, "organisation", "name") != first || got.str("items", 0, "service") != service || got.at("items", 0, "excluded_by") != nil {
			t.Errorf("%s: %s", service, got.body)
		}
		parts := got.list("items", 0, "parts")
		if len(parts) != 7 || got.str("items", 0, "parts", 0, "text") != "Speaks tl, of 1 language." {
			t.Errorf("%s: %v", service, parts)
		}
	}
	all := s.as("admin").do("GET", boy+"/candidates", "").want(200)
	if names := namesIn(all); names != "Bystanders IOM UNHCR" {
		t.Errorf("for all that he needs: %s", names)
	}
	if names := namesIn(s.as("admin").do("GET", boy+"/candidates?limit=1", "").want(200)); names != "Bystanders" {
		t.Errorf("one: %s", names)
	}
	out := s.as("admin").do("GET", boy+"/candidates?service=voluntary_return&excluded=true", "").want(200)
	if names := namesIn(out); !strings.HasPrefix(names, "IOM ") || out.at("items", 0, "excluded_by") != nil || out.str("items", 1, "excluded_by") != "service_not_offered" || out.at("items", 1, "service") != nil {
		t.Errorf("those that can't: %s", out.body)
	}
	training := s.as("jurist").create("/v1/training-requests", fmt.Sprintf(aTraining, "")).header.Get("Location")
	got := s.as("admin").do("GET", training+"/candidates", "").want(200)
	if names := namesIn(got); names != "UNITAR Ewha Womans University" || got.str("items", 0, "parts", 7, "text") != "Teaches 2 of 2 topics." {
		t.Errorf("%s", got.body)
	}
	for query, status := range map[string]int{"service=child_protection": 400, "excluded=yes": 400, "limit=0": 400, "own=true": 200} {
		s.as("admin").do("GET", training+"/candidates?"+query, "").want(status)
	}
	s.as("admin").do("GET", boy+"/candidates?service=none", "").want(400, "malformed")
}

func namesIn(x answered) string {
	var names []string
	for i := range x.list("items") {
		names = append(names, x.str("items", i, "organisation", "name"))
	}
	return strings.Join(names, " ")
}

// Who may not offer a case learns nothing of who could take it on.
func TestCandidatesAreTheDesks(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.openCase("")
	at := s.offered(path, "iom")
	for who, status := range map[string]int{"referrer": 403, "iom": 404, "stranger": 404, "admin of Geneva": 404, "auditor": 404, "jurist": 404, "network": 200} {
		s.as(who).do("GET", path+"/candidates", "").want(status)
	}
	s.as("iom").fire(at, "accept", "").want(200)
	s.as("iom").do("GET", path+"/candidates", "").want(403, "wrong_role")
	s.as("referrer").fire(path, "revoke_consent", "").want(200)
	if got := s.as("admin").do("GET", path+"/candidates", "").want(200); len(got.list("items")) > 0 {
		t.Errorf("after the consent was revoked: %s", got.body)
	}
}

// A partner says how many places it has, and by that confirms them.
func TestCapacityStaysTrue(t *testing.T) {
	t.Parallel()
	s := start(t)
	service := "/v1/organisations/" + s.iom.ID.String() + "/services/" + s.services["iom/child_protection"].ID.String()
	uncertain := func() bool {
		got := s.as("admin").do("GET", service, "").want(200)
		return got.at("capacity_uncertain") == true
	}
	boy := s.as("referrer").create("/v1/case-referrals", fmt.Sprintf(aReferral, "")).header.Get("Location")
	first := func() string {
		return namesIn(s.as("admin").do("GET", boy+"/candidates?service=child_protection&limit=1", "").want(200))
	}
	s.now.advance(30*24*time.Hour - time.Minute)
	if uncertain() {
		t.Error("uncertain within 30 days")
	}
	s.now.advance(2 * time.Minute)
	if !uncertain() || first() != "Bystanders" {
		t.Errorf("certain after 30 days, or no equal: %s", first())
	}
	got := s.as("iom").do("PUT", service+"/capacity", `{"available": 5, "maximum": 5}`).want(200)
	if got.at("capacity_uncertain") != false || got.at("version") != 2.0 || got.header.Get("ETag") != `"2"` || uncertain() {
		t.Errorf("confirmed: %s", got.body)
	}
	if first() != "IOM" {
		t.Errorf("who has confirmed its places is not before who has not: %s", first())
	}
	s.as("iom").do("PUT", service+"/capacity", `{"available": 2, "maximum": 5}`, `If-Match: "1"`).want(412, "stale")
	s.as("iom").do("PUT", service+"/capacity", `{"available": 2, "maximum": 5}`, `If-Match: "2"`).want(200)
	for body, pointer := range map[string]string{
		`{"available": 6, "maximum": 5}`: "/maximum", `{"available": 1}`: "/maximum", `{"maximum": 5}`: "/available", `{"available": -1, "maximum": 5}`: "/available",
	} {
		if got := s.as("iom").do("PUT", service+"/capacity", body).want(422, "invalid"); got.str("errors", 0, "pointer") != pointer {
			t.Errorf("%s: %s", body, got.body)
		}
	}
	for who, status := range map[string]int{"unhcr": 403, "bystander": 403, "jurist": 403, "auditor": 403, "admin": 200} {
		s.as(who).do("PUT", service+"/capacity", `{"available": 3, "maximum": 5}`).want(status)
	}
}

// What is accepted counts against what is left, however many tell it at once.
func TestCapacityUnderALock(t *testing.T) {
	t.Parallel()
	s := start(t)
	service := "/v1/organisations/" + s.iom.ID.String() + "/services/" + s.services["iom/child_protection"].ID.String()
	offers := make([]string, 4)
	for i := range offers {
		offers[i] = s.offered(s.openCase(""), "iom")
	}
	s.as("iom").do("PUT", service+"/capacity", `{"available": 2, "maximum": 4}`).want(200)
	statuses := make([]int, len(offers))
	var all sync.WaitGroup
	for i, at := range offers {
		all.Go(func() { statuses[i] = s.as("iom").fire(at, "accept", "").status })
	}
	all.Wait()
	taken := 0
	for _, status := range statuses {
		switch status {
		case http.StatusOK:
			taken++
		case http.StatusConflict:
		default:
			t.Errorf("%d", status)
		}
	}
	got := s.as("iom").do("GET", service, "").want(200)
	if taken != 2 || got.at("capacity", "available") != 0.0 {
		t.Errorf("%d were accepted, and is left: %s", taken, got.body)
	}
	s.agrees()
}

// What counts how much is the desk's own.
func TestWeights(t *testing.T) {
	t.Parallel()
	s := start(t)
	jeju := "/v1/desks/" + s.jeju.ID.String() + "/weights"
	got := s.as("admin").do("GET", jeju, "").want(200)
	if got.at("language") != float64(models.DefaultWeights.Language) || got.at("fairness") != 1.0 {
		t.Errorf("at first: %s", got.body)
	}
	far := s.addOrganisation("A far friend", "ngo")
	s.addService("far", far, "international_protection")
	boy := s.as("referrer").create("/v1/case-referrals", fmt.Sprintf(aReferral, "")).header.Get("Location")
	order := func() string {
		return namesIn(s.as("admin").do("GET", boy+"/candidates?service=international_protection", "").want(200))
	}
	if order() != "UNHCR A far friend" {
		t.Errorf("near before far: %s", order())
	}
	s.as("admin").do("PATCH", jeju, `{"nearness": 0}`, "If-Match: *").want(200)
	if order() != "A far friend UNHCR" {
		t.Errorf("as near or far counts nothing, by name: %s", order())
	}
	if got := s.as("admin").do("GET", jeju, "").want(200); got.at("nearness") != 0.0 || got.at("language") != 3.0 {
		t.Errorf("after: %s", got.body)
	}
	nothing := `{"language": 0, "capacity": 0, "load": 0, "response": 0, "acceptance": 0, "nearness": 0, "fairness": 0}`
	s.as("admin").do("PATCH", jeju, nothing, "If-Match: *").want(422, "invalid")
	s.as("admin").do("PATCH", jeju, `{"load": -1}`, "If-Match: *").want(422, "invalid")
	s.as("admin").do("PATCH", jeju, `{"loads": 1}`, "If-Match: *").want(400, "malformed")
	s.as("admin").do("PATCH", jeju, `{"load": 2}`).want(428)
	s.as("admin of Geneva").do("PATCH", jeju, `{"load": 2}`, "If-Match: *").want(403, "wrong_role")
	s.as("network").do("PATCH", jeju, `{"load": 2}`, "If-Match: *").want(200)
	s.as("iom").do("GET", jeju, "").want(403)
}
