package handlers

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/workflow"
)

// silent fails if an answer holds one of some texts.
func (x answered) silent(about string, texts ...string) {
	x.t.Helper()
	for _, text := range texts {
		if strings.Contains(string(x.body), text) {
			x.t.Errorf("%s tells %q: %s", about, text, x.body)
		}
	}
}

// Two partners of one case, and one whom it is offered: none learns that the
// others are there, on any path, by list, log or refusal.
func TestPartnersKnowNothingOfEachOther(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.openCase("")
	first, second := s.offered(path, "iom"), s.offered(path, "unhcr")
	third := s.as("admin").do("POST", path+"/assignments", fmt.Sprintf(`{"organisation_id": %q, "service": "child_protection", "message": "CANARY message"}`, s.bystanders.ID)).want(201).header.Get("Location")
	for who, at := range map[string]string{"iom": first, "unhcr": second} {
		s.as(who).fire(at, "accept", "").want(200)
		s.as(who).fire(at, "start", "").want(200)
		s.as(who).fire(at, "hold", fmt.Sprintf(`, "reason": {"code": "security", "note": "CANARY of %s"}`, who)).want(200)
	}
	absent := assignments + uuid.NewString()
	for who, at := range map[string]string{"iom": first, "unhcr": second, "bystander": third} {
		var others []string
		for other, its := range map[string]string{"iom": first, "unhcr": second, "bystander": third} {
			if other == who {
				continue
			}
			user := s.as(other).user
			others = append(others, its[len(assignments):], user.ID.String(), user.OrganisationID.String(), "CANARY of "+other)
			if other == "bystander" {
				others = append(others, "CANARY message")
			}
			s.as(who).do("GET", its, "").want(404).like(s.as(who).do("GET", absent, ""))
			for _, body := range []string{`{"action": "accept"}`, `{"action": "hold"}`, `nonsense`} {
				s.as(who).do("POST", its+"/transitions", body, "If-Match: *").want(404).like(s.as(who).do("POST", absent+"/transitions", body, "If-Match: *"))
			}
		}
		lists := []string{at, "/v1/assignments", "/v1/case-referrals"}
		if who != "bystander" {
			lists = append(lists, path, path+"/events")
			s.as(who).do("GET", path+"/assignments", "").want(403, "wrong_role")
			s.as(who).do("GET", path+"/consents", "").want(403, "wrong_role")
		}
		for _, list := range lists {
			s.as(who).do("GET", list, "").want(200).silent(who+" at "+list, others...)
		}
		for _, state := range workflow.Assignment.States { // a filter finds no more than the list has
			if items := s.as(who).do("GET", "/v1/assignments?state="+string(state), "").want(200).list("items"); len(items) > 1 {
				t.Errorf("%s finds %v", who, items)
			}
		}
		for other := range map[string]bool{"iom": true, "unhcr": true, "bystander": true} {
			if other != who {
				items := s.as(who).do("GET", "/v1/assignments?organisation="+s.as(other).user.OrganisationID.String(), "").want(200).list("items")
				items = append(items, s.as(who).do("GET", "/v1/case-referrals?organisation="+s.as(other).user.OrganisationID.String(), "").want(200).list("items")...)
				if len(items) > 0 {
					t.Errorf("%s finds what is %s's: %v", who, other, items)
				}
			}
		}
	}
	// Who triages and who owns the case reads all of it.
	for _, who := range []string{"admin", "referrer"} {
		if whole := s.as(who).do("GET", path, "").want(200); !strings.Contains(string(whole.body), "CANARY of iom") || !strings.Contains(string(whole.body), "CANARY of unhcr") {
			t.Errorf("%s does not read what the partners say: %s", who, whole.body)
		}
	}
}

// Two organisations that are offered one training, and what the log says to
// the one that gets it.
func TestRivalsForATraining(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.approvedTraining()
	lost, won := s.offered(path, "ewha"), s.offered(path, "unitar")
	ewha := []string{lost[len(assignments):], s.ewha.ID.String(), s.as("ewha").user.ID.String(), s.ewha.Name}
	for _, list := range []string{path, path + "/events", won, "/v1/assignments", "/v1/training-requests"} {
		s.as("unitar").do("GET", list, "").want(200).silent("unitar at "+list, ewha...)
	}
	s.as("unitar").fire(won, "accept", "").want(200).silent("the reply", ewha...)
	s.as("unitar").do("GET", path+"/events", "").want(200).silent("the log", ewha...)
	s.as("ewha").do("GET", path, "").want(404).like(s.as("ewha").do("GET", "/v1/training-requests/"+uuid.NewString(), ""))
	s.as("ewha").do("GET", path+"/events", "").want(404)
	s.as("ewha").do("GET", lost, "").want(200).silent("ewha", won[len(assignments):], s.as("unitar").user.ID.String())
	if got := s.as("ewha").do("GET", "/v1/training-requests", "").list("items"); len(got) > 0 {
		t.Errorf("%v", got)
	}
}

// A partner's search and filters are no oracle: they look at nothing that it
// does not see.
func TestSearchIsNoOracle(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.as("referrer").create("/v1/case-referrals", aCanaryCase).header.Get("Location")
	s.as("admin").fire(path, "take", "").want(200)
	s.as("admin").fire(path, "open", `, "urgency": "urgent", "services": ["child_protection"]`).want(200)
	reference := s.state(path, "open").str("reference")
	finds := func(who, query string) int {
		return len(s.as(who).do("GET", "/v1/case-referrals?"+query, "").want(200).list("items"))
	}
	at := s.offered(path, "iom")
	blind := []string{"", "q=" + reference, "state=open", "state=in_service", "urgency=urgent", "country=PH", "overdue=false", "desk=" + s.jeju.ID.String(), "organisation=" + s.ngo.ID.String()}
	for _, query := range blind {
		if finds("iom", query) != 0 {
			t.Errorf("before it accepts, IOM finds the case by %q", query)
		}
	}
	s.as("iom").fire(at, "accept", "").want(200)
	for query, want := range map[string]int{
		"": 1, "q=" + reference: 1, "q=" + reference[3:7]: 1, "country=PH": 1, "country=TH": 0,
		"q=CANARY": 0, "q=" + url.QueryEscape("CANARY subject"): 0, "q=summary": 0, "q=narrative": 0, "q=masculine": 0, "q=child_protection": 0,
	} {
		if got := finds("iom", query); got != want {
			t.Errorf("IOM finds %d by %q, want %d", got, query, want)
		}
	}
	for _, unknown := range []string{"gender=masculine", "subject_code=x", "narrative=x", "service=child_protection", "actions_taken=x", "age_band=13_17"} {
		s.as("iom").do("GET", "/v1/case-referrals?"+unknown, "").want(400, "malformed")
	}
	if finds("referrer", "q="+url.QueryEscape("CANARY subject")) != 1 || finds("admin", "q="+url.QueryEscape("CANARY summary")) != 1 || finds("admin", "q=narrative") != 0 {
		t.Error("who sees the whole case searches more than it should, or less")
	}
	s.as("iom").fire(at, "return", `, "reason": {"code": "unsafe"}`).want(200)
	for _, query := range blind {
		if finds("iom", query) != 0 {
			t.Errorf("after the end, IOM finds the case by %q", query)
		}
	}
}

// Each member that a consent can withhold is withheld, before and after the
// partner accepts, and from nobody else.
func TestWhatIsWithheld(t *testing.T) {
	t.Parallel()
	s := start(t)
	withheld := workflow.Codes("withheld")
	body := strings.Replace(aCanaryCase, `["gender", "actions_taken"]`, `["`+strings.Join(withheld, `", "`)+`"]`, 1)
	path := s.as("referrer").create("/v1/case-referrals", body).header.Get("Location")
	s.as("admin").fire(path, "take", "").want(200)
	s.as("admin").fire(path, "open", `, "urgency": "urgent", "services": ["child_protection"]`).want(200)
	at := s.offered(path, "iom")
	none := func(request any) {
		t.Helper()
		members, _ := request.(map[string]any)
		for _, name := range withheld {
			if _, has := members[name]; has {
				t.Errorf("%s is not withheld: %v", name, request)
			}
		}
		if members["country"] != "PH" || members["urgency"] != "urgent" {
			t.Errorf("what is not withheld is missing: %v", request)
		}
	}
	none(s.as("iom").do("GET", at, "").want(200).at("request"))
	none(s.as("iom").fire(at, "accept", "").want(200).at("request"))
	none(s.as("iom").do("GET", path, "").want(200).at())
	none(s.as("iom").do("GET", "/v1/case-referrals", "").want(200).at("items", 0))
	for _, list := range []string{path, path + "/events", "/v1/case-referrals", at, "/v1/assignments"} {
		s.as("iom").do("GET", list, "").want(200).silent(list, "CANARY", "ZAS", "masculine", "VU", "stateless", "organ_removal")
	}
	s.shows("referrer", path, allFields)
	s.shows("admin", path, allFields)
}

// A role and an organisation go together: neither alone opens a case.
func TestWhoIsNoPartner(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.addPerson("IOM's referrer", s.iom, nil, "referrer", "requester")
	s.addPerson("IOM's auditor", s.iom, nil, "auditor")
	s.addPerson("the NGO's partner", s.ngo, nil, "partner")
	s.addPerson("the NGO's requester", s.ngo, nil, "requester")
	path := s.openCase("")
	at := s.offered(path, "iom")
	s.as("iom").fire(at, "accept", "").want(200)
	for _, who := range []string{"IOM's referrer", "IOM's auditor", "the NGO's partner", "the NGO's requester", "stranger", "unitar", "admin of Geneva"} {
		s.hides(who, path)
		s.as(who).do("GET", at, "").want(404).like(s.as(who).do("GET", assignments+uuid.NewString(), ""))
	}
	// The auditor reads the log's metadata, and no content.
	events := s.as("auditor").do("GET", path+"/events", "").want(200)
	events.silent("the auditor", `"data"`, "CANARY")
	if len(events.list("items")) < 5 {
		t.Errorf("the auditor reads %s", events.body)
	}
	// A desk that hands a case over sees it no longer.
	path = s.as("referrer").create("/v1/case-referrals", fmt.Sprintf(aReferral, "")).header.Get("Location")
	s.as("admin").fire(path, "take", "").want(200)
	s.as("admin").fire(path, "transfer", fmt.Sprintf(`, "desk": %q, "reason": {"code": "language"}`, s.geneva.ID)).want(200).silent("the reply", "MNL-0412", "CANARY", "A boy")
	s.hides("admin", path)
	s.as("admin of Geneva").do("GET", path, "").want(200)
	s.hides("auditor", path)
}

// The words that a partner writes and reads stay in the GET of one record too.
func TestAPartnersSealedText(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.as("referrer").create("/v1/case-referrals", aCanaryCase).header.Get("Location")
	s.as("admin").fire(path, "take", "").want(200)
	s.as("admin").fire(path, "open", `, "urgency": "urgent", "services": ["child_protection"]`).want(200)
	at := s.offered(path, "iom")
	answers := []answered{s.as("iom").do("GET", at, "").want(200)}
	fire := func(do, more string) {
		t.Helper()
		answers = append(answers, s.as("iom").fire(at, do, more).want(200))
		for _, list := range []string{"/v1/case-referrals", path + "/events", "/v1/assignments"} {
			for _, who := range []string{"iom", "admin"} {
				answers = append(answers, s.as(who).do("GET", list, "").want(200))
			}
		}
		answers = append(answers, s.as("admin").do("GET", path+"/assignments", "").want(200), s.as("admin").do("GET", "/v1/queue", "").want(200))
	}
	fire("accept", "")
	fire("start", "")
	fire("hold", `, "reason": {"code": "other", "note": "CANARY note"}`)
	if whole := s.as("iom").do("GET", at, "").want(200); !strings.Contains(string(whole.body), "CANARY note") {
		t.Errorf("the partner does not read its own note: %s", whole.body)
	}
	fire("resume", "")
	fire("complete", `, "outcome": "helped", "note": "CANARY note"`)
	for _, a := range answers {
		a.silent("an answer", "CANARY narrative", "CANARY actions", "CANARY method", "CANARY times", "CANARY note", "CANARY reason")
	}
	s.now.advance(workflow.AfterCompletion + time.Hour)
	s.ended("iom", path, at)
}
