package handlers

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// ofADesk says of each collection whether its records are a desk's, and so
// unknown to all other desks. A collection that is not here has not been
// thought of yet.
var ofADesk = map[string]bool{
	"training-requests": true, "case-referrals": true, "assignments": true, "queue": true, // filters of it
	"organisations": false, "desks": false, "routing-rules": false, "users": false, "tokens": false,
}

// boundary is what one caller must know nothing of: the paths of records, and
// the texts that would give one away.
type boundary struct {
	*world
	who     string
	records []string
	marks   []string
	trials  map[string]trial  // of each route, as who may do it would
	parts   map[string]string // ids of what belongs to a record, by what a path calls them
}

// within is an id in a path behind that of a record.
var within = regexp.MustCompile(`:\w+_id`)

// beyond draws it around some records, which the desk of Jeju or Geneva has.
func (w *world) beyond(who, owner string, records ...string) *boundary {
	w.t.Helper()
	b := &boundary{world: w, who: who, records: records, marks: []string{"CANARY", "MNL-0412"}, trials: w.trials()}
	for _, path := range records {
		b.marks = append(b.marks, path[strings.LastIndex(path, "/")+1:])
		if reference := w.as(owner).do("GET", path, "").want(200).str("reference"); reference != "" {
			b.marks = append(b.marks, reference)
		}
	}
	return b
}

// ask does a request and fails if the answer gives anything away.
func (b *boundary) ask(method, path, body string, headers ...string) answered {
	b.t.Helper()
	x := b.as(b.who).do(method, path, body, headers...)
	for _, mark := range b.marks {
		if strings.Contains(string(x.body), mark) && !strings.Contains(path+body, mark) {
			b.t.Errorf("%s %s tells %s of %s: %s", method, path, b.who, mark, x.body)
		}
	}
	return x
}

// closed fails unless each route answers for each of the records exactly as for
// one that is not there, whatever comes with it.
func (b *boundary) closed() {
	b.t.Helper()
	asked := 0
	for _, r := range new(Server).routes() {
		collection := strings.Split(r.Path, "/")[min(2, strings.Count(r.Path, "/"))]
		if !strings.Contains(r.Path, "/:id") || slices.Contains(r.who, "*") {
			continue
		}
		secret, known := ofADesk[collection]
		if !known {
			b.t.Errorf("%s: is a record of %s a desk's?", r.Operation, collection)
		}
		for _, record := range b.records {
			if !secret || strings.Split(record, "/")[2] != collection {
				continue
			}
			there := within.ReplaceAllStringFunc(strings.Replace(r.Path, "/v1/"+collection+"/:id", record, 1), b.part)
			absent := within.ReplaceAllString(strings.Replace(r.Path, ":id", uuid.NewString(), 1), uuid.NewString())
			for i, body := range bodies(r.Method, b.trials[r.Operation].body) {
				for j, headers := range [][]string{{"If-Match: *"}, nil, {`If-Match: "1"`, `Idempotency-Key: ` + r.Operation + record}, {`If-None-Match: "1"`}} {
					if i > 0 && j > 0 {
						break // with the right body, in every way; with others, in one
					}
					asked++
					b.ask(r.Method, there, body, headers...).want(404, "not_found").like(b.ask(r.Method, absent, body, headers...))
				}
			}
			if r.Method == http.MethodGet {
				for _, query := range []string{"?limit=1", "?limit=0", "?nope=1", "?cursor=x"} {
					b.ask(r.Method, there+query, "").want(404, "not_found").like(b.ask(r.Method, absent+query, ""))
				}
			}
		}
	}
	if asked < 80 {
		b.t.Errorf("only %d requests were tried", asked)
	}
}

// part is the id that there is for a name in a path: with any other, a route
// answers 404 whoever asks, and the test would see nothing.
func (b *boundary) part(name string) string {
	id, known := b.parts[name]
	if !known {
		b.t.Errorf("what is %s of these records?", name)
	}
	return id
}

// bodies are those that a request could come with.
func bodies(method, right string) []string {
	if method == http.MethodGet || method == http.MethodDelete {
		return []string{""}
	}
	return []string{right, "{}", "nonsense", ""}
}

// unlisted fails if any list has a trace of the records, however it is narrowed.
func (b *boundary) unlisted() {
	b.t.Helper()
	for _, r := range new(Server).routes() {
		if r.Method != http.MethodGet || strings.Contains(r.Path, ":") || slices.Contains(r.who, "*") || !strings.HasPrefix(r.Path, "/v1/") {
			continue
		}
		queries := []string{"", "?limit=200", "?overdue=true", "?overdue=false", "?kind=case_referral", "?kind=training_request", "?country=PH", "?country=PK", "?q=a", "?urgency=urgent", "?organisation=" + b.ngo.ID.String(), "?organisation=" + b.iom.ID.String()}
		for _, d := range []string{b.jeju.ID.String(), b.geneva.ID.String()} {
			queries = append(queries, "?desk="+d)
		}
		for _, mark := range b.marks {
			queries = append(queries, "?q="+mark)
		}
		for _, query := range queries {
			b.ask("GET", r.Path+query, "")
		}
	}
	for _, body := range []string{"", `{}`, fmt.Sprintf(`{"desk": %q}`, b.jeju.ID), fmt.Sprintf(`{"desk": %q}`, b.geneva.ID), `{"kind": "case_referral"}`} {
		b.ask("POST", "/v1/queue/next", body).want(204)
	}
}

// unread fails unless the caller's readings of the records are none.
func (b *boundary) unread() {
	b.t.Helper()
	for _, record := range b.records {
		n := b.count(fmt.Sprintf("SELECT count(*) FROM accesses WHERE referral_id = '%s' AND user_id = '%s'", record[strings.LastIndex(record, "/")+1:], b.as(b.who).user.ID))
		if n > 0 {
			b.t.Errorf("%s has read %s %d times", b.who, record, n)
		}
	}
}

// An admin of one desk knows nothing of what another desk has: not by any
// route, any list, or anything that it could write in a body of its own; and
// what it tried changes nothing.
func TestADeskKnowsNothingOfAnothers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.as("admin").do("POST", w.referral+"/duplicates", `{"referral_id": "`+w.twin+`", "verdict": "same_person"}`).want(201)
	planned, plan, _ := strings.Cut(w.referralPlan, "/offers/")
	awaiting, entry, _ := strings.Cut(w.referralWait, "/waiting/")
	records := []string{planned, awaiting, w.draftTraining, w.training, w.draftReferral, w.referral, w.ended, w.assignment}
	b := w.beyond("admin of Geneva", "admin", records...)
	b.parts, b.marks = map[string]string{":plan_id": plan, ":entry_id": entry}, append(b.marks, w.twin, plan, entry)
	swiss := strings.NewReplacer(`"PH"`, `"CH"`, "PH-00", "CH-GE", "MNL-0412", "GVA-1", "CANARY", "SWISS")
	own := w.as("referrer").create("/v1/case-referrals", swiss.Replace(fmt.Sprintf(aReferral, ""))).header.Get("Location")
	b.ask("POST", own+"/transitions", `{"action": "take"}`, "If-Match: *").want(200)

	before := w.rows()
	b.closed()
	b.unlisted()
	for _, id := range []string{w.referral[len(referrals):], w.twin, w.ended[len(referrals):]} {
		b.ask("POST", own+"/duplicates", fmt.Sprintf(`{"referral_id": %q, "verdict": "same_person"}`, id)).want(422).
			like(b.ask("POST", own+"/duplicates", fmt.Sprintf(`{"referral_id": %q, "verdict": "same_person"}`, uuid.New())))
	}
	b.ask("POST", own+"/override-approvals", fmt.Sprintf(`{"consent_id": %q}`, w.unapproved)).
		like(b.ask("POST", own+"/override-approvals", fmt.Sprintf(`{"consent_id": %q}`, uuid.New())))
	if after := w.rows(); after != before {
		t.Errorf("there were %s, and now are %s", before, after)
	}
	b.unread()
	w.agrees()

	// All of it is there, for the desk that has it.
	for _, path := range records {
		w.as("admin").do("GET", path, "").want(200)
	}
	for _, list := range []string{"/v1/training-requests", "/v1/case-referrals", "/v1/assignments", "/v1/queue"} {
		if len(w.as("admin").walk(list, 50)) == 0 {
			t.Errorf("%s of Jeju is empty", list)
		}
	}
}

// A case that is handed over goes with all that belongs to it. The desk that
// takes it on reads why, and all else; the desk that gave it away is left with
// nothing of it, and its owner reads where it is.
func TestAHandOverIsWhole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old, next, owner := w.as("admin"), w.as("admin of Geneva"), w.as("referrer")
	made := w.refer("referrer", aName, "")
	twin := w.refer("stranger", anAlias, "")
	path := made.header.Get("Location")
	old.do("POST", path+"/duplicates", fmt.Sprintf(`{"referral_id": %q, "verdict": "same_person"}`, twin.str("id"))).want(201)
	override := owner.do("POST", path+"/consents", anOverride).want(201).str("id")
	old.fire(path, "take", "").want(200)
	old.fire(path, "open", `, "urgency": "urgent", "services": ["child_protection"]`).want(200)
	plan := old.do("POST", path+"/offers", fmt.Sprintf(`{"organisations": [%q, %q], "service": "child_protection", "message": "CANARY plan"}`, w.iom.ID, w.bystanders.ID)).want(201).str("id")
	entry := old.do("POST", path+"/waiting", awaited(care, w.full)).want(201).str("id")
	at := assignments + old.items(path + "/assignments")[0].str("id")
	w.as("iom").fire(at, "accept", "").want(200)
	w.as("iom").fire(at, "return", `, "reason": {"code": "moved_away", "note": "CANARY return"}`).want(200)
	owner.fire(path, "withdraw", `, "reason": {"code": "person_declined"}`).want(200)
	old.fire(path, "reopen", `, "reason": {"code": "appeal"}`).want(200)
	old.fire(path, "set_legal_hold", `, "reason": {"code": "court_order"}`).want(200)
	before := old.do("GET", path, "").want(200)
	history := old.history(path)
	consents := old.do("GET", path+"/consents", "").want(200)
	plans := old.do("GET", path+"/offers", "").want(200)
	waits := old.do("GET", path+"/waiting", "").want(200)
	export := old.do("GET", path+"/export", "").want(200)
	moved := old.fire(path, "transfer", fmt.Sprintf(`, "desk": %q, "reason": {"code": "conflict_of_interest", "note": "CANARY why"}`, w.geneva.ID)).want(200)
	moved.silent("the reply", "CANARY", "MNL-0412", "A boy")

	// The desk that takes it on.
	if got := next.walk("/v1/queue", 50); !slices.Equal(got, []string{made.str("id")}) {
		t.Errorf("Geneva's queue is %v", got)
	}
	got := next.do("GET", path, "").want(200)
	for _, member := range []string{"reference", "subject_code", "summary", "narrative", "contact", "actions_taken", "services", "legal_hold", "consents", "created_at"} {
		if fmt.Sprint(got.at(member)) != fmt.Sprint(before.at(member)) {
			t.Errorf("%s was %v and is %v", member, before.at(member), got.at(member))
		}
	}
	if got.str("state") != "submitted" || got.str("reason") != "conflict_of_interest" || got.str("thread", len(got.list("thread"))-1, "text") != "CANARY why" {
		t.Errorf("Geneva reads %s", got.body)
	}
	if now := next.history(path); !slices.Equal(now[:len(history)], history) || len(now) != len(history)+1 {
		t.Errorf("the history is\n%s\nand was\n%s", strings.Join(now, "\n"), strings.Join(history, "\n"))
	}
	next.do("GET", path+"/consents", "").want(200).same(consents)
	if next.do("GET", path+"/offers", "").want(200).same(plans); plans.str("items", 0, "id") != plan {
		t.Errorf("the plans are %s", plans.body)
	}
	if next.do("GET", path+"/waiting", "").want(200).same(waits); waits.str("items", 0, "id") != entry {
		t.Errorf("it waits %s", waits.body)
	}
	if all := next.do("GET", path+"/assignments", "").want(200); len(all.list("items")) != 1 || all.str("items", 0, "id") != at[len(assignments):] {
		t.Errorf("Geneva finds the assignments %s", all.body)
	}
	if n := len(next.do("GET", path+"/export", "").want(200).body); n < len(export.body) {
		t.Errorf("the export has %d bytes, and had %d", n, len(export.body))
	}
	readers := ""
	for _, x := range next.items(path + "/accesses") {
		user, _ := x["user"].(map[string]any)
		readers += fmt.Sprint(user["name"], " ")
	}
	if !strings.Contains(readers, "admin ") || !strings.Contains(readers, "iom ") || !strings.Contains(readers, "admin of Geneva ") {
		t.Errorf("Geneva is told these readers: %s", readers)
	}
	w.as("network").do("POST", path+"/override-approvals", fmt.Sprintf(`{"consent_id": %q}`, override)).want(201)

	// What it is found again by is compared at its new desk, and the verdict waits for the other case.
	if got := w.duplicates("admin of Geneva", path); got != "" {
		t.Errorf("Geneva is told of a case at Jeju: %s", got)
	}
	if got := w.duplicates("admin", twin.header.Get("Location")); strings.Contains(got, made.str("reference")) {
		t.Errorf("Jeju is told of a case at Geneva: %s", got)
	}

	// The desk that gave it away, and the owner.
	b := w.beyond("admin", "admin of Geneva", path, at)
	b.marks = []string{made.str("id"), made.str("reference"), at[len(assignments):], plan, entry, "CANARY why"}
	b.parts = map[string]string{":plan_id": plan, ":entry_id": entry}
	b.closed()
	for _, list := range []string{"/v1/case-referrals", "/v1/assignments", "/v1/queue", "/v1/case-referrals?q=" + made.str("reference"), "/v1/case-referrals?desk=" + w.geneva.ID.String(), "/v1/queue?desk=" + w.geneva.ID.String()} {
		b.ask("GET", list, "").want(200)
	}
	where := owner.do("GET", path, "").want(200).str("desk")
	if name := owner.do("GET", "/v1/desks/"+where, "").want(200).str("name"); name != "Geneva" {
		t.Errorf("the owner reads that it is at %s", name)
	}

	// Both cases at one desk again: the verdict is there.
	old.fire(twin.header.Get("Location"), "take", "").want(200)
	old.fire(twin.header.Get("Location"), "transfer", fmt.Sprintf(`, "desk": %q, "reason": {"code": "workload"}`, w.geneva.ID)).want(200)
	if got := w.duplicates("admin of Geneva", path); !strings.HasSuffix(got, " same_person") || !strings.HasPrefix(got, twin.str("reference")) {
		t.Errorf("Geneva's verdict is %q", got)
	}
	w.agrees()
}
