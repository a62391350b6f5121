package handlers

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// An export has all that was ever written of the case, and nothing of another,
// not even that a desk takes the two for one person's; the page has what the
// JSON has. A partner gets none.
func TestExport(t *testing.T) {
	t.Parallel()
	s := start(t)
	w, other := &witness{service: s, mark: "CANARY"}, &witness{service: s, mark: "OTHER"}
	path, foreign := w.course(), other.course()
	s.as("admin").do("POST", path+"/duplicates", fmt.Sprintf(`{"referral_id": %q, "verdict": "same_person"}`, foreign[len(referrals):])).want(201)
	s.as("referrer").do("POST", path+"/consents", fmt.Sprintf(`{%s, "organisations": [%q]}`, given, s.unhcr.ID)).want(201)
	for _, who := range []string{"referrer", "admin", "network"} {
		for _, media := range []string{"application/json", "text/html"} {
			got := s.as(who).do("GET", path+"/export", "", "Accept: "+media).want(200)
			for _, of := range append(sealedWords, plainWords...) {
				if !bytes.Contains(got.body, []byte(word(of))) {
					t.Errorf("%s: the export of %s lacks %s", who, media, word(of))
				}
			}
			for _, held := range []string{"IOM", "UNHCR", "referral.submitted", "assignment.returned", "2012-03-29T09:00:00Z", "An NGO in Manila"} {
				if !bytes.Contains(got.body, []byte(held)) {
					t.Errorf("%s: the export of %s lacks %s", who, media, held)
				}
			}
			if bytes.Contains(got.body, []byte("OTHER")) || bytes.Contains(got.body, []byte(foreign[len(referrals):])) {
				t.Errorf("%s: the export of %s tells of another case", who, media)
			}
			reference := s.as(who).do("GET", path, "").str("reference")
			name := reference + map[string]string{"application/json": ".json", "text/html": ".html"}[media]
			if as := got.header.Get("Content-Disposition"); as != `attachment; filename="`+name+`"` {
				t.Errorf("it is called %s", as)
			}
		}
	}
	read := s.as("referrer").do("GET", path+"/export", "").want(200)
	if n := s.count(fmt.Sprintf("SELECT count(*) FROM accesses WHERE referral_id = '%s'", path[len(referrals):])); len(read.list("readings")) != n-1 || n < 7 {
		t.Errorf("%d readings are told of %d", len(read.list("readings")), n)
	}
	if read.at("readings", 0, "user") != nil {
		t.Errorf("it tells who read: %s", read.body)
	}
	at := s.offered(s.openCase(""), "iom")
	s.as("iom").fire(at, "accept", "").want(200)
	mine := referrals + s.as("iom").do("GET", at, "").str("request", "id")
	s.as("iom").do("GET", mine+"/export", "").want(403, "wrong_role")
	for _, who := range []string{"stranger", "admin of Geneva", "iom", "auditor"} {
		s.as(who).do("GET", path+"/export", "").want(404)
	}
	s.as("admin").do("GET", path+"/export", "", "Accept: text/plain").want(406)
}

// The page escapes what was written, runs no script, and reads its codes in
// the language of who asks.
func TestExportAsAPage(t *testing.T) {
	t.Parallel()
	s := start(t)
	const evil = `</dd><script>alert(1)</script><img src=x onerror=alert(2)>`
	path := s.as("referrer").create("/v1/case-referrals", fmt.Sprintf(`{"subject_code": "MNL-0412", "narrative": %q, "age_band": "adult", "draft": true}`, evil)).header.Get("Location")
	for _, tc := range []struct{ asked, reads string }{
		{"", "Adult"}, {"fr-CH, en;q=0.5", "Adulte"}, {"de, ko;q=0.1", "성인"}, {"es;q=0, en", "Adult"},
	} {
		got := s.as("referrer").do("GET", path+"/export", "", "Accept: text/html", "Accept-Language: "+tc.asked).want(200)
		page := string(got.body)
		if strings.Contains(page, "<script") || strings.Contains(page, "<img") || !strings.Contains(page, "&lt;script&gt;alert(1)") {
			t.Errorf("what was written is not escaped: %s", page)
		}
		if !strings.Contains(page, ">"+tc.reads+"<") {
			t.Errorf("%q does not read %q: %s", tc.asked, tc.reads, page)
		}
		policy := got.header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "script-src") {
			t.Errorf("the policy is %s", policy)
		}
		if got.header.Get("Cache-Control") != "no-store" || !strings.Contains(strings.Join(got.header.Values("Vary"), ","), "Accept-Language") {
			t.Errorf("%v", got.header)
		}
	}
}

// Of an erased case the export is what is left.
func TestExportOfAnErasedCase(t *testing.T) {
	t.Parallel()
	s := start(t)
	w := &witness{service: s, mark: "CANARY"}
	path := w.course()
	w.fire("admin", path, "reject", note("other", "reject"))
	s.as("admin").erase(path).want(202)
	s.as("network").erase(path).want(200)
	got := s.as("referrer").do("GET", path+"/export", "").want(200)
	if bytes.Contains(got.body, []byte("CANARY")) || got.str("referral", "state") != "rejected" || got.at("referral", "erased_at") == nil || len(got.list("events")) == 0 {
		t.Errorf("%s", got.body)
	}
}
