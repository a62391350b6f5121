package handlers

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// walk reads a list page by page and gives the ids, in order.
func (p *person) walk(list string, limit int) (ids []string) {
	p.s.t.Helper()
	join := "?"
	if strings.Contains(list, "?") {
		join = "&"
	}
	next := fmt.Sprintf("%s%slimit=%d", list, join, limit)
	for range 100 {
		page := p.do("GET", next, "").want(200)
		for i := range page.list("items") {
			ids = append(ids, page.str("items", i, "id"))
		}
		cursor := page.str("next")
		if cursor == "" {
			return ids
		}
		next = fmt.Sprintf("%s%slimit=%d&cursor=%s", list, join, limit, url.QueryEscape(cursor))
		if want := "</v1/"; !strings.HasPrefix(page.header.Get("Link"), want) || !strings.HasSuffix(page.header.Get("Link"), `rel="next"`) {
			p.s.t.Errorf("Link: %s", page.header.Get("Link"))
		}
	}
	p.s.t.Fatal("the list has no end")
	return nil
}

// Keyset pages: in each order, at each size, nothing twice and nothing lost,
// also over records with nothing due and while new ones arrive.
func TestPages(t *testing.T) {
	t.Parallel()
	s := start(t)
	const n = 7
	var made []string
	for i := range n {
		draft := fmt.Sprintf(`, "draft": %t`, i%2 == 0) // a draft has nothing due
		made = append(made, s.as("jurist").create("/v1/training-requests", fmt.Sprintf(aTraining, draft)).str("id"))
	}
	slices.Sort(made)
	for _, order := range recordOrders {
		for _, limit := range []int{1, 2, 3, 200} {
			got := s.as("jurist").walk("/v1/training-requests?sort="+order, limit)
			if slices.Sort(got); !slices.Equal(got, made) {
				t.Errorf("%s by %d: %d of %d", order, limit, len(got), n)
			}
		}
	}
	first := s.as("jurist").do("GET", "/v1/training-requests?limit=3", "").want(200)
	s.as("jurist").create("/v1/training-requests", `{"draft": true}`)
	rest := s.as("jurist").do("GET", "/v1/training-requests?limit=200&cursor="+url.QueryEscape(first.str("next")), "").want(200)
	if got := len(rest.list("items")); got != n-3 {
		t.Errorf("%d on the second page after one more was made, want %d", got, n-3)
	}
	for _, list := range []string{"/v1/organisations", "/v1/users", "/v1/desks"} {
		if one, all := s.as("network").walk(list, 2), s.as("network").walk(list, 200); !slices.Equal(one, all) || len(all) < 2 {
			t.Errorf("%s: %d, then %d", list, len(one), len(all))
		}
	}
	// A cursor is of its list alone, and can't be made.
	cursor := url.QueryEscape(first.str("next"))
	for _, list := range []string{
		"/v1/training-requests?state=draft&cursor=" + cursor, "/v1/training-requests?sort=due_at&cursor=" + cursor, "/v1/assignments?cursor=" + cursor,
		"/v1/training-requests?cursor=" + cursor + "A", "/v1/training-requests?cursor=bm90aGluZw", "/v1/training-requests?limit=0", "/v1/training-requests?limit=201",
		"/v1/training-requests?sort=owner_id", "/v1/training-requests?state=lost", "/v1/training-requests?created_after=yesterday", "/v1/training-requests?overdue=maybe",
	} {
		s.as("admin").do("GET", list, "").want(400, "malformed")
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	s := start(t)
	a := s.as("jurist").create("/v1/training-requests", fmt.Sprintf(aTraining, ""))
	b := s.as("stranger").create("/v1/training-requests", strings.NewReplacer("Paralegal training", `100%_\\ sure`, `"PK"`, `"CH"`, "PK-PB", "CH-GE").Replace(fmt.Sprintf(aTraining, "")))
	c := s.as("referrer").create("/v1/case-referrals", fmt.Sprintf(aReferral, ""))
	find := func(who, list string, want ...answered) {
		t.Helper()
		var ids []string
		for _, w := range want {
			ids = append(ids, w.str("id"))
		}
		got := s.as(who).walk(list, 200)
		if slices.Sort(ids); !slices.Equal(slices.Sorted(slices.Values(got)), ids) {
			t.Errorf("%s %s: %v, want %v", who, list, got, ids)
		}
	}
	const list = "/v1/training-requests"
	find("network", list, a, b)
	find("admin", list, a) // Switzerland is Geneva's
	find("admin of Geneva", list, b)
	find("jurist", list, a)
	find("colleague", list, a)
	find("stranger", list, b)
	find("unitar", list)
	find("network", list+"?country=CH", b)
	find("network", list+"?desk="+s.jeju.ID.String(), a)
	find("network", list+"?organisation="+s.bar.ID.String(), a)
	find("network", list+"?state=submitted&state=draft", a, b)
	find("network", list+"?state=draft")
	find("network", list+"?q="+url.QueryEscape(`0%_\`), b)
	find("network", list+"?q=paralegal", a)
	find("network", list+"?q="+url.QueryEscape(a.str("reference")), a)
	find("network", list+"?q=%25%25%25")
	find("network", list+"?created_after="+url.QueryEscape(a.str("created_at")), b)
	find("network", list+"?overdue=true")
	find("admin", "/v1/case-referrals?urgency=urgent&q=MNL-0412", c)
	find("admin", "/v1/case-referrals?urgency=normal")
	find("stranger", "/v1/case-referrals")
	find("admin", "/v1/queue", a, c)
	find("admin", "/v1/queue?kind=case_referral", c)
	s.now.advance(30 * 24 * time.Hour)
	find("network", list+"?overdue=true", a, b)
	find("network", "/v1/queue?overdue=true&urgency=urgent", c)
	find("network", "/v1/queue?overdue=false")
}

// A request goes to the desk of its country, and by a transfer to another,
// with its history; the old desk then knows nothing of it.
func TestRoutingAndTransfer(t *testing.T) {
	t.Parallel()
	s := start(t)
	elsewhere := s.as("jurist").create("/v1/training-requests", strings.NewReplacer(`"PK"`, `"TV"`, "PK-PB", "TV-FUN").Replace(fmt.Sprintf(aTraining, "")))
	if elsewhere.str("desk") != s.jeju.ID.String() {
		t.Errorf("a country without a desk is not the default desk's: %s", elsewhere.body)
	}
	path := s.as("referrer").create("/v1/case-referrals", fmt.Sprintf(aReferral, "")).header.Get("Location")
	s.as("admin").fire(path, "take", "").want(200)
	to := func(desk string) string { return fmt.Sprintf(`, "desk": %q, "reason": {"code": "language"}`, desk) }
	s.as("admin").fire(path, "transfer", to(s.jeju.ID.String())).want(409, "same_desk")
	s.as("admin").fire(path, "transfer", to("01a20c00-0000-7000-8000-000000000000")).want(422, "invalid")
	moved := s.as("admin").fire(path, "transfer", to(s.geneva.ID.String())).want(200)
	if moved.str("state") != "submitted" || moved.str("desk") != s.geneva.ID.String() || moved.has("subject_code") {
		t.Errorf("%s", moved.body)
	}
	s.hides("admin", path)
	s.as("admin of Geneva").do("GET", path, "").want(200)
	events := s.as("admin of Geneva").do("GET", path+"/events", "").want(200)
	var names []string
	for i := range events.list("items") {
		names = append(names, events.str("items", i, "name"))
	}
	if want := []string{"referral.submitted", "referral.taken", "referral.transferred"}; !slices.Equal(names, want) {
		t.Errorf("the history is %v", names)
	}
	if got := s.as("auditor").do("GET", path+"/events", "").want(200); len(got.list("items")) != 3 || strings.Contains(string(got.body), `"data"`) {
		t.Errorf("the auditor reads %s", got.body)
	}
}
