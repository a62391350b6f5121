package handlers

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// sealedWords are the canaries of all that is kept sealed of a case, and of
// what is not.
var (
	sealedWords = strings.Fields("narrative actions method times consent-reason approval-note question answer transfer-note message hold-note return-note completion-note close-note reopen-note legal-note lifting-note erasure-note")
	plainWords  = strings.Fields("subject summary")
)

func word(of string) string { return "CANARY-" + of }

// long is so much text that PostgreSQL keeps it apart from its row, and can't
// compress it.
func long() string {
	var text strings.Builder
	for range 300 {
		text.WriteString(rand.Text())
	}
	return text.String()
}

// spellings are the ways in which a text could lie about: as it is, in
// hexadecimal, and in base 64 wherever it starts in what was encoded.
func spellings(text string) [][]byte {
	inHex := hex.EncodeToString([]byte(text))
	all := [][]byte{[]byte(text), []byte(inHex), []byte(strings.ToUpper(inHex))}
	for before := range 3 {
		for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
			whole := encoding.EncodeToString([]byte(strings.Repeat("-", before) + text + "--"))
			from, to := (before*8+5)/6, (before+len(text))*8/6 // only signs that hold nothing but text
			all = append(all, []byte(whole[from:to]))
		}
	}
	return all
}

// witness is who leads a case through all its course and keeps what was
// answered: to readings of one record, and to everything else.
type witness struct {
	*service
	mark           string // in place of CANARY
	at             string // the last assignment
	reads, replies [][]byte
}

func (w *witness) as(who, method, path, body string) answered {
	w.t.Helper()
	got := w.service.as(who).do(method, path, strings.ReplaceAll(body, "CANARY", w.mark), "If-Match: *")
	if got.status > 299 {
		w.t.Fatalf("%s %s of %s: %d %s", method, path, who, got.status, got.body)
	}
	w.replies = append(w.replies, got.body)
	return got
}

func (w *witness) read(who, path string) {
	w.t.Helper()
	w.reads = append(w.reads, w.service.as(who).do("GET", path, "").want(200).body)
}

func (w *witness) fire(who, at, action, more string) {
	w.t.Helper()
	w.as(who, "POST", at+"/transitions", fmt.Sprintf(`{"action": %q%s}`, action, more))
}

func (w *witness) offer(path string) string {
	w.t.Helper()
	w.at = w.as("admin", "POST", path+"/assignments", fmt.Sprintf(`{"organisation_id": %q, "service": "child_protection", "message": "CANARY-message"}`, w.iom.ID)).header.Get("Location")
	return w.at
}

func note(code, of string) string {
	return fmt.Sprintf(`, "reason": {"code": %q, "note": "CANARY-%s-note"}`, code, of)
}

// course leads a case through all that can be written of it, with a canary in
// each text, until it is reopened.
func (w *witness) course() (path string) {
	w.t.Helper()
	path = w.as("referrer", "POST", "/v1/case-referrals", `{"subject_code": "CANARY-subject", "draft": true`+sending(aName)+`}`).header.Get("Location")
	w.as("referrer", "PATCH", path, `{"age_band": "adult", "country": "PH", "languages": ["tl"], "services": ["child_protection"], "urgency": "urgent", "summary": "CANARY-summary",
		"narrative": "CANARY-narrative `+long()+`", "actions_taken": "CANARY-actions", "contact": {"safe_method": "CANARY-method", "safe_times": "CANARY-times"}}`)
	override := w.as("referrer", "POST", path+"/consents", `{"basis": "vital_interest", "given_by": "none", "given_at": "2012-03-29T09:00:00Z", "purposes": ["referral"], "reason": "CANARY-consent-reason"}`).str("id")
	w.fire("referrer", path, "submit", "")
	w.as("network", "POST", path+"/override-approvals", fmt.Sprintf(`{"consent_id": %q, "note": "CANARY-approval-note"}`, override))
	w.fire("admin", path, "take", "")
	w.fire("network", path, "transfer", fmt.Sprintf(`, "desk": %q`, w.geneva.ID)+note("other", "transfer"))
	w.fire("network", path, "take", "")
	w.fire("network", path, "transfer", fmt.Sprintf(`, "desk": %q`, w.jeju.ID)+note("other", "transfer"))
	w.fire("admin", path, "take", "")
	w.fire("admin", path, "request_information", `, "question": "CANARY-question"`)
	w.fire("referrer", path, "provide_information", `, "answer": "CANARY-answer"`)
	w.fire("admin", path, "open", `, "urgency": "urgent", "services": ["child_protection"]`)
	at := w.offer(path)
	w.read("iom", at)
	w.fire("iom", at, "accept", "")
	w.fire("iom", at, "start", "")
	w.fire("iom", at, "hold", note("security", "hold"))
	w.read("iom", at)
	w.fire("iom", at, "return", note("moved_away", "return"))
	at = w.offer(path)
	w.fire("iom", at, "accept", "")
	w.fire("iom", at, "start", "")
	w.fire("iom", at, "complete", `, "outcome": "helped", "note": "CANARY-completion-note"`)
	w.fire("admin", path, "set_legal_hold", note("court_order", "legal"))
	w.fire("admin", path, "lift_legal_hold", `, "note": "CANARY-lifting-note"`)
	w.fire("admin", path, "close", `, "outcome": "helped", "note": "CANARY-close-note"`)
	w.as("admin", "POST", path+"/erasure", "{"+strings.TrimPrefix(note("person_asked", "erasure"), ", ")+"}")
	w.fire("admin", path, "reopen", note("appeal", "reopen"))
	return path
}

// Of a case through all its course, what is sealed shows in the GET of one
// record, and there alone: in no list, no event, no queue, no reply to a
// change, and in no row of the database.
func TestWhatIsSealed(t *testing.T) {
	t.Parallel()
	s := start(t)
	w := &witness{service: s, mark: "CANARY"}
	path := w.course()
	w.read("referrer", path)
	w.read("admin", path)
	for _, list := range []string{"/v1/case-referrals", "/v1/assignments", "/v1/queue", path + "/events", path + "/assignments", path + "/consents", path + "/override-approvals"} {
		w.replies = append(w.replies, s.as("admin").do("GET", list, "").want(200).body)
	}
	for _, list := range []string{"/v1/case-referrals", path + "/events", path + "/consents", path + "/override-approvals"} {
		w.replies = append(w.replies, s.as("referrer").do("GET", list, "").want(200).body)
	}
	w.replies = append(w.replies, s.as("iom").do("GET", "/v1/assignments", "").want(200).body)

	seen, dump := bytes.Join(w.reads, nil), s.dump()
	for _, of := range sealedWords {
		if !bytes.Contains(seen, []byte(word(of))) {
			t.Errorf("%s is shown by no reading of a record", word(of))
		}
		if r := bytes.Join(w.replies, []byte("\n")); bytes.Contains(r, []byte(word(of))) {
			t.Errorf("%s is in a reply or a list", word(of))
		}
		for _, as := range spellings(word(of)) {
			if bytes.Contains(dump, as) {
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

// A text is found wherever it stands in what was encoded.
func TestSpellings(t *testing.T) {
	t.Parallel()
	for before := range 6 {
		for after := range 3 {
			around := []byte(rand.Text()[:before] + word("narrative") + rand.Text()[:after])
			for _, as := range []string{string(around), hex.EncodeToString(around), base64.StdEncoding.EncodeToString(around), base64.RawURLEncoding.EncodeToString(around)} {
				if !slices.ContainsFunc(spellings(word("narrative")), func(s []byte) bool { return strings.Contains(as, string(s)) }) {
					t.Errorf("it is not found in %s", as)
				}
			}
		}
	}
}
