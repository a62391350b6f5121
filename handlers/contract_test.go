package handlers

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	"github.com/pb33f/libopenapi-validator/errors"
	"github.com/pb33f/libopenapi-validator/router"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
	"github.com/pb33f/libopenapi/orderedmap"

	"onward"
)

// contract holds what goes over the wire against openapi.yaml. It is safe for
// tests that run side by side.
type contract struct {
	routes router.Router
	limits validator.Validator
	seen   *answers
}

// answers are the statuses that each operation was seen to answer with.
type answers struct {
	sync.Mutex
	of map[string]map[int]bool
}

func (a *answers) add(operation string, status int) {
	a.Lock()
	defer a.Unlock()
	if a.of[operation] == nil {
		a.of[operation] = map[int]bool{}
	}
	a.of[operation][status] = true
}

// The validator draws a schema when it first needs it, in place: two tests at
// once would race.
var validating sync.Mutex

var suite = sync.OnceValues(func() (*contract, error) {
	document, err := libopenapi.NewDocument(onward.OpenAPI)
	if err != nil {
		return nil, err
	}
	model, err := document.BuildV3Model()
	if err != nil {
		return nil, err
	}
	return &contract{
		routes: router.NewRouter(&model.Model, router.WithPathOnlyMatching()),
		limits: validator.NewValidatorFromV3Model(&model.Model,
			config.WithFormatAssertions(), config.WithStrictMode(),
			config.WithStrictIgnorePaths("$.body.**.labels.*", "$.body.**.data.*"), // maps: any name is declared
			config.WithStrictIgnoredHeadersExtra(ofEveryReply...)),
		seen: &answers{of: map[string]map[int]bool{}},
	}, nil
})

// ofEveryReply are headers that the contract describes once for all replies,
// or that are the transport's.
var ofEveryReply = []string{
	"X-Request-Id", "RateLimit", "RateLimit-Policy", "X-Content-Type-Options", "Content-Security-Policy", "Content-Encoding",
	"Referrer-Policy", "Strict-Transport-Security", "X-Frame-Options", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy",
	"Permissions-Policy", "Traceparent", "Tracestate",
}

// newContract reads openapi.yaml, once for all tests of the process.
func newContract(t testing.TB) *contract {
	t.Helper()
	c, err := suite()
	if err != nil {
		t.Fatalf("openapi.yaml: %v", err)
	}
	return c
}

// check fails the test if the reply is not as openapi.yaml has it or, when it
// is a success, the request wasn't: what is sent wrongly on purpose must be
// refused, and that is all. Bodies are as they are without Content-Encoding.
// It remembers the operation's status for everyStatusSeen.
func (c *contract) check(t testing.TB, req *http.Request, reqBody []byte, resp *http.Response, respBody []byte) {
	t.Helper()
	for _, breach := range c.breaches(req, reqBody, resp, respBody) {
		t.Errorf("%s %s, %d: %s", req.Method, req.URL.Path, resp.StatusCode, breach)
	}
}

func (c *contract) breaches(req *http.Request, reqBody []byte, resp *http.Response, respBody []byte) (all []string) {
	route, err := c.routes.FindRoute(req)
	if err != nil || route == nil || route.Operation == nil {
		return unrouted(resp)
	}
	documented, explicit := documentedAs(route.Operation, resp.StatusCode)
	if documented == nil {
		return []string{"openapi.yaml does not have this status of " + route.Operation.OperationId}
	}
	if orderedmap.Len(documented.Content) == 0 && len(respBody) > 0 {
		all = append(all, "there should be no body")
	}
	all = append(all, strangers(resp, documented)...)
	validating.Lock()
	defer validating.Unlock()
	if resp.StatusCode < http.StatusBadRequest {
		ok, errs := c.limits.ValidateHttpRequestSync(withBody(req, reqBody))
		all = append(all, told(ok, errs)...)
	}
	ok, errs := c.limits.ValidateHttpResponse(withBody(req, reqBody), &http.Response{
		StatusCode: resp.StatusCode, Header: resp.Header, Body: io.NopCloser(bytes.NewReader(respBody)), Request: req,
	})
	all = append(all, told(ok, errs)...)
	if explicit {
		c.seen.add(route.Operation.OperationId, resp.StatusCode)
	}
	return all
}

// byDefault are the statuses that every operation can answer with; they are
// documented by one response.
var byDefault = []int{
	http.StatusMethodNotAllowed, http.StatusNotAcceptable, http.StatusTooManyRequests,
	http.StatusInternalServerError, http.StatusServiceUnavailable,
}

func documentedAs(operation *v3.Operation, status int) (response *v3.Response, explicit bool) {
	if response, ok := operation.Responses.Codes.Get(strconv.Itoa(status)); ok {
		return response, true
	}
	if slices.Contains(byDefault, status) {
		return operation.Responses.Default, false
	}
	return nil, false
}

// unrouted judges the answer to a path or method that the contract doesn't have.
func unrouted(resp *http.Response) []string {
	refusals := []int{http.StatusUnauthorized, http.StatusNotFound, http.StatusMethodNotAllowed}
	if !slices.Contains(refusals, resp.StatusCode) || resp.Header.Get("Content-Type") != mediaProblem {
		return []string{"openapi.yaml does not have this path or method; it should be a problem with 401, 404 or 405"}
	}
	return nil
}

// strangers are headers of a reply that its description doesn't name; the
// validator looks only where some are named.
func strangers(resp *http.Response, documented *v3.Response) (lines []string) {
	known := slices.Concat(ofEveryReply, []string{"Content-Type", "Content-Length", "Date", "Cache-Control", "Vary", "Connection", "Transfer-Encoding"})
	for name := range documented.Headers.FromOldest() {
		known = append(known, name)
	}
	for name := range resp.Header {
		if !slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, name) }) {
			lines = append(lines, "openapi.yaml does not have this header here: "+name)
		}
	}
	return lines
}

// withBody is the request with its body yet to be read.
func withBody(req *http.Request, body []byte) *http.Request {
	again := req.Clone(req.Context())
	again.Body, again.ContentLength = http.NoBody, int64(len(body))
	if len(body) > 0 {
		again.Body = io.NopCloser(bytes.NewReader(body))
	}
	return again
}

// told puts the validator's findings into lines.
func told(ok bool, errs []*errors.ValidationError) (lines []string) {
	if ok {
		return nil
	}
	for _, e := range errs {
		lines = append(lines, e.Message+": "+e.Reason)
		for _, detail := range e.SchemaValidationErrors {
			lines = append(lines, fmt.Sprintf("  %s %s (%s)", detail.FieldPath, detail.Reason, detail.KeywordLocation))
		}
	}
	return lines
}

// everyStatusSeen reports whether each documented status of each operation was
// seen, and writes those that were not.
func (c *contract) everyStatusSeen(to io.Writer) bool {
	c.seen.Lock()
	defer c.seen.Unlock()
	all := true
	for _, o := range operations() {
		var missing []string
		for _, status := range o.statuses() {
			if n, _ := strconv.Atoi(status); !c.seen.of[o.id()][n] {
				missing = append(missing, status)
			}
		}
		if len(missing) > 0 {
			all = false
			_, _ = fmt.Fprintf(to, "%s (%s %s) was never seen to answer with %s\n", o.id(), o.method, o.path, strings.Join(missing, ", "))
		}
	}
	return all
}

// TestMain asks at the end of the whole suite whether all that openapi.yaml
// documents was seen. Part of a suite can't tell.
func TestMain(m *testing.M) {
	code := m.Run()
	if c, err := suite(); code == 0 && err == nil && wholeSuite() && len(c.seen.of) > 0 && !c.everyStatusSeen(os.Stderr) {
		code = 1
	}
	os.Exit(code)
}

func wholeSuite() bool {
	for _, part := range []string{"run", "skip", "list", "fuzz", "fuzzworker", "short"} {
		if f := flag.Lookup("test." + part); f != nil && f.Value.String() != "" && f.Value.String() != "false" {
			return false
		}
	}
	return true
}
