package handlers

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"onward/workflow"
)

// aCanaryCase has a canary in each member of a case that says something of the
// person, and withholds two of them.
const aCanaryCase = `{"subject_code": "CANARY subject", "age_band": "13_17", "gender": "masculine", "trafficking_status": "actual_victim",
	"exploitation_types": ["organ_removal"], "citizenships": ["VU"], "country": "PH", "subdivision": "PH-ZAS", "languages": ["tl"],
	"protection_flags": ["stateless"], "services": ["child_protection", "cash_assistance"], "urgency": "urgent", "summary": "CANARY summary",
	"narrative": "CANARY narrative", "actions_taken": "CANARY actions", "decision_reason": "additional_services_required",
	"contact": {"prohibited": true, "safe_method": "CANARY method", "safe_times": "CANARY times"},
	"consents": [{"basis": "consent", "given_by": "individual", "given_at": "2012-03-29T09:00:00Z", "purposes": ["referral"],
		"withheld": ["gender", "actions_taken"], "reason": "CANARY reason"}]}`

var (
	identityFree = []string{"age_band", "country", "subdivision", "languages", "urgency", "summary"}
	ofThePerson  = []string{"subject_code", "trafficking_status", "exploitation_types", "citizenships", "protection_flags", "services", "decision_reason", "owner", "organisation"}
	sealedFields = []string{"narrative", "contact"}
	kept         = []string{"gender", "actions_taken"} // by the consent
	ofTheDesk    = []string{"consents"}
	allFields    = slices.Concat(identityFree, ofThePerson, sealedFields, kept, ofTheDesk)
)

// Role × state of the assignment × member, over the API: what docs/workflows.md
// promises under "Need to know".
func TestNeedToKnow(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.as("referrer").create("/v1/case-referrals", aCanaryCase).header.Get("Location")
	s.as("admin").fire(path, "take", "").want(200)
	s.as("admin").fire(path, "open", `, "urgency": "urgent", "services": ["child_protection"]`).want(200)
	for _, who := range []string{"referrer", "admin", "network"} {
		s.shows(who, path, allFields)
	}
	for _, who := range []string{"iom", "bystander", "stranger", "jurist", "auditor", "admin of Geneva"} {
		s.hides(who, path)
	}
	offer := func() string {
		return s.as("admin").offer(path, s.iom.ID.String(), "child_protection").want(201).header.Get("Location")
	}
	withinConsent := slices.Concat(identityFree, ofThePerson, sealedFields)

	// Offered: a summary that names nobody; the case is not there.
	at := offer()
	s.hides("iom", path)
	s.summary("iom", at, identityFree)
	s.as("bystander").do("GET", at, "").want(404)

	// Accepted, and further: what the consent covers.
	s.as("iom").fire(at, "accept", "").want(200)
	s.shows("iom", path, withinConsent)
	s.as("iom").fire(at, "start", "").want(200)
	s.as("iom").fire(at, "hold", `, "reason": {"code": "security", "note": "CANARY note"}`).want(200)
	s.shows("iom", path, withinConsent)

	// Ended in any way but completion: nothing of the person.
	s.as("iom").fire(at, "return", `, "reason": {"code": "moved_away", "note": "CANARY note"}`).want(200)
	s.ended("iom", path, at)
	for action, reason := range map[string]string{"decline": "unsafe", "revoke": "error"} {
		at = offer()
		who := map[string]string{"decline": "iom", "revoke": "admin"}[action]
		s.as(who).fire(at, action, fmt.Sprintf(`, "reason": {"code": %q, "note": "CANARY note"}`, reason)).want(200)
		s.ended("iom", path, at)
	}
	at = offer()
	s.now.advance(73 * 60 * 60 * 1e9)
	_, err := s.clerk.Tick(t.Context())
	s.must(err)
	s.ended("iom", path, at)

	// Completed: read-only for thirty days, then as ended.
	at = offer()
	s.as("iom").fire(at, "accept", "").want(200)
	s.as("iom").fire(at, "start", "").want(200)
	s.as("iom").fire(at, "complete", `, "outcome": "helped", "note": "CANARY note"`).want(200)
	s.shows("iom", path, withinConsent)
	s.now.advance(workflow.AfterCompletion - 60*1e9)
	s.shows("iom", path, withinConsent)
	s.now.advance(2 * 60 * 1e9)
	s.ended("iom", path, at)
}

// shows fails unless the caller sees exactly some members of the case.
func (s *service) shows(who, path string, members []string) {
	s.t.Helper()
	got := s.as(who).do("GET", path, "").want(200)
	for _, name := range allFields {
		if want := slices.Contains(members, name); got.has(name) != want {
			s.t.Errorf("%s sees %s: %v, want %v", who, name, got.has(name), want)
		}
	}
}

// hides fails unless what is there reads like what is not, on every path.
func (s *service) hides(who, path string) {
	s.t.Helper()
	absent := "/v1/case-referrals/" + uuid.NewString()
	for _, under := range []string{"", "/events", "/assignments", "/consents", "/override-approvals", "/duplicates", "?nope=1", "/events?limit=0", "/nothing"} {
		if strings.HasSuffix(who, "auditor") && strings.HasPrefix(under, "/events") {
			continue
		}
		there, not := s.as(who).do("GET", path+under, "").want(404), s.as(who).do("GET", absent+under, "").want(404)
		there.like(not)
	}
	for _, under := range []string{"/transitions", "/assignments", "/consents", "/override-approvals", "/duplicates"} {
		for _, body := range []string{`{"action": "accept"}`, `nonsense`} {
			s.as(who).do("POST", path+under, body, "If-Match: *").want(404).like(s.as(who).do("POST", absent+under, body, "If-Match: *"))
		}
	}
	s.as(who).do("PATCH", path, `{}`).want(404).like(s.as(who).do("PATCH", absent, `{}`))
	s.as(who).do("DELETE", path, "").want(404).like(s.as(who).do("DELETE", absent, ""))
	if list := s.as(who).do("GET", "/v1/case-referrals", ""); list.status == 200 && strings.Contains(string(list.body), path[len(referrals):]) {
		s.t.Errorf("%s finds the case in the list", who)
	}
}

// like fails unless two answers are the same but for their request's id.
func (x answered) like(y answered) {
	x.t.Helper()
	names := func(a answered) (all []string) {
		for name := range a.header {
			if name != "Date" && name != "X-Request-Id" {
				all = append(all, name+": "+a.header.Get(name))
			}
		}
		slices.Sort(all)
		return all
	}
	same := func(a answered) string { return strings.ReplaceAll(string(a.body), a.header.Get("X-Request-Id"), "") }
	if x.status != y.status || same(x) != same(y) || !slices.Equal(names(x), names(y)) {
		x.t.Errorf("these differ:\n%d %v %s\n%d %v %s", x.status, names(x), x.body, y.status, names(y), y.body)
	}
}

// summary fails unless an assignment says exactly some members of its request.
func (s *service) summary(who, at string, members []string) {
	s.t.Helper()
	got := s.as(who).do("GET", at, "").want(200)
	request, _ := got.at("request").(map[string]any)
	for _, name := range identityFree {
		if _, has := request[name]; has != slices.Contains(members, name) {
			s.t.Errorf("%s sees %s in the summary: %v", who, name, has)
		}
	}
	for _, canary := range []string{"CANARY subject", "CANARY narrative", "CANARY actions", "CANARY method", "VU", "stateless", "organ_removal"} {
		if strings.Contains(string(got.body), canary) {
			s.t.Errorf("%s reads %q in the assignment: %s", who, canary, got.body)
		}
	}
}

// ended fails unless a partner keeps no more than its own assignment's trace.
func (s *service) ended(who, path, at string) {
	s.t.Helper()
	s.hides(who, path)
	s.summary(who, at, nil)
	for _, list := range []string{at, "/v1/assignments"} {
		if got := s.as(who).do("GET", list, "").want(200); strings.Contains(string(got.body), "CANARY") {
			s.t.Errorf("%s reads after the end: %s", who, got.body)
		}
	}
}

// What is sealed is in the GET of one record alone: not in lists, events, the
// queue, or the reply to a change.
func TestSealedTextIsInOnePlace(t *testing.T) {
	t.Parallel()
	s := start(t)
	created := s.as("referrer").create("/v1/case-referrals", aCanaryCase)
	path := created.header.Get("Location")
	answers := []answered{created, s.as("admin").do("GET", "/v1/queue", "")}
	do := func(who, action, more string) {
		answers = append(answers, s.as(who).fire(path, action, more).want(200))
	}
	do("admin", "take", "")
	do("admin", "request_information", `, "question": "CANARY question"`)
	answers = append(answers, s.as("referrer").do("PATCH", path, `{"narrative": "CANARY narrative 2"}`, "If-Match: *").want(200))
	do("referrer", "provide_information", `, "answer": "CANARY answer"`)
	do("admin", "open", `, "urgency": "urgent", "services": ["child_protection"]`)
	do("admin", "hold", `, "reason": {"code": "other", "note": "CANARY note"}, "until": "2199-01-01T00:00:00Z"`)
	for _, who := range []string{"referrer", "admin"} {
		for _, list := range []string{"/v1/case-referrals", path + "/events"} {
			answers = append(answers, s.as(who).do("GET", list, "").want(200))
		}
	}
	for _, a := range answers {
		for _, canary := range []string{"narrative", "actions", "method", "times", "question", "answer", "note", "reason"} {
			if strings.Contains(string(a.body), "CANARY "+canary) {
				t.Errorf("%s is in %s", canary, a.body)
			}
		}
	}
	whole := s.as("referrer").do("GET", path, "").want(200)
	for _, canary := range []string{"narrative 2", "question", "answer", "note"} {
		if !strings.Contains(string(whole.body), "CANARY "+canary) {
			t.Errorf("the owner does not read the %s", canary)
		}
	}
	if log := s.log.String(); strings.Contains(log, "CANARY") {
		t.Errorf("the log holds a canary: %s", log)
	}
}
