package handlers

import (
	"fmt"
	"hash/crc32"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// A token speaks for its user until it is revoked or expires, or the user or
// the organisation is no longer active: from the next request on.
func TestTokensEnd(t *testing.T) {
	t.Parallel()
	s := start(t)
	made := s.as("jurist").create("/v1/tokens", fmt.Sprintf(`{"name": "short", "expires_at": %q}`, time.Now().Add(time.Hour).UTC().Format(time.RFC3339)))
	short := &person{s: s, token: made.str("token")}
	if !strings.HasPrefix(short.token, "onw_") || len(short.token) != 4+43+6 {
		t.Errorf("the token is %q", short.token)
	}
	short.do("GET", "/v1/me", "").want(200)
	last := "x"
	if strings.HasSuffix(short.token, last) {
		last = "y"
	}
	for _, wrong := range []string{"", "onw_", short.token[:52] + last, strings.ToUpper(short.token), "Bearer " + short.token} {
		(&person{s: s, token: wrong}).do("GET", "/v1/me", "").want(401, "unauthenticated")
	}
	if got := s.as("jurist").do("GET", "/v1/tokens", ""); strings.Contains(string(got.body), short.token) || got.str("items", 1, "last_used_at") == "" {
		t.Errorf("%s", got.body)
	}
	s.now.advance(2 * time.Hour)
	short.do("GET", "/v1/me", "").want(401)

	second := s.as("jurist").create("/v1/tokens", `{"name": "second"}`)
	other := &person{s: s, token: second.str("token")}
	s.as("colleague").do("DELETE", "/v1/tokens/"+second.str("id"), "").want(404)
	other.do("DELETE", "/v1/tokens/"+second.str("id"), "").want(204)
	other.do("GET", "/v1/me", "").want(401)
	s.as("jurist").do("DELETE", "/v1/tokens/"+second.str("id"), "").want(404)
	s.as("jurist").do("POST", "/v1/tokens", `{"name": "long", "expires_at": "2199-01-01T00:00:00Z"}`).want(422)

	s.as("network").do("PATCH", "/v1/users/"+s.as("colleague").user.ID.String(), `{"active": false}`, "If-Match: *").want(200)
	s.as("colleague").do("GET", "/v1/me", "").want(401)
	s.as("network").do("DELETE", "/v1/organisations/"+s.bar.ID.String(), "", "If-Match: *").want(204)
	s.as("jurist").do("GET", "/v1/me", "").want(401)
}

// tokenShape is what a scanner for leaked secrets looks for.
var tokenShape = regexp.MustCompile(`^onw_[0-9A-Za-z]{43}[0-9A-Za-z]{6}$`)

// sum is the checksum of a token's first 47 signs: their CRC-32 in base 62.
func sum(of string) string {
	const digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	text, n := "", crc32.ChecksumIEEE([]byte(of))
	for range 6 {
		text, n = string(digits[n%62])+text, n/62
	}
	return text
}

// A token can be told from a text, is shown once, and is no token as soon as
// one sign of it is another.
func TestTokensAreShownOnce(t *testing.T) {
	t.Parallel()
	s := start(t)
	jurist := s.as("jurist")
	made := jurist.create("/v1/tokens", `{"name": "a script"}`)
	token := made.str("token")
	if !tokenShape.MatchString(token) || token[47:] != sum(token[:47]) {
		t.Errorf("the token is %q, its checksum %s", token, sum(token[:47]))
	}
	if made.header.Get("Location") != "/v1/tokens/"+made.str("id") || made.header.Get("ETag") != "" || made.str("user_id") != jurist.user.ID.String() {
		t.Errorf("%v %s", made.header, made.body)
	}
	if lasts := (item{"at": made.str("expires_at")}).when("at").Sub(item{"at": made.str("created_at")}.when("at")); lasts != 90*24*time.Hour {
		t.Errorf("it lasts for %s", lasts)
	}
	for at := range token {
		other := "0"
		if token[at] == '0' {
			other = "1"
		}
		if wrong := token[:at] + other + token[at+1:]; at%7 == 0 || at > 46 {
			(&person{s: s, token: wrong}).do("GET", "/v1/me", "").want(401, "unauthenticated")
		}
	}
	// A right checksum does not make it one.
	forged := "onw_" + strings.Repeat("7", 43)
	(&person{s: s, token: forged + sum(forged)}).do("GET", "/v1/me", "").want(401, "unauthenticated")
	// Nor does the database, without it.
	spare := jurist.create("/v1/tokens", `{"name": "spare"}`).str("id")
	for wrong, status := range map[string]int{forged + sum("another"): 401, forged + sum(forged): 200} {
		s.asSuperuser(fmt.Sprintf(`UPDATE tokens SET hash = sha256('%s') WHERE id = '%s'`, wrong, spare))
		(&person{s: s, token: wrong}).do("GET", "/v1/me", "").want(status)
	}
	got := jurist.do("GET", "/v1/tokens", "").want(200)
	got.silent("the list of tokens", token, token[:20], `"token":`)
	(&person{s: s, token: token}).do("GET", "/v1/me", "").want(200)
	for scheme, status := range map[string]int{"bearer": 200, "BEARER": 200, "Basic": 401, "Token": 401, "": 401} {
		got := s.as("nobody").do("GET", "/v1/me", "", "Authorization: "+scheme+" "+token).want(status)
		if (got.header.Get("WWW-Authenticate") == "") != (status == 200) {
			t.Errorf("WWW-Authenticate: %q", got.header.Get("WWW-Authenticate"))
		}
	}
}

// The last use of a token is kept, to the minute.
func TestLastUse(t *testing.T) {
	t.Parallel()
	s := start(t)
	made := s.as("jurist").create("/v1/tokens", `{"name": "a script"}`)
	if made.at("last_used_at") != nil || made.at("revoked_at") != nil {
		t.Errorf("%s", made.body)
	}
	script := &person{s: s, token: made.str("token")}
	used := func() string {
		t.Helper()
		for _, x := range s.as("jurist").items("/v1/tokens") {
			if x.str("id") == made.str("id") {
				return x.str("last_used_at")
			}
		}
		t.Fatal("the token is not in the list")
		return ""
	}
	if used() != "" {
		t.Errorf("it was used %s", used())
	}
	script.do("GET", "/v1/me", "").want(200)
	first := used()
	s.now.advance(50 * time.Second)
	script.do("GET", "/v1/me", "").want(200)
	if first == "" || used() != first {
		t.Errorf("used %s, and within a minute %s", first, used())
	}
	s.now.advance(30 * time.Second)
	script.do("GET", "/v1/me", "").want(200)
	if used() <= first {
		t.Errorf("used %s, and after a minute %s", first, used())
	}
}

// Tokens are their user's own; an admin makes and ends those of the people it
// manages, without seeing the rest.
func TestWhoseTokens(t *testing.T) {
	t.Parallel()
	s := start(t)
	clerk := s.addPerson("clerk", s.unitar, nil, "partner")
	made := s.as("admin").create("/v1/tokens", fmt.Sprintf(`{"name": "for the clerk", "user_id": %q}`, clerk.user.ID))
	theirs := &person{s: s, token: made.str("token")}
	if got := theirs.do("GET", "/v1/me", "").want(200); got.str("id") != clerk.user.ID.String() || got.str("token_id") != made.str("id") {
		t.Errorf("%s", got.body)
	}
	if got := s.as("clerk").walk("/v1/tokens", 1); len(got) != 2 || got[1] != made.str("id") {
		t.Errorf("%v", got)
	}
	at := "/v1/tokens/" + made.str("id")
	for _, who := range []string{"jurist", "unitar", "iom", "auditor", "admin of Geneva"} {
		if len(s.as(who).items("/v1/tokens")) != 1 {
			t.Errorf("%s lists tokens of others", who)
		}
		if who != "admin of Geneva" { // who manages its people too
			s.as(who).do("DELETE", at, "").want(404).like(s.as(who).do("DELETE", "/v1/tokens/"+uuid.NewString(), ""))
		}
	}
	for _, who := range []string{"network", "auditor", "iom", "admin of Geneva"} { // whom an admin of a desk does not manage
		id := s.as(who).items("/v1/tokens")[0].str("id")
		s.as("admin").do("DELETE", "/v1/tokens/"+id, "").want(404, "not_found")
		s.as(who).do("GET", "/v1/me", "").want(200)
	}
	s.as("admin").do("DELETE", at+"?nope=1", "").want(400)
	s.as("admin").do("DELETE", at, "").want(204)
	theirs.do("GET", "/v1/me", "").want(401, "unauthenticated")
	s.as("clerk").do("GET", "/v1/me", "").want(200) // with the other one
	if got := s.as("clerk").items("/v1/tokens"); got[1].str("revoked_at") == "" {
		t.Errorf("%v", got)
	}
	s.as("network").do("DELETE", at, "").want(404, "not_found")
	for _, wrong := range []string{`{"name": ""}`, `{"name": "x", "expires_at": "2012-01-01T00:00:00Z"}`, fmt.Sprintf(`{"name": "x", "user_id": %q}`, uuid.NewString()), `{"name": "x", "user_id": "me"}`} {
		s.as("network").do("POST", "/v1/tokens", wrong).want(422, "invalid")
	}
	soon := time.Now().Add(366*24*time.Hour - time.Minute).UTC().Format(time.RFC3339)
	late := time.Now().Add(366*24*time.Hour + time.Minute).UTC().Format(time.RFC3339)
	s.as("jurist").create("/v1/tokens", fmt.Sprintf(`{"name": "a year", "expires_at": %q}`, soon))
	s.as("jurist").do("POST", "/v1/tokens", fmt.Sprintf(`{"name": "more", "expires_at": %q}`, late)).errs(422, "/expires_at out_of_range")
}

// Whatever was made with a stolen token ends with it, and what was made with
// that; what a user made with another token lasts, and a rotation goes on.
func TestTheOffspringOfAStolenToken(t *testing.T) {
	t.Parallel()
	s := start(t)
	makes := func(with *person, name string) (*person, string) {
		made := with.create("/v1/tokens", fmt.Sprintf(`{"name": %q}`, name))
		return &person{s: s, token: made.str("token")}, made.str("id")
	}
	owner := s.as("jurist")
	stolen, id := makes(owner, "stolen")
	child, _ := makes(stolen, "child")
	grandchild, _ := makes(child, "grandchild")
	rotated, _ := makes(owner, "rotated")
	for _, item := range owner.do("GET", "/v1/tokens?limit=200", "").want(200).list("items") {
		if item, _ := item.(map[string]any); item["name"] == "child" && item["made_with"] != id {
			t.Errorf("the child is of %v, not of %s", item["made_with"], id)
		}
	}
	s.as("colleague").do("DELETE", "/v1/tokens/"+id+"?offspring=true", "").want(404)
	owner.do("DELETE", "/v1/tokens/"+id+"?offspring=perhaps", "").want(400)
	child.do("GET", "/v1/me", "").want(200)

	owner.do("DELETE", "/v1/tokens/"+id, "").want(204) // a rotation: what was made with it lasts
	stolen.do("GET", "/v1/me", "").want(401)
	grandchild.do("GET", "/v1/me", "").want(200)
	owner.do("DELETE", "/v1/tokens/"+id, "").want(404)
	owner.do("DELETE", "/v1/tokens/"+id+"?offspring=true", "").want(204)
	for _, p := range []*person{child, grandchild} {
		p.do("GET", "/v1/me", "").want(401)
	}
	for _, p := range []*person{owner, rotated} {
		p.do("GET", "/v1/me", "").want(200)
	}

	// Nobody makes one with a token while it is being ended.
	for range 10 {
		with, id := makes(owner, "racing")
		answers := together(2, func(i int) answered {
			if i == 0 {
				return owner.do("DELETE", "/v1/tokens/"+id+"?offspring=true", "")
			}
			return with.do("POST", "/v1/tokens", `{"name": "too late"}`)
		})
		if answers[0].status != 204 {
			t.Errorf("%s", answers[0].body)
		}
		if answers[1].status == 201 {
			(&person{s: s, token: answers[1].str("token")}).do("GET", "/v1/me", "").want(401)
		}
	}
}
