package handlers

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-json-experiment/json"
)

var pages = sync.OnceValue(func() *problems { return newProblems(explained()...) })

// bears fails unless a reply has what every reply of the service bears: an id,
// nosniff, how long it may be kept, and, of a problem, a page of its code.
func (s *service) bears(path string, response *http.Response, body []byte) {
	s.t.Helper()
	h, kept := response.Header, "no-store"
	for _, anyones := range []string{"/v1/workflows", "/v1/vocabularies", "/hsds/", "/openapi.yaml", "/docs", "/problems"} {
		if strings.HasPrefix(path, anyones) && response.StatusCode < http.StatusBadRequest {
			kept = "public, max-age="
		}
	}
	id := h.Get("X-Request-Id")
	if id == "" || h.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(h.Get("Cache-Control"), kept) {
		s.t.Errorf("%s, %d: the headers are %v", path, response.StatusCode, h)
	}
	if response.StatusCode < http.StatusBadRequest && !slices.Contains(h.Values("Vary"), "Accept-Encoding") {
		s.t.Errorf("%s, %d: Vary is %v", path, response.StatusCode, h.Values("Vary"))
	}
	if response.StatusCode < http.StatusBadRequest {
		return
	}
	var p problem
	if err := json.Unmarshal(body, &p); err != nil || p.Instance != id || p.Status != response.StatusCode {
		s.t.Errorf("%s: %v, the problem of %s is %s", path, err, id, body)
	}
	if _, explained := pages().pages[p.Code]; !explained {
		s.t.Errorf("%s: no page explains %s", path, p.Code)
	}
}

// raw is a reply as it comes over the wire.
func (s *service) raw(path string, headers ...string) (*http.Response, []byte) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.url+path, http.NoBody)
	s.must(err)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		request.Header.Add(name, value)
	}
	response, err := (&http.Transport{DisableCompression: true}).RoundTrip(request)
	s.must(err)
	body, err := io.ReadAll(response.Body)
	s.must(err)
	s.must(response.Body.Close())
	return response, body
}

// Replies are compressed once, for who asks for it and for nobody else.
func TestGzip(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, path := range []string{"/v1/vocabularies", "/v1/workflows/case_referral", "/problems", "/openapi.yaml", "/docs", "/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js"} {
		_, plain := s.raw(path) //nolint:bodyclose // raw has closed it
		for _, asked := range []string{"gzip", "br, gzip;q=0.5", "GZIP"} {
			got, body := s.raw(path, "Accept-Encoding: "+asked) //nolint:bodyclose // raw has closed it
			opened, err := gzip.NewReader(bytes.NewReader(body))
			if err != nil || got.Header.Get("Content-Encoding") != "gzip" {
				if asked != "GZIP" { // nobody writes it so; plain is right too
					t.Errorf("%s is not compressed for %q: %v", path, asked, got.Header)
				}
				continue
			}
			text, err := io.ReadAll(opened)
			if err != nil || !bytes.Equal(text, plain) {
				t.Errorf("%s, opened once, is not what it is: %v, %.40q", path, err, text)
			}
		}
		for _, unasked := range []string{"gzip;q=0", "br", "identity", "x-gzip", "*;q=0, gzip;q=0.0"} {
			if got, body := s.raw(path, "Accept-Encoding: "+unasked); got.Header.Get("Content-Encoding") != "" || !bytes.Equal(body, plain) { //nolint:bodyclose // raw has closed it
				t.Errorf("%s is compressed for %q", path, unasked)
			}
		}
	}
	if got, _ := s.raw("/healthz", "Accept-Encoding: gzip"); got.Header.Get("Content-Encoding") != "" { //nolint:bodyclose // raw has closed it
		t.Error("what is short is compressed")
	}
	if got, _ := s.raw("/v1/workflows/assignment", "Accept-Encoding: gzip"); strings.Join(got.Header.Values("Vary"), ", ") != "Accept-Encoding, Accept" { //nolint:bodyclose // raw has closed it
		t.Errorf("Vary: %v", got.Header.Values("Vary"))
	}
}

// The log has one line a request, with the id that the reply bears, and
// nothing that somebody wrote: no query, no body, no path's id, no token.
func TestTheLogKeepsQuiet(t *testing.T) {
	t.Parallel()
	s := start(t)
	const canary = "CANARY"
	jurist := s.as("jurist")
	path := jurist.create("/v1/training-requests", strings.Replace(fmt.Sprintf(aTraining, ""), "Paralegal", canary, 1)).header.Get("Location")
	before := strings.Count(s.log.String(), `"msg":"request"`)
	answers := []answered{
		jurist.do("GET", "/v1/training-requests?q="+canary, "").want(200),
		jurist.do("GET", "/v1/training-requests?"+canary+"=1", "").want(400),
		jurist.do("GET", "/v1/training-requests/"+canary, "").want(404),
		jurist.do("GET", "/v1/"+canary+"?"+canary, "").want(404),
		jurist.do("POST", "/v1/training-requests", `{"`+canary+`": "`+canary+`"}`).want(400),
		jurist.do("PATCH", path, `{"title": "`+canary+`"}`, "If-Match: "+canary).want(412),
		jurist.do("POST", path+"/transitions", `{"action": "`+canary+`"}`, "If-Match: *", "Idempotency-Key: "+canary).want(422),
		(&person{s: s, token: canary}).do("GET", "/v1/me", "").want(401),
		s.as("network").do("POST", "/v1/organisations", `{"name": "IOM", "type": "ngo", "description": "`+canary+`"}`).want(409, "name_taken"),
		s.as("network").do("POST", "/v1/users", fmt.Sprintf(`{"name": %q, "roles": ["requester"], "organisation_id": %q}`, canary, path[len(trainings):])).want(422, "invalid"),
	}
	log := s.log.String()
	if strings.Contains(log, canary) || strings.Contains(log, jurist.token) || strings.Contains(log, path[len(trainings):]) {
		t.Errorf("the log says too much: %s", log)
	}
	if lines := strings.Count(log, `"msg":"request"`) - before; lines != len(answers) {
		t.Errorf("%d lines of %d requests", lines, len(answers))
	}
	for _, a := range answers {
		if id := a.header.Get("X-Request-Id"); strings.Count(log, `"request_id":"`+id+`"`) != 1 {
			t.Errorf("the line of %s is not there once", id)
		}
	}
	if id := "mine"; jurist.do("GET", "/v1/me", "", "X-Request-Id: "+id).header.Get("X-Request-Id") == id {
		t.Error("a caller chooses the id of its request")
	}
}
