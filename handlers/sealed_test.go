package handlers

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
)

// sealedWords are the canaries of all that is kept sealed of a case, and of
// what is not.
var (
	sealedWords = strings.Fields("narrative actions method times consent-reason approval-note question answer transfer-note message hold-note return-note completion-note close-note reopen-note")
	plainWords  = strings.Fields("subject summary")
)

func word(of string) string { return "CANARY-" + of }

// A case through all its course, with a canary in each text. What is sealed
// shows in the GET of one record, and there alone: in no list, no event, no
// queue, no reply to a change, and in no row of the database.
func TestWhatIsSealed(t *testing.T) {
	t.Parallel()
	s := start(t)
	var replies, reads [][]byte
	as := func(who, method, path, body string) answered {
		got := s.as(who).do(method, path, body, "If-Match: *")
		if got.status > 299 {
			t.Fatalf("%s %s of %s: %d %s", method, path, who, got.status, got.body)
		}
		replies = append(replies, got.body)
		return got
	}
	read := func(who, path string) { reads = append(reads, s.as(who).do("GET", path, "").want(200).body) }
	path := as("referrer", "POST", "/v1/case-referrals", `{"subject_code": "CANARY-subject", "draft": true}`).header.Get("Location")
	as("referrer", "PATCH", path, `{"age_band": "adult", "country": "PH", "languages": ["tl"], "services": ["child_protection"], "urgency": "urgent", "summary": "CANARY-summary",
		"narrative": "CANARY-narrative", "actions_taken": "CANARY-actions", "contact": {"safe_method": "CANARY-method", "safe_times": "CANARY-times"}}`)
	override := as("referrer", "POST", path+"/consents", `{"basis": "vital_interest", "given_by": "none", "given_at": "2012-03-29T09:00:00Z", "purposes": ["referral"], "reason": "CANARY-consent-reason"}`).str("id")
	fire := func(who, at, action, more string) {
		as(who, "POST", at+"/transitions", fmt.Sprintf(`{"action": %q%s}`, action, more))
	}
	note := func(code, of string) string {
		return fmt.Sprintf(`, "reason": {"code": %q, "note": "CANARY-%s-note"}`, code, of)
	}
	fire("referrer", path, "submit", "")
	as("network", "POST", path+"/override-approvals", fmt.Sprintf(`{"consent_id": %q, "note": "CANARY-approval-note"}`, override))
	fire("admin", path, "take", "")
	fire("network", path, "transfer", fmt.Sprintf(`, "desk": %q`, s.geneva.ID)+note("other", "transfer"))
	fire("network", path, "take", "")
	fire("network", path, "transfer", fmt.Sprintf(`, "desk": %q`, s.jeju.ID)+note("other", "transfer"))
	fire("admin", path, "take", "")
	fire("admin", path, "request_information", `, "question": "CANARY-question"`)
	fire("referrer", path, "provide_information", `, "answer": "CANARY-answer"`)
	fire("admin", path, "open", `, "urgency": "urgent", "services": ["child_protection"]`)
	offer := func() string {
		return as("admin", "POST", path+"/assignments", fmt.Sprintf(`{"organisation_id": %q, "service": "child_protection", "message": "CANARY-message"}`, s.iom.ID)).header.Get("Location")
	}
	at := offer()
	read("iom", at)
	fire("iom", at, "accept", "")
	fire("iom", at, "start", "")
	fire("iom", at, "hold", note("security", "hold"))
	read("iom", at)
	fire("iom", at, "return", note("moved_away", "return"))
	at = offer()
	fire("iom", at, "accept", "")
	fire("iom", at, "start", "")
	fire("iom", at, "complete", `, "outcome": "helped", "note": "CANARY-completion-note"`)
	fire("admin", path, "close", `, "outcome": "helped", "note": "CANARY-close-note"`)
	fire("admin", path, "reopen", note("appeal", "reopen"))
	read("referrer", path)
	read("admin", path)
	for _, list := range []string{"/v1/case-referrals", "/v1/assignments", "/v1/queue", path + "/events", path + "/assignments", path + "/consents", path + "/override-approvals"} {
		replies = append(replies, s.as("admin").do("GET", list, "").want(200).body)
	}
	for _, list := range []string{"/v1/case-referrals", path + "/events", path + "/consents", path + "/override-approvals"} {
		replies = append(replies, s.as("referrer").do("GET", list, "").want(200).body)
	}
	replies = append(replies, s.as("iom").do("GET", "/v1/assignments", "").want(200).body)

	seen, dump := bytes.Join(reads, nil), s.dump()
	for _, of := range sealedWords {
		if !bytes.Contains(seen, []byte(word(of))) {
			t.Errorf("%s is shown by no reading of a record", word(of))
		}
		if r := bytes.Join(replies, []byte("\n")); bytes.Contains(r, []byte(word(of))) {
			t.Errorf("%s is in a reply or a list", word(of))
		}
		for _, as := range []string{word(of), hex.EncodeToString([]byte(word(of))), base64.StdEncoding.EncodeToString([]byte(word(of)))} {
			if bytes.Contains(dump, []byte(as)) {
				t.Errorf("%s is in the database as %s", word(of), as)
			}
		}
	}
	for _, of := range plainWords { // which proves that the dump has what there is
		if !bytes.Contains(dump, []byte(word(of))) {
			t.Errorf("the dump lacks %s", word(of))
		}
	}
}
