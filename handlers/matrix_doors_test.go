package handlers

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"onward/workflow"
)

// gate is an action that has an endpoint of its own.
type gate struct {
	do                   workflow.Action
	method, under, body  string
	status               int // of what is legal
	refusedWith          string
	trainingToo, without bool // without If-Match
}

func (s *service) doors(kind string) []gate {
	offer := fmt.Sprintf(`{"organisation_id": %q, "service": "child_protection"}`, s.bystanders.ID)
	plan := fmt.Sprintf(`{"organisations": [%q], "service": "child_protection"}`, s.otherNGO.ID) // which has no service
	if kind == workflow.Training.Name {
		plan = fmt.Sprintf(`{"organisations": [%q]}`, s.otherNGO.ID)
		offer = fmt.Sprintf(`{"organisation_id": %q}`, s.ewha.ID)
	}
	return []gate{
		{workflow.Offer, "POST", "/assignments", offer, 201, "", true, true},
		{workflow.PlanOffers, "POST", "/offers", plan, 409, "no_candidate", true, true},
		{workflow.Enlist, "POST", "/waiting", strings.Replace(offer, s.bystanders.ID.String(), s.otherNGO.ID.String(), 1), 409, "", true, true},
		{workflow.AddConsent, "POST", "/consents", aConsent, 201, "", false, true},
		{workflow.ApproveOverride, "POST", "/override-approvals", fmt.Sprintf(`{"consent_id": %q}`, uuid.NewString()), 422, "invalid", false, true},
		{workflow.RequestErasure, "POST", "/erasure", "", 202, "", false, true},
		{workflow.LinkDuplicate, "POST", "/duplicates", fmt.Sprintf(`{"referral_id": %q, "verdict": "same_person"}`, uuid.NewString()), 422, "invalid", false, true},
		{workflow.Edit, "PATCH", "", `{"languages": ["en"]}`, 200, "", true, false},
		{workflow.Delete, "DELETE", "", "", 204, "", true, false},
	}
}

// What is done through an endpoint of its own, in every state, by everyone:
// the same table decides, and a refusal writes nothing.
func TestDoors(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.addPerson("co-referrer", s.ngo, nil, "referrer")
	for collection, states := range ways {
		flow := map[string]*workflow.Workflow{"/v1/training-requests": workflow.Training, "/v1/case-referrals": workflow.Referral}[collection]
		for state, steps := range states {
			path := s.reach(collection, steps)
			before := s.trace(path)
			for who, as := range roles(flow.Name, state) {
				for _, d := range s.doors(flow.Name) {
					if status, code := throughDoor(flow, d.do, state, as); status > 0 && (d.trainingToo || flow == workflow.Referral) {
						s.as(who).knock(path, d).wantAt(fmt.Sprintf("%s does %s in %s", who, d.do, state), status, code)
					}
				}
			}
			for _, d := range s.doors(flow.Name) {
				if d.trainingToo || flow == workflow.Referral {
					s.as("nobody").knock(path, d).want(401, "unauthenticated")
				}
			}
			if after := s.trace(path); after != before {
				t.Errorf("%s in %s: what was refused left a trace: %s, then %s", flow.Name, state, before, after)
			}
			for _, who := range []string{"admin", "jurist", "referrer"} {
				for _, d := range s.doors(flow.Name) {
					as := roles(flow.Name, state)[who]
					if status, _ := throughDoor(flow, d.do, state, as); status == 0 && (d.trainingToo || flow == workflow.Referral) {
						s.as(who).knock(path, d).wantAt(fmt.Sprintf("%s does %s in %s", who, d.do, state), d.status, d.refusedWith)
					}
				}
			}
		}
	}
	s.agrees()
}

func (p *person) knock(path string, d gate) answered {
	p.s.t.Helper()
	if d.without {
		return p.do(d.method, path+d.under, d.body)
	}
	return p.do(d.method, path+d.under, d.body, "If-Match: *")
}

func (x answered) wantAt(what string, status int, code string) {
	x.t.Helper()
	if x.status != status || code != "" && x.str("code") != code {
		x.t.Errorf("%s: %d %s, want %d %s", what, x.status, x.body, status, code)
	}
}

// throughDoor is how an action is refused at its own endpoint; 0 if the table
// allows it.
func throughDoor(flow *workflow.Workflow, do workflow.Action, state workflow.State, as *workflow.Role) (int, string) {
	if as == nil {
		return 404, "not_found"
	}
	mine := func(r workflow.Row) bool { return r.Do == do && r.By&*as != 0 }
	switch {
	case !slices.ContainsFunc(flow.Rows, mine):
		return 403, "wrong_role"
	case slices.ContainsFunc(flow.Rows, func(r workflow.Row) bool { return mine(r) && slices.Contains(r.From, state) }):
		return 0, ""
	}
	return 409, "wrong_state"
}

// trace is all that a write on a request leaves: its version, its assignments'
// and how many events there are.
func (s *service) trace(path string) string {
	s.t.Helper()
	text := s.as("network").do("GET", path, "").want(200).header.Get("ETag")
	for _, x := range s.as("network").do("GET", path+"/assignments", "").want(200).list("items") {
		x, _ := x.(map[string]any)
		text += fmt.Sprint(" ", x["state"], x["version"])
	}
	return text + fmt.Sprint(" ", len(s.as("network").do("GET", path+"/events?limit=200", "").want(200).list("items")))
}
