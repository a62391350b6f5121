package handlers

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What a PATCH sends takes the place of all that was sent before.
func TestPatchedTraits(t *testing.T) {
	t.Parallel()
	s := start(t)
	other := s.refer("stranger", aName, "").str("reference")
	path := s.refer("referrer", "", `, "draft": true`).header.Get("Location")
	for _, c := range []struct{ patch, agreeing string }{
		{`{"match_traits": ` + anAlias + `}`, "name birth_year origin gender"},
		{`{"summary": "another"}`, "name birth_year origin gender"},
		{`{"gender": "masculine"}`, "name birth_year origin gender"},
		{`{"gender": "feminine"}`, "name birth_year origin"},
		{`{"gender": "masculine"}`, "name birth_year origin"}, // for what it was made of is gone
		{`{"gender": null, "match_traits": ` + aName + `}`, "name birth_year origin"},
		{`{"gender": "masculine", "match_traits": ` + aName + `}`, "name birth_year origin gender"},
		{`{"match_traits": {"birth_year": 1999}}`, "-"}, // is not merged with a name that nobody kept
		{`{"match_traits": ` + aName + `}`, "name birth_year origin gender"},
		{`{"match_traits": {"name": "José Dela Cruz", "birth_year": null, "origin": "PH"}}`, "name origin gender"},
		{`{"match_traits": {}}`, "-"},
		{`{"match_traits": ` + aName + `}`, "name birth_year origin gender"},
		{`{"match_traits": null}`, "-"},
		{`{"match_traits": ` + aName + `}`, "name birth_year origin gender"},
	} {
		s.as("referrer").do("PATCH", path, c.patch, "If-Match: *").want(200)
		if got := s.drafted(path); got != c.agreeing {
			t.Errorf("after %s, %s agree, want %s", c.patch, got, c.agreeing)
		}
	}
	s.as("referrer").fire(path, "submit", "").want(200)
	if got := s.duplicates("admin", path); got != other+": name birth_year origin gender" {
		t.Errorf("submitted: %s", got)
	}
	// An admin edits in triage, but can't try names.
	s.as("admin").fire(path, "take", "").want(200)
	s.as("admin").do("PATCH", path, `{"match_traits": `+aName+`}`, "If-Match: *").want(422).blames("/match_traits", "owner_only")
	s.as("admin").do("PATCH", path, `{"match_traits": null}`, "If-Match: *").want(422).blames("/match_traits", "owner_only")
	s.as("admin").do("PATCH", path, `{"gender": "feminine"}`, "If-Match: *").want(200)
	if got := s.duplicates("admin", path); got != other+": name birth_year origin" {
		t.Errorf("after the admin's edit: %s", got)
	}
	s.agrees()
}

// drafted is what would agree if a draft of masculine gender, or of none, were
// submitted now: the same traits, sent by somebody else, share its tokens.
func (s *service) drafted(path string) string {
	s.t.Helper()
	labels := s.column("SELECT string_agg(DISTINCT trait, ' ') FROM match_tokens a JOIN match_tokens b USING (token), unnest(string_to_array(a.traits, '+')) trait WHERE a.referral_id <> b.referral_id AND a.referral_id = '" + path[len(referrals):] + "'")
	if labels == "" {
		return "-"
	}
	all := strings.Fields(labels)
	order := []string{"name", "birth_year", "origin", "gender"}
	slices.SortFunc(all, func(a, b string) int { return slices.Index(order, a) - slices.Index(order, b) })
	return strings.Join(all, " ")
}

// blames fails unless the answer is of one member, with a code.
func (x answered) blames(pointer, code string) {
	x.t.Helper()
	if len(x.list("errors")) != 1 || x.str("errors", 0, "pointer") != pointer || x.str("errors", 0, "code") != code {
		x.t.Errorf("it names %s, want %s %s", x.body, pointer, code)
	}
}

func TestBadTraits(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.refer("referrer", "", `, "draft": true`).header.Get("Location")
	next := s.now.now().UTC().Year() + 1
	for _, c := range []struct {
		traits, pointer, code string
		status                int
	}{
		{`{"name": "` + strings.Repeat("é", 201) + `"}`, "/name", "too_long", 422},
		{`{"name": " "}`, "/name", "not_one_line", 422},
		{`{"name": "a\nb"}`, "/name", "not_one_line", 422},
		{`{"birth_year": 1899}`, "/birth_year", "too_small", 422},
		{`{"birth_year": 0}`, "/birth_year", "too_small", 422},
		{fmt.Sprintf(`{"birth_year": %d}`, next), "/birth_year", "in_future", 422},
		{`{"origin": "Philippines"}`, "/origin", "not_a_country", 422},
		{`{"origin": "XX"}`, "/origin", "not_a_country", 422},
		{`{"birth_year": "1999"}`, "/birth_year", "wrong_type", 400},
		{`{"Name": "CANARY"}`, "/Name", "unknown_member", 400},
		{`"CANARY"`, "", "wrong_type", 400},
		{`["CANARY"]`, "", "wrong_type", 400},
	} {
		for _, got := range []answered{
			s.as("referrer").do("POST", "/v1/case-referrals", fmt.Sprintf(aReferral, sending(c.traits))),
			s.as("referrer").do("PATCH", path, `{"match_traits": `+c.traits+`}`, "If-Match: *"),
		} {
			got.want(c.status).blames("/match_traits"+c.pointer, c.code)
		}
	}
	s.refer("referrer", `{"name": "`+strings.Repeat("é", 200)+`", "birth_year": `+fmt.Sprint(next-1)+`}`, "")
	s.refer("referrer", `{"birth_year": 1900}`, "")
	if s.column("SELECT count(*) FROM match_tokens") != "1" {
		t.Error("what was refused has left tokens")
	}
}

// year is the year of birth that was sent, by itself: ids and times have such
// digits within.
var year = regexp.MustCompile(`(^|[^0-9a-z.])1931([^0-9a-z]|$)`)

// What was sent of a person is nowhere: in no table, log, event or answer.
func TestTraitsAreKeptNowhere(t *testing.T) {
	t.Parallel()
	s := start(t)
	const traits = `{"name": "Canary Wharfinger", "birth_year": 1931, "origin": "VU"}`
	var answers []answered
	send := func(who, method, path, body string, headers ...string) answered {
		a := s.as(who).do(method, path, body, headers...)
		answers = append(answers, a)
		return a
	}
	body := fmt.Sprintf(aReferral, sending(traits))
	path := send("referrer", "POST", "/v1/case-referrals", body, "Idempotency-Key: canary").want(201).header.Get("Location")
	send("referrer", "POST", "/v1/case-referrals", body, "Idempotency-Key: canary").want(201)
	send("referrer", "POST", "/v1/case-referrals", strings.Replace(body, `"PH"`, `"Canary"`, 1)).want(422)
	send("referrer", "POST", "/v1/case-referrals", strings.Replace(body, `1931`, `"Canary"`, 1)).want(400)
	send("stranger", "POST", "/v1/case-referrals", body).want(201)
	draft := send("referrer", "POST", "/v1/case-referrals", `{"draft": true, "match_traits": `+traits+`}`).want(201).header.Get("Location")
	send("referrer", "PATCH", draft, `{"match_traits": `+traits+`}`, "If-Match: *").want(200)
	send("referrer", "PATCH", draft, `{"match_traits": `+traits+`, "urgency": "Canary"}`, "If-Match: *").want(422)
	for _, who := range []string{"referrer", "admin"} {
		for _, at := range []string{path, path + "/events", "/v1/case-referrals", draft} {
			send(who, "GET", at, "").want(200)
		}
	}
	send("admin", "GET", path+"/duplicates", "").want(200)
	send("admin", "GET", "/v1/queue", "").want(200)
	s.as("admin").fire(path, "take", "").want(200)
	if s.duplicates("admin", path) == "" {
		t.Error("they are not even used")
	}
	// Nor is a digest of the body, which anybody could make of any name.
	if digest := sha256.Sum256([]byte("POST\x00/v1/case-referrals\x00" + body)); bytes.Contains(s.dump(), []byte(hex.EncodeToString(digest[:]))) {
		t.Error("the database holds a digest of the body under no key")
	}
	everywhere := map[string]string{"the log": s.log.String(), "the database": string(s.dump())}
	for i, a := range answers {
		everywhere[fmt.Sprintf("answer %d", i)] = string(a.body)
	}
	for where, text := range everywhere {
		for _, canary := range []string{"canary w", "wharfinger", "warfangar", "wharfangar", `vu"`, "match_traits\": {"} {
			if strings.Contains(strings.ToLower(text), canary) {
				t.Errorf("%s holds %s", where, canary)
			}
		}
		if year.MatchString(text) {
			t.Errorf("%s holds the year of birth", where)
		}
	}
}
