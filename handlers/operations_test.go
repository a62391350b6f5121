package handlers

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"onward/workflow"
)

// world is a service with one of each thing, for tests that go over all
// operations.
type world struct {
	*service
	draftTraining, training, draftReferral, referral string // paths
	assignment, otherAssignment                      string
	unapproved                                       string // id of a consent
	ended                                            string // path of a case
	twin                                             string // id of another referral
	rule                                             string // path
	trainingWait, referralWait                       string // paths of entries of waiting lists
	full                                             string // id of an organisation
	trainingPlan, referralPlan, unplanned            string // paths of plans, and of a training without
	filter                                           string // path of a saved one
	scheduled                                        string // path of a training
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{service: start(t)}
	w.draftTraining = w.as("jurist").create("/v1/training-requests", `{"draft": true}`).header.Get("Location")
	w.training = w.as("jurist").create("/v1/training-requests", fmt.Sprintf(aTraining, "")).header.Get("Location")
	w.draftReferral = w.as("referrer").create("/v1/case-referrals", `{"draft": true}`).header.Get("Location")
	w.referral = w.as("referrer").create("/v1/case-referrals", fmt.Sprintf(aReferral, "")).header.Get("Location")
	w.as("admin").fire(w.training, "take", "").want(200)
	w.as("admin").fire(w.training, "approve", `, "priority": "low"`).want(200)
	w.as("admin").fire(w.referral, "take", "").want(200)
	w.as("admin").fire(w.referral, "open", `, "urgency": "urgent", "services": ["child_protection"]`).want(200)
	w.as("admin").offer(w.training, w.ewha.ID.String(), "").want(201)
	w.assignment = w.as("admin").offer(w.referral, w.iom.ID.String(), "child_protection").want(201).header.Get("Location")
	w.as("iom").fire(w.assignment, "accept", "").want(200)
	w.otherAssignment = w.as("admin").offer(w.referral, w.bystanders.ID.String(), "child_protection").want(201).header.Get("Location")
	w.full = w.crowded()
	w.trainingWait = w.as("admin").enlist(w.approvedTraining(), "", w.full)
	w.referralWait = w.as("admin").enlist(w.openCase(""), "child_protection", w.full)
	w.unplanned = w.approvedTraining()
	w.trainingPlan = w.as("admin").plan(w.approvedTraining(), "", w.unitar.ID, w.ewha.ID)
	w.referralPlan = w.as("admin").plan(w.openCase(""), `, "service": "child_protection"`, w.iom.ID, w.bystanders.ID)
	w.unapproved = w.as("referrer").do("POST", w.referral+"/consents", anOverride).want(201).str("id")
	w.ended = w.reach("/v1/case-referrals", ways["/v1/case-referrals"][workflow.Closed])
	w.twin = w.as("stranger").create("/v1/case-referrals", fmt.Sprintf(aReferral, "")).str("id")
	w.rule = w.as("network").create("/v1/routing-rules", `{"country": "CH", "desk": "`+w.geneva.ID.String()+`"}`).header.Get("Location")
	w.scheduled = w.reach("/v1/training-requests", ways["/v1/training-requests"][workflow.Scheduled])
	w.filter = w.as("admin").create("/v1/queue/filters", `{"name": "All cases", "kind": "case_referral"}`).header.Get("Location")
	return w
}

const (
	aConsent   = `{"basis": "consent", "given_by": "individual", "given_at": "2012-03-29T09:00:00Z", "purposes": ["referral"]}`
	anOverride = `{"basis": "vital_interest", "given_by": "none", "given_at": "2012-03-29T09:00:00Z", "purposes": ["referral"], "reason": "He is in danger."}`
)

// trial is one operation as somebody who may do it would.
type trial struct {
	who, method, path, body string
	status                  int
	wrong                   string // who sees it and never may; "": whom the role excludes isn't told apart
	impossible              string // a body that can be read and can't be; "": {}
}

// trials has one for each operation that needs a token, by its name.
func (w *world) trials() map[string]trial {
	id := func(u uuid.UUID) string { return "/" + u.String() }
	services := "/v1/organisations" + id(w.iom.ID) + "/services"
	service := services + id(w.services["iom/voluntary_return"].ID)
	ngo, geneva, auditor := "/v1/organisations"+id(w.otherNGO.ID), "/v1/desks"+id(w.geneva.ID), "/v1/users"+id(w.as("auditor").user.ID)
	const bad = `{"name": ""}`
	return map[string]trial{
		"createTraining":          {"jurist", "POST", "/v1/training-requests", fmt.Sprintf(aTraining, ""), 201, "admin", ""},
		"listTrainings":           {"admin", "GET", "/v1/training-requests", "", 200, "auditor", ""},
		"getTraining":             {"jurist", "GET", w.training, "", 200, "", ""},
		"editTraining":            {"jurist", "PATCH", w.draftTraining, `{"title": "A new title"}`, 200, "", `{"country": "XX"}`},
		"deleteTraining":          {"jurist", "DELETE", w.draftTraining, "", 204, "admin", ""},
		"fireTraining":            {"jurist", "POST", w.training + "/transitions", `{"action": "withdraw", "reason": {"code": "no_longer_needed"}}`, 200, "", `{"action": "withdraw"}`},
		"listTrainingEvents":      {"auditor", "GET", w.training + "/events", "", 200, "", ""},
		"offerTraining":           {"admin", "POST", w.training + "/assignments", `{"organisation_id": "` + w.unitar.ID.String() + `"}`, 201, "jurist", ""},
		"listTrainingAssignments": {"admin", "GET", w.training + "/assignments", "", 200, "jurist", ""},

		"planTrainingOffers":     {"admin", "POST", w.unplanned + "/offers", `{"organisations": ["` + w.unitar.ID.String() + `"]}`, 201, "jurist", ""},
		"listTrainingPlans":      {"admin", "GET", w.training + "/offers", "", 200, "jurist", ""},
		"cancelTrainingPlan":     {"admin", "DELETE", w.trainingPlan, "", 204, "jurist", ""},
		"listTrainingCandidates": {"admin", "GET", w.training + "/candidates", "", 200, "jurist", ""},

		"getTrainingCalendar": {"jurist", "GET", w.scheduled + "/calendar.ics", "", 200, "", ""},
		"enlistTraining":      {"admin", "POST", w.training + "/waiting", `{"organisation_id": "` + w.full + `"}`, 201, "jurist", ""},
		"listTrainingWaits":   {"admin", "GET", w.training + "/waiting", "", 200, "jurist", ""},
		"delistTraining":      {"admin", "DELETE", w.trainingWait, "", 204, "jurist", ""},

		"createReferral":          {"referrer", "POST", "/v1/case-referrals", fmt.Sprintf(aReferral, ""), 201, "admin", ""},
		"listReferrals":           {"iom", "GET", "/v1/case-referrals", "", 200, "jurist", ""},
		"getReferral":             {"iom", "GET", w.referral, "", 200, "", ""},
		"editReferral":            {"referrer", "PATCH", w.draftReferral, `{"summary": "More is known"}`, 200, "", `{"urgency": "none"}`},
		"deleteReferral":          {"referrer", "DELETE", w.draftReferral, "", 204, "admin", ""},
		"fireReferral":            {"admin", "POST", w.referral + "/transitions", `{"action": "revoke_consent"}`, 200, "", `{"action": "withdraw"}`},
		"listReferralEvents":      {"referrer", "GET", w.referral + "/events", "", 200, "", ""},
		"offerReferral":           {"admin", "POST", w.referral + "/assignments", `{"organisation_id": "` + w.unhcr.ID.String() + `", "service": "international_protection"}`, 201, "iom", ""},
		"listReferralAssignments": {"admin", "GET", w.referral + "/assignments", "", 200, "referrer", ""},
		"planReferralOffers":      {"admin", "POST", w.referral + "/offers", `{"organisations": ["` + w.iom.ID.String() + `"], "service": "voluntary_return"}`, 201, "iom", ""},
		"listReferralPlans":       {"admin", "GET", w.referral + "/offers", "", 200, "referrer", ""},
		"cancelReferralPlan":      {"admin", "DELETE", w.referralPlan, "", 204, "referrer", ""},
		"enlistReferral":          {"admin", "POST", w.referral + "/waiting", `{"organisation_id": "` + w.full + `", "service": "child_protection"}`, 201, "iom", ""},
		"listReferralWaits":       {"admin", "GET", w.referral + "/waiting", "", 200, "referrer", ""},
		"delistReferral":          {"admin", "DELETE", w.referralWait, "", 204, "referrer", ""},
		"listReferralCandidates":  {"admin", "GET", w.referral + "/candidates", "", 200, "referrer", ""},
		"addConsent":              {"referrer", "POST", w.referral + "/consents", aConsent, 201, "iom", ""},
		"listConsents":            {"referrer", "GET", w.referral + "/consents", "", 200, "iom", ""},
		"approveOverride":         {"network", "POST", w.referral + "/override-approvals", `{"consent_id": "` + w.unapproved + `"}`, 201, "referrer", ""},
		"listOverrideApprovals":   {"admin", "GET", w.referral + "/override-approvals", "", 200, "iom", ""},
		"listAccesses":            {"referrer", "GET", w.referral + "/accesses", "", 200, "iom", ""},

		"exportReferral": {"referrer", "GET", w.referral + "/export", "", 200, "iom", ""},
		"eraseReferral":  {"admin", "POST", w.ended + "/erasure", `{"reason": {"code": "person_asked"}}`, 202, "referrer", `{"reason": {"code": "none"}}`},

		"linkDuplicate":  {"admin", "POST", w.referral + "/duplicates", `{"referral_id": "` + w.twin + `", "verdict": "same_person"}`, 201, "referrer", ""},
		"listDuplicates": {"admin", "GET", w.referral + "/duplicates", "", 200, "iom", ""},

		"listAssignments": {"iom", "GET", "/v1/assignments", "", 200, "jurist", ""},
		"getAssignment":   {"iom", "GET", w.assignment, "", 200, "", ""},
		"fireAssignment":  {"iom", "POST", w.assignment + "/transitions", `{"action": "start"}`, 200, "admin", `{"action": "jump"}`},
		"listQueue":       {"admin", "GET", "/v1/queue", "", 200, "iom", ""},
		"takeNext":        {"admin", "POST", "/v1/queue/next", `{}`, 200, "iom", `{"kind": "none"}`},
		"moveMany":        {"admin", "POST", "/v1/queue/bulk", `{"action": "take", "items": [{"kind": "training_request", "id": "` + last(w.training) + `"}]}`, 200, "iom", `{"action": "take", "items": []}`},

		"createQueueFilter": {"admin", "POST", "/v1/queue/filters", `{"name": "Tonight", "urgency": "emergency", "due_within_hours": 12}`, 201, "iom", bad},
		"listQueueFilters":  {"admin", "GET", "/v1/queue/filters", "", 200, "iom", ""},
		"getQueueFilter":    {"admin", "GET", w.filter, "", 200, "iom", ""},
		"editQueueFilter":   {"admin", "PATCH", w.filter, `{"country": "PH"}`, 200, "iom", bad},
		"deleteQueueFilter": {"admin", "DELETE", w.filter, "", 204, "iom", ""},

		"createOrganisation": {"admin", "POST", "/v1/organisations", `{"name": "A new one", "type": "ngo"}`, 201, "jurist", ""},
		"listOrganisations":  {"jurist", "GET", "/v1/organisations", "", 200, "", ""},
		"getOrganisation":    {"jurist", "GET", ngo, "", 200, "", ""},
		"editOrganisation":   {"admin", "PATCH", ngo, `{"website": "https://example.org"}`, 200, "jurist", bad},
		"deleteOrganisation": {"admin", "DELETE", ngo, "", 204, "jurist", ""},
		"createService":      {"admin", "POST", services, `{"kind": "medical", "status": "active", "capacity": {"available": 1, "maximum": 2}}`, 201, "jurist", ""},
		"listServices":       {"jurist", "GET", services, "", 200, "", ""},
		"getService":         {"jurist", "GET", service, "", 200, "", ""},
		"countWaiting":       {"iom", "GET", service + "/waiting", "", 200, "jurist", ""},
		"editService":        {"admin", "PATCH", service, `{"capacity": {"available": 2}}`, 200, "jurist", `{"kind": "none"}`},
		"setCapacity":        {"iom", "PUT", service + "/capacity", `{"available": 1, "maximum": 3}`, 200, "jurist", `{"available": 4, "maximum": 3}`},
		"deleteService":      {"admin", "DELETE", service, "", 204, "jurist", ""},

		"createDesk":  {"network", "POST", "/v1/desks", `{"name": "CIFAL Durban", "time_zone": "Africa/Johannesburg"}`, 201, "admin", ""},
		"listDesks":   {"jurist", "GET", "/v1/desks", "", 200, "", ""},
		"getDesk":     {"jurist", "GET", geneva, "", 200, "", ""},
		"getWeights":  {"admin", "GET", geneva + "/weights", "", 200, "jurist", ""},
		"editWeights": {"network", "PATCH", geneva + "/weights", `{"load": 0}`, 200, "jurist", `{"load": 11}`},
		"editDesk":    {"network", "PATCH", geneva, `{"countries": ["CH", "FR"]}`, 200, "admin", bad},
		"deleteDesk":  {"network", "DELETE", geneva, "", 204, "admin", ""},

		"createRoutingRule": {"network", "POST", "/v1/routing-rules", `{"topic": "medical", "desk": "` + w.geneva.ID.String() + `"}`, 201, "admin", ""},
		"listRoutingRules":  {"admin", "GET", "/v1/routing-rules", "", 200, "jurist", ""},
		"getRoutingRule":    {"admin", "GET", w.rule, "", 200, "jurist", ""},
		"editRoutingRule":   {"network", "PATCH", w.rule, `{"language": "fr"}`, 200, "admin", `{"topic": "none"}`},
		"deleteRoutingRule": {"network", "DELETE", w.rule, "", 204, "admin", ""},
		"rehearseRouting":   {"admin", "POST", "/v1/routing-rehearsals", `{"kind": "case_referral", "country": "CH"}`, 200, "jurist", ""},

		"createUser":  {"admin", "POST", "/v1/users", `{"name": "a clerk", "roles": ["partner"], "organisation_id": "` + w.unitar.ID.String() + `"}`, 201, "jurist", ""},
		"listUsers":   {"admin", "GET", "/v1/users", "", 200, "jurist", ""},
		"getUser":     {"admin", "GET", auditor, "", 200, "jurist", ""},
		"editUser":    {"network", "PATCH", auditor, `{"language": "en"}`, 200, "admin", bad},
		"createToken": {"jurist", "POST", "/v1/tokens", `{"name": "for a script"}`, 201, "", ""},
		"listTokens":  {"jurist", "GET", "/v1/tokens", "", 200, "", ""},
		"revokeToken": {"jurist", "DELETE", "/v1/tokens/" + w.spareToken(), "", 204, "", ""},
		"getMe":       {"iom", "GET", "/v1/me", "", 200, "", ""},
		"listDenials": {"auditor", "GET", "/v1/denials", "", 200, "admin", ""},
	}
}

func (w *world) spareToken() string {
	return w.as("jurist").create("/v1/tokens", `{"name": "spare"}`).str("id")
}

// Each operation refuses whoever has no token, whoever's role never has it,
// what is not there, and what it can't read; and does what it is for.
func TestOperations(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	trials := w.trials()
	for _, r := range new(Server).routes() {
		if len(r.who) > 0 && r.who[0] == "*" {
			continue
		}
		x, ok := trials[r.Operation]
		if !ok {
			t.Errorf("%s has no trial", r.Operation)
			continue
		}
		w.refuses(r, x)
	}
	w.as("admin of Geneva").do("POST", "/v1/queue/next", "").want(204)
	for _, last := range []bool{false, true} { // what ends a thing comes last
		for _, name := range slices.Sorted(maps.Keys(trials)) {
			x := trials[name]
			if ends := x.method == "DELETE" || name == "fireReferral" || name == "fireTraining"; ends == last {
				w.accepts(name, x)
			}
		}
	}
	w.agrees()
}

func (w *world) refuses(r Route, x trial) {
	w.t.Helper()
	who, absent := w.as(x.who), uuid.NewString()
	w.as("nobody").do(x.method, x.path, "").want(401, "unauthenticated")
	who.do(x.method, x.path+"?nope=1", x.body, "If-Match: *").want(400, "malformed")
	if strings.Contains(r.Path, ":id") {
		path := strings.NewReplacer(":id", absent, ":service_id", absent, ":plan_id", absent, ":entry_id", absent).Replace(r.Path)
		who.do(x.method, path, x.body, "If-Match: *").want(404, "not_found")
	}
	if x.wrong != "" {
		w.as(x.wrong).do(x.method, x.path, x.wrongBody(r.Operation), "If-Match: *").want(403, "wrong_role")
	}
	if bodied(x.method) {
		who.do(x.method, x.path, x.body, "Content-Type: text/plain").want(415)
		who.do(x.method, x.path, `{"name": "`+strings.Repeat("x", 300<<10)+`"}`).want(413)
		body := x.impossible
		if body == "" {
			body = `{}`
		}
		who.do(x.method, x.path, body, "If-Match: *").want(422, "invalid")
	}
	if w.hasETag(x) {
		who.do(x.method, x.path, x.body).want(428, "precondition_required")
		who.do(x.method, x.path, x.body, `If-Match: "999"`).want(412, "stale")
	}
}

// wrongBody is a body whose action a partner or an owner never has.
func (x trial) wrongBody(operation string) string {
	if operation == "fireAssignment" {
		return `{"action": "accept"}`
	}
	return x.body
}

// hasETag reports whether the operation changes what has a version.
func (w *world) hasETag(x trial) bool {
	return x.method == http.MethodPatch || x.method == http.MethodDelete && !strings.HasPrefix(x.path, "/v1/tokens") || strings.HasSuffix(x.path, "/transitions")
}

func (w *world) accepts(name string, x trial) {
	w.t.Helper()
	who := w.as(x.who)
	if x.method != http.MethodPost {
		got := who.do(x.method, x.path, x.body, "If-Match: *").want(x.status)
		moved := name == "getReferral" // since its own last change, by what became of its assignments
		if tag := got.header.Get("ETag"); x.method == http.MethodGet && tag != "" && name != "getMe" && !moved {
			who.do("GET", x.path, "", "If-None-Match: "+tag).want(304)
		}
		return
	}
	w.inFlight(who, "busy "+name, func() {
		who.do("POST", x.path, x.body, "If-Match: *", "Idempotency-Key: busy "+name).want(409, "idempotency_key_in_flight")
	})
	first := who.do("POST", x.path, x.body, "If-Match: *", "Idempotency-Key: "+name).want(x.status)
	again := who.do("POST", x.path, x.body, "If-Match: *", `Idempotency-Key: "`+name+`"`).want(x.status)
	if string(first.body) != string(again.body) || again.header.Get("Idempotency-Replayed") != "true" || first.header.Get("ETag") != again.header.Get("ETag") {
		w.t.Errorf("%s: the second answer is not the first: %s, then %s", name, first.body, again.body)
	}
	other := strings.Replace(x.body, "{", "{ ", 1)
	who.do("POST", x.path, other, "If-Match: *", "Idempotency-Key: "+name).want(422, "idempotency_key_reused")
}

// inFlight does something while the first request with a key still runs.
func (w *world) inFlight(who *person, key string, do func()) {
	w.t.Helper()
	a := who.user.Actor(uuid.Nil)
	_, _, err := w.desk.Once(context.Background(), a, key, [32]byte{}, func(context.Context) ([]byte, error) {
		do()
		return nil, context.Canceled // nothing is kept
	})
	if err == nil {
		w.t.Error("the first request ended well")
	}
}
