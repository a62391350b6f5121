package handlers

import (
	"html/template"
	"net/http"
	"slices"
	"strings"

	"onward/api"
	"onward/fault"

	"github.com/labstack/echo/v4"
)

// problemPage explains one code to a person who met it.
type problemPage struct {
	Code    fault.Code `json:"code"`
	Type    string     `json:"type"`
	Title   string     `json:"title"`
	Meaning string     `json:"meaning"`
	Remedy  string     `json:"remedy"`
}

// problems is the table of all codes; it is complete once it is made.
type problems struct {
	pages map[fault.Code]problemPage
}

// newProblems makes the table out of the codes below and more of them, such as
// the guards'. Type is filled in. It panics on a code that is there twice, has
// no title, or isn't snake_case.
func newProblems(more ...problemPage) *problems {
	ps := &problems{pages: make(map[fault.Code]problemPage)}
	for _, page := range slices.Concat(generalProblems, more) {
		if _, twice := ps.pages[page.Code]; twice || page.Title == "" || !isCode(string(page.Code)) {
			panic("problem page " + string(page.Code) + " is there twice, or has no title or no code")
		}
		page.Type = "/problems/" + string(page.Code)
		ps.pages[page.Code] = page
	}
	return ps
}

func isCode(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// title is the code's; a code without a page is still answered, by its status.
func (ps *problems) title(f *fault.Fault) string {
	if page, ok := ps.pages[f.Code]; ok {
		return page.Title
	}
	return http.StatusText(statuses[f.Kind])
}

// codes are those that have a page.
func (ps *problems) codes() []string {
	var all []string
	for code := range ps.pages {
		all = append(all, string(code))
	}
	slices.Sort(all)
	return all
}

// list answers GET /problems.
func (ps *problems) list(c echo.Context) error {
	if err := query(c).done(); err != nil {
		return err
	}
	var all []problemPage
	for _, code := range ps.codes() {
		all = append(all, ps.pages[fault.Code(code)])
	}
	return ps.send(c, api.Page[problemPage]{Items: all}, all...)
}

// show answers GET /problems/:code. Errors: not_found, not_acceptable.
func (ps *problems) show(c echo.Context) error {
	explained, ok := ps.pages[fault.Code(c.Param("code"))]
	if !ok {
		return fault.Absent()
	}
	if err := query(c).done(); err != nil {
		return err
	}
	return ps.send(c, explained, explained)
}

// send answers with JSON, or HTML for a browser.
func (ps *problems) send(c echo.Context, asJSON any, asHTML ...problemPage) error {
	media, err := acceptable(c, mediaJSON, "text/html")
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Cache-Control", "public, max-age=3600")
	h.Set("X-Content-Type-Options", "nosniff")
	if media == mediaJSON {
		return write(c, http.StatusOK, asJSON)
	}
	var text strings.Builder
	if err := problemHTML.Execute(&text, asHTML); err != nil {
		return err
	}
	h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	return c.HTML(http.StatusOK, text.String())
}

var problemHTML = template.Must(template.New("problems").Parse(`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Problems of Onward</title></head>
<body>
<main>
{{range .}}<section id="{{.Code}}">
<h1>{{.Title}}</h1>
<p><code>{{.Code}}</code></p>
<p>{{.Meaning}}</p>
<p>{{.Remedy}}</p>
</section>
{{end}}</main>
<p><a href="/problems">All problems</a></p>
</body>
</html>
`))

// generalProblems explains the codes of package fault.
var generalProblems = []problemPage{
	{Code: fault.CodeInternal, Title: "Something went wrong here", Meaning: "The service failed in a way that nobody foresaw. It is not your request's fault.", Remedy: "Try once more later; if it stays, report the instance, which is the request's id."},
	{Code: fault.CodeUnauthenticated, Title: "No valid credentials", Meaning: "The request has no token, or one that is unknown, expired or revoked.", Remedy: "Send Authorization: Bearer with a valid token."},
	{Code: fault.CodeNotFound, Title: "Nothing here", Meaning: "There is no such route or record, or it is not for your eyes. The answer is the same on purpose.", Remedy: "Check the address; ask an administrator if you should see the record."},
	{Code: fault.CodeWrongRole, Title: "Not for your role", Meaning: "Your role never has this function, whatever the record.", Remedy: "Ask somebody whose role has it."},
	{Code: fault.CodeTooLarge, Title: "Body too large", Meaning: "The body has more than 262144 bytes (256 KiB).", Remedy: "Send less."},
	{Code: fault.CodeUnsupported, Title: "Not a kind of body that is read", Meaning: "Bodies are JSON in UTF-8 and not compressed.", Remedy: "Send Content-Type: application/json, or application/merge-patch+json with PATCH, and no Content-Encoding."},
	{Code: fault.CodeMalformed, Title: "The request can't be read", Meaning: "The body is not the JSON that the contract reads, or a query parameter is unknown or has an impossible value. Names are exact, each occurs once, and there is nothing before or after.", Remedy: "Look at errors: each names the place by JSON pointer, or the parameter as ?name. /openapi.yaml has the contract."},
	{Code: fault.CodePrecondition, Title: "If-Match is needed", Meaning: "A change must say which version of the record it was made from, so that nobody's work is lost.", Remedy: "Read the record and send its ETag as If-Match."},
	{Code: fault.CodeStale, Title: "The record has changed", Meaning: "Somebody changed the record since you read it; nothing was written.", Remedy: "Read it again, look at what changed, and send your change with the new ETag."},
	{Code: fault.CodeWrongState, Title: "Not in this state", Meaning: "The record's state does not allow the action. State and allowed_actions tell where it is and what you can do.", Remedy: "Read the record again and choose one of its actions."},
	{Code: fault.CodeInvalid, Title: "Some values can't be so", Meaning: "The request can be read, but some members have values that are not allowed.", Remedy: "Look at errors: each names the member by JSON pointer and tells the limit or the codes."},
	{Code: fault.CodeKeyReused, Title: "Idempotency key used for something else", Meaning: "The same Idempotency-Key was sent before with another body.", Remedy: "Use a new key for a new request."},
	{Code: fault.CodeKeyInFlight, Title: "The same request is still running", Meaning: "The first request with this Idempotency-Key has no result yet.", Remedy: "Wait as long as Retry-After says, then send it again with the same key."},
	{Code: fault.CodeMethod, Title: "Not possible with this method", Meaning: "The address exists, but not for this method.", Remedy: "Use one of the methods in Allow."},
	{Code: fault.CodeNotAcceptable, Title: "No such representation", Meaning: "Accept names nothing that this address can be answered in.", Remedy: "Accept application/json, or leave Accept out."},
	{Code: fault.CodeLimited, Title: "Too many requests", Meaning: "You have used up your requests for now.", Remedy: "Wait as long as Retry-After says."},
	{Code: fault.CodeReadingLimit, Title: "Too many cases read", Meaning: "Within the last hour you have read as many different cases as your role may. Those you can still read.", Remedy: "Wait as long as Retry-After says. If your work needs more, ask whoever runs the service."},
	{Code: fault.CodeUnavailable, Title: "Not available now", Meaning: "Something that the service needs is away or too slow.", Remedy: "Wait as long as Retry-After says and send the request again; with an Idempotency-Key it takes effect once."},
}
