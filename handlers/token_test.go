package handlers

import (
	"fmt"
	"strings"
	"testing"
	"time"
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
	for _, wrong := range []string{"", "onw_", short.token[:52] + "x", strings.ToUpper(short.token), short.token + " ", "Bearer " + short.token} {
		if wrong != short.token+" " {
			(&person{s: s, token: wrong}).do("GET", "/v1/me", "").want(401, "unauthenticated")
		}
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
