package handlers

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"onward/fault"

	"github.com/go-playground/validator/v10"
	"github.com/labstack/echo/v4"
)

// Codes of query parameters that can't be, in the errors of a malformed problem.
const (
	codeUnknownParameter  fault.Code = "unknown_parameter"
	codeRepeatedParameter fault.Code = "repeated_parameter"
	codeOutOfRange        fault.Code = "out_of_range"
	codeNotCursor         fault.Code = "not_a_cursor"
)

const (
	defaultLimit = 50
	maxLimit     = 200
)

// params reads the query strictly. Each getter names a parameter that the
// endpoint has, and gives its value or the zero value if it was not sent; what
// can't be is collected, and done refuses it all at once:
//
//	p := query(c)
//	states, limit := p.codes("state", all...), p.limit()
//	if err := p.done(); err != nil { return err }
type params struct {
	list   *url.URL
	sent   url.Values
	known  map[string]bool
	fields []fault.Field
	broken error
}

func query(c echo.Context) *params {
	p := &params{list: c.Request().URL, known: make(map[string]bool)}
	// URL.Query would drop a pair that it can't decode.
	p.sent, p.broken = url.ParseQuery(c.Request().URL.RawQuery)
	return p
}

// done refuses what the getters before it could not take, and every parameter
// that none of them named. Errors: malformed, each field's pointer being ?name.
func (p *params) done() error {
	if p.broken != nil {
		return fault.Shape("The query is not percent-encoded name=value pairs with & between them.").Because(p.broken)
	}
	for name := range p.sent {
		if !p.known[name] {
			p.refuse(name, codeUnknownParameter, "There is no such parameter here.")
		}
	}
	if len(p.fields) == 0 {
		return nil
	}
	slices.SortFunc(p.fields, func(a, b fault.Field) int { return strings.Compare(a.Pointer, b.Pointer) })
	return fault.Shape("Some query parameters can't be read; see errors.", p.fields[:min(len(p.fields), maxFields)]...)
}

func (p *params) refuse(name string, code fault.Code, detail string) {
	if len(name) > 64 || !utf8.ValidString(name) { // a made-up name may be of any length
		name = ""
	}
	p.fields = append(p.fields, fault.Field{Pointer: "?" + name, Code: code, Detail: detail})
}

// one gives the value of a parameter that occurs at most once.
func (p *params) one(name string) (value string, ok bool) {
	p.known[name] = true
	switch values := p.sent[name]; len(values) {
	case 0:
		return "", false
	case 1:
		return values[0], true
	}
	p.refuse(name, codeRepeatedParameter, "This parameter can be sent only once.")
	return "", false
}

// search is one line of at most so many characters, sent as q.
func (p *params) search(maxRunes int) string { return p.words("q", maxRunes) }

// words is one line of at most so many characters.
func (p *params) words(name string, maxRunes int) string {
	value, ok := p.one(name)
	switch {
	case !ok:
		return ""
	case !utf8.ValidString(value) || !isLine(value):
		p.refuse(name, codeNotLine, explanations["line"].detail)
	case utf8.RuneCountInString(value) > maxRunes:
		p.refuse(name, codeTooLong, fmt.Sprintf("This must have at most %d characters.", maxRunes))
	default:
		return value
	}
	return ""
}

// code is one of the allowed codes.
func (p *params) code(name string, allowed ...string) string {
	if value, ok := p.one(name); ok {
		return p.listed(name, value, allowed)
	}
	return ""
}

// codes are some of the allowed codes, each by a parameter of its own; what is
// sent twice counts once.
func (p *params) codes(name string, allowed ...string) (chosen []string) {
	p.known[name] = true
	for _, value := range p.sent[name] {
		if p.listed(name, value, allowed) == "" {
			return nil
		}
		if !slices.Contains(chosen, value) {
			chosen = append(chosen, value)
		}
	}
	return chosen
}

func (p *params) listed(name, value string, allowed []string) string {
	if !slices.Contains(allowed, value) {
		code, detail := unknownCode(allowed)
		p.refuse(name, code, detail)
		return ""
	}
	return value
}

var plain = validator.New()

// valid is a value that the validator's rule takes.
func (p *params) valid(name, rule string) string {
	value, ok := p.one(name)
	if ok && plain.Var(value, rule) != nil {
		p.refuse(name, explanations[rule].code, explanations[rule].detail)
		return ""
	}
	return value
}

// id is a UUID, in lower case.
func (p *params) id(name string) string { return strings.ToLower(p.valid(name, "uuid")) }

// country is a code of ISO 3166-1 alpha-2.
func (p *params) country(name string) string { return p.valid(name, "iso3166_1_alpha2") }

// instant is the grammar of RFC 3339, to which package time doesn't quite hold
// (https://go.dev/issue/54580).
var instant = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)

// time is an instant of RFC 3339. The zero time says that it was not sent, and
// so can't be sent.
func (p *params) time(name string) time.Time {
	value, ok := p.one(name)
	if !ok {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, value)
	if err != nil || !instant.MatchString(value) || t.IsZero() {
		p.refuse(name, codeNotTime, "This must be a time with its zone (RFC 3339), such as 2012-03-29T09:00:00Z; + is written %2B.")
		return time.Time{}
	}
	return t
}

// boolean is true, false, or nil if it was not sent.
func (p *params) boolean(name string) *bool {
	value, ok := p.one(name)
	if !ok {
		return nil
	}
	if value != "true" && value != "false" {
		p.refuse(name, codeNotBoolean, "This must be true or false.")
		return nil
	}
	yes := value == "true"
	return &yes
}

// yes is true if true was sent.
func (p *params) yes(name string) bool {
	said := p.boolean(name)
	return said != nil && *said
}

var wholeNumber = regexp.MustCompile(`^[1-9][0-9]{0,5}$`)

// limit is how many items a page has at most: 1 to 200, 50 if it was not sent.
func (p *params) limit() int { return p.number("limit", defaultLimit, maxLimit) }

// number is a whole number from 1 on, or what is usual if it was not sent.
func (p *params) number(name string, usual, most int) int {
	value, ok := p.one(name)
	if !ok {
		return usual
	}
	n, _ := strconv.Atoi(value)
	if !wholeNumber.MatchString(value) || n > most {
		p.refuse(name, codeOutOfRange, fmt.Sprintf("This must be a whole number from 1 to %d.", most))
		return usual
	}
	return n
}

// sort is one of the orders that the list has; the first is the usual one.
func (p *params) sort(orders ...string) string {
	if order := p.code("sort", orders...); order != "" {
		return order
	}
	return orders[0]
}

// cursor is where the page before ended, nil on the first page. A cursor that
// was altered, or given for other parameters, is refused.
func (p *params) cursor(cs *cursors) *position {
	value, ok := p.one("cursor")
	if !ok {
		return nil
	}
	at, ok := cs.open(p.list, value)
	if !ok {
		p.refuse("cursor", codeNotCursor, "This must be a cursor as it was given, with the parameters that it was given for.")
		return nil
	}
	return &at
}
