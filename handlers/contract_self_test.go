package handlers

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
)

// alone is the contract with a memory of its own: what these tests make up
// does not count as seen.
func alone(t *testing.T) *contract {
	t.Helper()
	c := *newContract(t)
	c.seen = &answers{of: map[string]map[int]bool{}}
	return &c
}

// example is the JSON of an example of openapi.yaml.
func example(t *testing.T, name string) string {
	t.Helper()
	text, err := json.Marshal(specification().at("components", "examples", name)["value"], json.Deterministic(true))
	if err != nil || string(text) == "null" {
		t.Fatalf("no example %s: %v", name, err)
	}
	return string(text)
}

// exchange is a request and its reply, made up.
type exchange struct {
	method, path, sent string
	header             string // of the request, name: value
	status             int
	reply              string
	headers            string // of the reply, name: value, one a line
}

func (x exchange) breaches(c *contract) []string {
	req, resp := x.messages() //nolint:bodyclose // it has none
	return c.breaches(req, []byte(x.sent), resp, []byte(x.reply))
}

func (x exchange) messages() (*http.Request, *http.Response) {
	req := httptest.NewRequest(x.method, x.path, strings.NewReader(x.sent))
	req.Header.Set("Authorization", "Bearer onw_x")
	if x.sent != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if name, value, ok := strings.Cut(x.header, ": "); ok {
		req.Header.Set(name, value)
	}
	resp := &http.Response{StatusCode: x.status, Header: http.Header{}}
	if x.reply != "" {
		resp.Header.Set("Content-Type", "application/json")
	}
	if x.status >= http.StatusBadRequest {
		resp.Header.Set("Content-Type", mediaProblem)
	}
	for line := range strings.Lines(x.headers) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		resp.Header.Set(name, value)
	}
	return req, resp
}

func without(t *testing.T, text, part string) string {
	t.Helper()
	return instead(t, text, part, "")
}

func instead(t *testing.T, text, part, other string) string {
	t.Helper()
	if !strings.Contains(text, part) {
		t.Fatalf("%s has no %s", text, part)
	}
	return strings.Replace(text, part, other, 1)
}

const made = "ETag: \"1\"\nLocation: /v1/x\nX-Request-Id: x"

func TestContractTakesWhatIsRight(t *testing.T) {
	t.Parallel()
	id := "/01366162-64a0-7028-85c8-04fbe3a36348"
	for name, x := range map[string]exchange{
		"made":         {"POST", "/v1/training-requests", example(t, "TrainingAsked"), "Idempotency-Key: k", 201, example(t, "TrainingSubmitted"), made},
		"draft":        {"POST", "/v1/training-requests", `{"draft":true}`, "", 201, example(t, "TrainingSubmitted"), made},
		"case":         {"POST", "/v1/case-referrals", example(t, "ReferralMade"), "", 201, example(t, "ReferralSubmitted"), made},
		"read":         {"GET", "/v1/case-referrals" + id, "", "", 200, example(t, "ReferralRead"), `ETag: "3"`},
		"unchanged":    {"GET", "/v1/case-referrals" + id, "", `If-None-Match: "3"`, 304, "", `ETag: "3"`},
		"moved":        {"POST", "/v1/assignments" + id + "/transitions", example(t, "AssignmentDecline"), `If-Match: "1"`, 200, example(t, "AssignmentAccepted"), `ETag: "2"`},
		"scheduled":    {"POST", "/v1/training-requests" + id + "/transitions", example(t, "TrainingSchedule"), `If-Match: "1"`, 200, example(t, "TrainingSubmitted"), `ETag: "2"`},
		"edited":       {"PATCH", "/v1/training-requests" + id, example(t, "TrainingEdit"), `If-Match: "1"`, 200, example(t, "TrainingSubmitted"), `ETag: "2"`},
		"listed":       {"GET", "/v1/case-referrals?state=open&state=on_hold&limit=10&overdue=true&q=a%20b&created_after=2012-03-29T09:00:00Z", "", "", 200, example(t, "ReferralList"), ""},
		"events":       {"GET", "/v1/case-referrals" + id + "/events", "", "", 200, example(t, "ReferralEvents"), ""},
		"nothing":      {"POST", "/v1/queue/next", "", "", 204, "", ""},
		"service":      {"GET", "/v1/organisations" + id + "/services" + id, "", "", 200, example(t, "ServiceRead"), `ETag: "1"`},
		"me":           {"GET", "/v1/me", "", "", 200, example(t, "MeRead"), ""},
		"workflow":     {"GET", "/v1/workflows/assignment", "", "", 200, example(t, "WorkflowExtract"), "Vary: Accept"},
		"vocabulary":   {"GET", "/v1/vocabularies/urgency", "", "", 200, example(t, "VocabularyRead"), ""},
		"vocabularies": {"GET", "/v1/vocabularies", "", "", 200, `{"items":[` + example(t, "VocabularyRead") + `],"next":null}`, ""},
		"refused":      {"POST", "/v1/training-requests", `{"titel":"x"}`, "", 400, example(t, "ProblemMalformed"), ""},
		"default":      {"GET", "/v1/me", "", "", 503, example(t, "ProblemUnavailable"), "Retry-After: 1"},
		"unknown":      {"GET", "/v1/nothing", "", "", 404, example(t, "ProblemNotFound"), ""},
		"method":       {"PUT", "/v1/me", "", "", 405, example(t, "ProblemNotFound"), "Allow: GET"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req, resp := x.messages() //nolint:bodyclose // it has none
			alone(t).check(t, req, []byte(x.sent), resp, []byte(x.reply))
		})
	}
}

func TestContractRefusesWhatIsWrong(t *testing.T) {
	t.Parallel()
	id := "/01366162-64a0-7028-85c8-04fbe3a36348"
	asked, submitted := example(t, "TrainingAsked"), example(t, "TrainingSubmitted")
	for name, x := range map[string]exchange{
		"member of a request":    {"POST", "/v1/training-requests", instead(t, asked, `"title"`, `"x":1,"title"`), "", 201, submitted, made},
		"missing in a request":   {"POST", "/v1/training-requests", without(t, asked, `"tier":"frontline","title":"Paralegal training on prosecuting traffickers",`), "", 201, submitted, made},
		"unfinished":             {"POST", "/v1/training-requests", `{"draft":false}`, "", 201, submitted, made},
		"unknown code":           {"POST", "/v1/training-requests", instead(t, asked, `"onsite"`, `"onsight"`), "", 201, submitted, made},
		"query":                  {"GET", "/v1/me?x=1", "", "", 200, example(t, "MeRead"), ""},
		"state of another kind":  {"GET", "/v1/training-requests?state=open", "", "", 200, example(t, "TrainingList"), ""},
		"member of a reply":      {"POST", "/v1/training-requests", asked, "", 201, instead(t, submitted, `"version"`, `"secret":1,"version"`), made},
		"nested member":          {"POST", "/v1/training-requests", asked, "", 201, instead(t, submitted, `"blocked_by"`, `"secret":1,"blocked_by"`), made},
		"missing in a reply":     {"POST", "/v1/training-requests", asked, "", 201, without(t, submitted, `,"version":1`), made},
		"sealed text in a reply": {"POST", "/v1/case-referrals", example(t, "ReferralMade"), "", 201, instead(t, example(t, "ReferralSubmitted"), `"version"`, `"narrative":"x","version"`), made},
		"sealed text in a list":  {"GET", "/v1/case-referrals", "", "", 200, `{"items":[` + example(t, "ReferralRead") + `],"next":null}`, ""},
		"words in an event":      {"GET", "/v1/case-referrals" + id + "/events", "", "", 200, instead(t, example(t, "ReferralEvents"), `"international_protection"`, `"He says that"`), ""},
		"no ETag":                {"POST", "/v1/training-requests", asked, "", 201, submitted, "Location: /v1/x"},
		"no If-Match":            {"PATCH", "/v1/training-requests" + id, `{}`, "", 200, submitted, `ETag: "2"`},
		"foreign member":         {"POST", "/v1/assignments" + id + "/transitions", `{"action":"accept","note":"x"}`, `If-Match: "1"`, 200, example(t, "AssignmentAccepted"), `ETag: "2"`},
		"other without a note":   {"POST", "/v1/assignments" + id + "/transitions", `{"action":"decline","reason":{"code":"other"}}`, `If-Match: "1"`, 200, example(t, "AssignmentAccepted"), `ETag: "2"`},
		"neither place nor link": {"POST", "/v1/training-requests" + id + "/transitions", instead(t, example(t, "TrainingSchedule"), `"place":"Lahore",`, ""), `If-Match: "1"`, 200, submitted, `ETag: "2"`},
		"null":                   {"POST", "/v1/training-requests", `{"draft":true,"title":null}`, "", 201, submitted, made},
		"undocumented status":    {"GET", "/v1/me", "", "", 403, example(t, "ProblemWrongRole"), ""},
		"undocumented header":    {"GET", "/v1/me", "", "", 200, example(t, "MeRead"), "X-Debug: 1"},
		"body of nothing":        {"POST", "/v1/queue/next", "", "", 204, `{}`, ""},
		"not a date":             {"POST", "/v1/training-requests", asked, "", 201, instead(t, submitted, `"2012-09-01"`, `"2012-09-01T00:00:00Z"`), made},
		"unknown path":           {"GET", "/v1/nothing", "", "", 200, `{}`, ""},
		"not a problem":          {"GET", "/v1/me", "", "", 400, `{}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if len(x.breaches(alone(t))) == 0 {
				t.Error("nothing was found wrong")
			}
		})
	}
}

func TestContractRemembersWhatWasSeen(t *testing.T) {
	c, said := alone(t), new(strings.Builder)
	exchange{"GET", "/v1/me", "", "", 200, example(t, "MeRead"), ""}.breaches(c)
	if c.everyStatusSeen(said) {
		t.Error("one answer is not all")
	}
	if !strings.Contains(said.String(), "getMe (GET /v1/me) was never seen to answer with 400, 401\n") {
		t.Errorf("it said\n%s", said)
	}
}
