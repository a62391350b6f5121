package handlers

import (
	"database/sql"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"onward/localpg"
	"onward/models/modelstest"
	"onward/workflow"
)

// tales is what a reply tells of persons: of each case, by its id, which parts.
type tales map[string]map[workflow.Part]bool

func (t tales) add(id string, p workflow.Part) {
	if t[id] == nil {
		t[id] = map[workflow.Part]bool{}
	}
	t[id][p] = true
}

// partOfMember is the part that a member of a case belongs to, by what is lost
// with that part.
func partOfMember(name string) workflow.Part {
	all := workflow.SightOf(workflow.Owner)
	for _, p := range all.Parts() {
		if all.Shows(name) && !all.Without(p).Shows(name) {
			return p
		}
	}
	return workflow.Trace
}

// look goes through a reply, whatever its operation is: a case is what bears
// the reference of one, and under a case's address there is also what is told
// of that case.
func (t tales) look(v any, under string) {
	if list, ok := v.([]any); ok {
		for _, one := range list {
			t.look(one, under)
		}
		return
	}
	object, _ := v.(map[string]any)
	reference, _ := object["reference"].(string)
	id, _ := object["id"].(string)
	data, _ := object["data"].(map[string]any)
	request, _ := object["request"].(map[string]any)
	switch {
	case strings.HasPrefix(reference, "CR-"):
		for name := range object {
			t.add(id, partOfMember(name))
		}
		return // what is in it is its own
	case object["kind"] == workflow.Referral.Name && request != nil:
		of, _ := request["id"].(string)
		for _, name := range []string{"message", "thread"} {
			if object[name] != nil {
				t.add(of, partOfMember(name))
			}
		}
	case under != "" && (object["basis"] != nil || object["approved_by"] != nil):
		t.add(under, workflow.Consent)
	case under != "" && object["record_kind"] == workflow.Referral.Name && data["consent"] != nil:
		t.add(under, workflow.Consent)
	case under != "" && object["record_kind"] == workflow.Referral.Name && len(data) > 0:
		t.add(under, workflow.Person)
	}
	for _, inner := range object {
		t.look(inner, under)
	}
}

// recorded fails unless the table of accesses has, for a request that was
// answered, exactly the cases of which the answer tells anything of the person,
// with at least the parts that it tells, under the caller's name. Every
// exchange of every test goes through here.
func (p *person) recorded(request *http.Request, x answered) {
	p.s.t.Helper()
	tells := tales{}
	var body any
	if x.status < http.StatusBadRequest && strings.HasPrefix(x.header.Get("Content-Type"), mediaJSON) {
		if err := json.Unmarshal(x.body, &body); err != nil {
			p.s.t.Errorf("%v", err)
		}
		under, _, _ := strings.Cut(strings.TrimPrefix(request.URL.Path, referrals), "/")
		if _, err := uuid.Parse(under); err != nil {
			under = ""
		}
		tells.look(body, under)
	}
	if id, under, _ := strings.Cut(strings.TrimPrefix(request.URL.Path, referrals), "/"); under == "candidates" && x.status == http.StatusOK && len(x.list("items")) > 0 {
		tells.add(id, workflow.Summary) // how well each fits tells what of
	}
	if id, under, _ := strings.Cut(strings.TrimPrefix(request.URL.Path, referrals), "/"); under == "export" && strings.HasPrefix(x.header.Get("Content-Type"), "text/html") { // all that the JSON tells
		for _, p := range workflow.SightOf(workflow.Owner).Without(workflow.Message).Parts() {
			tells.add(id, p)
		}
	}
	for id, parts := range tells {
		delete(parts, workflow.Trace)
		if len(parts) == 0 {
			delete(tells, id)
		}
	}
	if strings.HasPrefix(request.URL.Path, "/v1/queue") {
		for id, parts := range tells { // urgency and country, without which nobody could triage
			if len(parts) > 1 || !parts[workflow.Summary] {
				p.s.t.Errorf("the queue tells %v of %s", parts, id)
			}
		}
		tells = tales{}
	}
	if made := request.Method == http.MethodPost && request.URL.Path+"/" == referrals && x.header.Get("Idempotency-Replayed") == ""; made {
		tells = tales{} // to who made it
	}
	ofCases := slices.ContainsFunc([]string{"/case-referrals", "/assignments", "/queue"}, func(part string) bool { return strings.Contains(request.URL.Path, part) })
	if len(tells) > 0 || ofCases && p.token != "" && x.status != http.StatusServiceUnavailable {
		p.compare(request, x, tells)
	}
}

func (p *person) compare(request *http.Request, x answered, tells tales) {
	p.s.t.Helper()
	operation := ""
	if route, err := p.s.spec.routes.FindRoute(request); err == nil && route != nil && route.Operation != nil {
		operation = route.Operation.OperationId
	}
	rows, err := p.s.look().QueryContext(p.s.t.Context(), `SELECT referral_id, array_to_string(parts, ','), operation, user_id, organisation_id, token_id IS NULL
		FROM accesses WHERE request_id = $1`, x.header.Get("X-Request-Id"))
	p.s.must(err)
	defer func() { p.s.must(rows.Close()) }()
	recorded := tales{}
	for rows.Next() {
		var id, parts, by string
		var user, organisation uuid.UUID
		var tokenless bool
		p.s.must(rows.Scan(&id, &parts, &by, &user, &organisation, &tokenless))
		if by != operation || user != p.user.ID || organisation != p.user.OrganisationID || tokenless {
			p.s.t.Errorf("%s by %s is recorded as %s by %s of %s", operation, p.user.ID, by, user, organisation)
		}
		for part := range strings.SplitSeq(parts, ",") {
			recorded.add(id, workflow.Part(part))
		}
	}
	p.s.must(rows.Err())
	for id, parts := range tells {
		for part := range parts {
			if !recorded[id][part] {
				p.s.t.Errorf("%s %s (%s), %d: the %s part of %s was shown, and recorded was %v", request.Method, request.URL.Path, operation, x.status, part, id, slices.Collect(maps.Keys(recorded[id])))
			}
		}
	}
	for id := range recorded {
		if tells[id] == nil {
			p.s.t.Errorf("%s %s (%s), %d: nothing of %s was shown, and it was recorded", request.Method, request.URL.Path, operation, x.status, id)
		}
	}
}

// connect is a pool of connections for who looks at what was written.
func (s *service) connect() *sql.DB {
	s.t.Helper()
	db, err := sql.Open("pgx", modelstest.As(localpg.Superuser, s.dsn))
	s.must(err)
	s.t.Cleanup(func() { _ = db.Close() })
	return db
}
