package handlers

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// plea is a request that a test makes worse or better.
type plea struct{ who, method, path, body, kind, match, key string }

// rung is an answer, and what to change so that the next fault shows.
type rung struct {
	status int
	code   string
	mend   plea // what isn't empty takes the place of what was; "-" empties
}

// climb sends a request with every fault at once, and mends the one that it
// was refused for, until it is done.
func (w *world) climb(name string, now plea, rungs ...rung) {
	w.t.Helper()
	for n, r := range rungs {
		headers := []string{"Content-Type: " + now.kind}
		if now.match != "" {
			headers = append(headers, "If-Match: "+now.match)
		}
		if now.key != "" {
			headers = append(headers, "Idempotency-Key: "+now.key)
		}
		got := w.as(now.who).do(now.method, now.path, now.body, headers...)
		if got.status != r.status || r.code != "" && got.str("code") != r.code {
			w.t.Errorf("%s, %d: %d %s, want %d %s", name, n, got.status, got.body, r.status, r.code)
		}
		if r.status == 409 && (got.str("state") == "" || !got.has("allowed_actions")) {
			w.t.Errorf("%s: the refusal does not say what is possible: %s", name, got.body)
		}
		for _, x := range []struct{ at, to *string }{{&now.who, &r.mend.who}, {&now.path, &r.mend.path}, {&now.body, &r.mend.body}, {&now.kind, &r.mend.kind}, {&now.match, &r.mend.match}, {&now.key, &r.mend.key}} {
			if *x.to != "" {
				*x.at = strings.TrimPrefix(*x.to, "-")
			}
		}
	}
}

// entrance are the rungs of every operation with a body, from who calls to what
// can be read: foreign is who may not see the record, wrong whose role never
// has the function, right who may; "": there is none such. path has no query,
// and body can be read, whatever is wrong with it.
func entrance(foreign, wrong, right, path, body string) (rungs []rung) {
	callers := []string{foreign, wrong, right}
	for i, no := range []rung{{401, "unauthenticated", plea{}}, {404, "not_found", plea{}}, {403, "wrong_role", plea{}}} {
		if i > 0 && callers[i-1] == "" {
			continue
		}
		for _, who := range callers[i:] {
			if who != "" {
				no.mend.who = who
				break
			}
		}
		rungs = append(rungs, no)
	}
	return append(rungs,
		rung{413, "too_large", plea{body: `{"nope":`}},
		rung{415, "unsupported_media_type", plea{kind: mediaJSON}},
		rung{400, "malformed", plea{path: path}},
		rung{400, "malformed", plea{body: `{"nope": 1}`}},
		rung{400, "malformed", plea{body: body}},
	)
}

// Refusals come in one order (rule 12 of the contract: 401, 404, 403, 413, 415,
// 400, replay, 428, 412, 409, 422), whatever else is wrong. Where the action is
// in the body, whether the role ever has it is told once the body was read.
func TestOrderOfRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, who := range []string{"jurist", "referrer", "admin", "network", "iom"} {
		w.as(who).do("POST", "/v1/tokens", `{"name": "a script"}`, "Idempotency-Key: used").want(201)
	}
	at := func(method, path string) plea {
		key := "used"
		if method == "PATCH" {
			key = "" // which has none
		}
		return plea{"nobody", method, path + "?nope=1", `{"nope": "` + strings.Repeat("x", maxBody) + `"}`, "text/plain", "", key}
	}
	reused, free := rung{422, "idempotency_key_reused", plea{key: "-"}}, "*"
	unsure, stale := rung{428, "precondition_required", plea{match: `"99"`}}, rung{412, "stale", plea{match: free}}
	withdrawn := w.as("referrer").create("/v1/case-referrals", fmt.Sprintf(aReferral, "")).header.Get("Location")
	w.as("referrer").fire(withdrawn, "withdraw", `, "reason": {"code": "person_declined"}`).want(200)
	wrong := func(body string) rung { return rung{409, "wrong_state", plea{body: body}} }
	invalid := func(body string) rung { return rung{422, "invalid", plea{body: body}} }
	done := func(status int) rung { return rung{status: status} }
	climb := func(name string, first plea, rungs []rung, more ...rung) {
		w.climb(name, first, append(rungs, more...)...)
	}

	trainings, cases := "/v1/training-requests", "/v1/case-referrals"
	climb("create", at("POST", trainings), entrance("", "admin", "jurist", trainings, `{"country": "XX"}`), reused, invalid(fmt.Sprintf(aTraining, "")), done(201))
	climb("create a case", at("POST", cases), entrance("", "jurist", "referrer", cases, fmt.Sprintf(strings.Replace(aReferral, "urgent", "none", 1), "")), reused, invalid(fmt.Sprintf(aReferral, "")), done(201))
	climb("edit", at("PATCH", w.training), entrance("stranger", "ewha", "jurist", w.training, `{"country": "XX"}`),
		unsure, stale, rung{409, "wrong_state", plea{path: w.draftTraining}}, invalid(`{"title": "t"}`), done(200))
	climb("edit a case", at("PATCH", w.referral), entrance("stranger", "iom", "referrer", w.referral, `{"urgency": "none"}`),
		unsure, stale, rung{409, "wrong_state", plea{path: w.draftReferral}}, invalid(`{"summary": "s"}`), done(200))

	offers := w.training + "/assignments"
	climb("offer", at("POST", offers), entrance("stranger", "jurist", "admin", offers, fmt.Sprintf(`{"organisation_id": %q, "respond_by": "2012-01-01T00:00:00Z"}`, w.ewha.ID)),
		rung{422, "idempotency_key_reused", plea{key: "-", match: `"99"`}}, rung{412, "stale", plea{match: "-"}},
		rung{409, "already_assigned", plea{body: fmt.Sprintf(`{"organisation_id": %q, "respond_by": "2012-01-01T00:00:00Z"}`, w.unitar.ID)}},
		invalid(fmt.Sprintf(`{"organisation_id": %q}`, w.unitar.ID)), done(201))
	consents, approvals := withdrawn+"/consents", withdrawn+"/override-approvals"
	climb("consent", at("POST", consents), entrance("stranger", "", "referrer", consents, `{"basis": "none"}`), reused,
		rung{409, "wrong_state", plea{path: w.referral + "/consents"}}, invalid(aConsent), done(201))
	climb("approve", at("POST", approvals), entrance("stranger", "referrer", "network", approvals, `{"consent_id": "none"}`), reused,
		rung{409, "wrong_state", plea{path: w.referral + "/override-approvals"}}, invalid(fmt.Sprintf(`{"consent_id": %q}`, w.unapproved)), done(201))
	climb("next", at("POST", "/v1/queue/next"), entrance("", "iom", "admin", "/v1/queue/next", `{"kind": "none"}`), reused, invalid(`{}`), done(200))

	move, part := w.training+"/transitions", w.assignment+"/transitions"
	climb("move", at("POST", move), entrance("stranger", "", "jurist", move, `{"action": "approve", "priority": "none"}`), reused,
		rung{403, "wrong_role", plea{body: `{"action": "submit"}`}}, unsure, stale,
		wrong(`{"action": "withdraw", "reason": {"code": "none"}}`), invalid(`{"action": "withdraw", "reason": {"code": "found_elsewhere"}}`), done(200))
	climb("part", at("POST", part), entrance("unhcr", "", "iom", part, `{"action": "revoke", "reason": {"code": "none"}}`), reused,
		rung{403, "wrong_role", plea{body: `{"action": "decline", "reason": {"code": "none"}}`}}, unsure, stale,
		wrong(`{"action": "return", "reason": {"code": "none"}}`), invalid(`{"action": "return", "reason": {"code": "unsafe"}}`), done(200))

	others := fmt.Sprintf(`{"name": "", "user_id": %q}`, w.as("iom").user.ID)
	climb("token", at("POST", "/v1/tokens"), entrance("", "", "admin", "/v1/tokens", others), reused, rung{403, "wrong_role", plea{body: `{"name": ""}`}}, invalid(`{"name": "mine"}`), done(201))
	geneva := w.at(w.geneva)
	climb("desk", at("PATCH", geneva), entrance("", "iom", "network", geneva, `{"time_zone": "Asia/Atlantis"}`), unsure, stale, invalid(`{"time_zone": "Europe/Zurich"}`), done(200))
	w.agrees()
}

// What has no body has the rest of the order.
func TestOrderWithoutABody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	absent := "/v1/training-requests/" + uuid.NewString()
	w.as("nobody").do("DELETE", absent+"?nope=1", "").want(401)
	for _, path := range []string{absent, w.training, w.draftTraining} {
		w.as("stranger").do("DELETE", path+"?nope=1", "").want(404)
		w.as("stranger").do("GET", path+"?nope=1", "").want(404)
		w.as("stranger").do("GET", path+"/events?limit=0", "").want(404)
		w.as("stranger").do("GET", path+"/assignments?limit=0", "").want(404)
	}
	w.as("admin").do("DELETE", w.training+"?nope=1", "").want(403)
	w.as("jurist").do("GET", w.training+"/assignments?limit=0", "").want(403)
	w.as("jurist").do("DELETE", w.training+"?nope=1", "").want(400)
	w.as("jurist").do("DELETE", w.training, "").want(428)
	w.as("jurist").do("DELETE", w.training, "", `If-Match: "99"`).want(412)
	w.as("jurist").do("DELETE", w.training, "", "If-Match: *").want(409)
	w.as("jurist").do("DELETE", w.draftTraining, "", `If-Match: "1"`).want(204)
}

// A key's first answer comes before whatever is so by now; before it, only what
// the caller may not see, do or send.
func TestReplayInTheOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at, key, body := w.training+"/transitions", "Idempotency-Key: k", `{"action": "withdraw", "reason": {"code": "found_elsewhere"}}`
	first := w.as("jurist").do("POST", at, body, "If-Match: *", key).want(200)
	for _, match := range []string{`"1"`, "*"} { // 412, 409
		again := w.as("jurist").do("POST", at, body, "If-Match: "+match, key).want(200)
		if string(first.body) != string(again.body) || again.header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("%s\n%s", first.body, again.body)
		}
	}
	w.as("jurist").do("POST", at, body, key, "Content-Type: text/plain").want(415)
	w.as("jurist").do("POST", at+"?nope=1", body, key).want(400)
	w.as("jurist").do("POST", at, body+" ", key).want(422, "idempotency_key_reused")
	w.as("jurist").do("POST", at, "{", key).want(400)
	w.as("stranger").do("POST", at, body, key).want(404)
}
