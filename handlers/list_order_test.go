package handlers

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// item is an object of a list.
type item map[string]any

// items are those of a whole list, in its order.
func (p *person) items(list string) (all []item) {
	p.s.t.Helper()
	page := p.do("GET", list, "").want(200)
	for _, x := range page.list("items") {
		x, _ := x.(map[string]any)
		all = append(all, x)
	}
	if page.str("next") != "" {
		p.s.t.Fatalf("%s has a second page", list)
	}
	return all
}

func (x item) str(member string) string {
	text, _ := x[member].(string)
	return text
}

// when is a time of the item; what has none comes after everything.
func (x item) when(member string) time.Time {
	at, err := time.Parse(time.RFC3339, x.str(member))
	if err != nil {
		return time.Unix(1<<40, 0)
	}
	return at
}

// inOrder are the ids of items as a list's order has them; ties go by id, in
// the same direction.
func inOrder(all []item, order string) []string {
	member, downwards := strings.CutPrefix(order, "-")
	all = slices.SortedFunc(slices.Values(all), func(a, b item) int {
		by := cmp.Or(a.when(member).Compare(b.when(member)), strings.Compare(a.str("id"), b.str("id")))
		if downwards {
			return -by
		}
		return by
	})
	var ids []string
	for _, x := range all {
		ids = append(ids, x.str("id"))
	}
	return ids
}

// sorted fails unless a list is in an order, and the same by pages of any size.
func (p *person) sorted(list, order string) {
	p.s.t.Helper()
	join := "?"
	if strings.Contains(list, "?") {
		join = "&"
	}
	want := inOrder(p.items(list+join+"limit=200"), order)
	for _, limit := range []int{1, 2, 3, len(want), 200} {
		if got := p.walk(list, limit); len(want) < 4 || !slices.Equal(got, want) {
			p.s.t.Errorf("%s by %d, in the order of %s:\n%v, want\n%v", list, limit, order, got, want)
		}
	}
}

// Keyset pages over records of which all are equal by their sort keys but a
// few, and of which some have nothing due.
func TestOrdersOverTies(t *testing.T) {
	t.Parallel()
	s := start(t)
	for i := range 5 {
		s.as("jurist").create("/v1/training-requests", fmt.Sprintf(aTraining, fmt.Sprintf(`, "draft": %t`, i%2 == 0)))
		s.as("referrer").create("/v1/case-referrals", fmt.Sprintf(aReferral, fmt.Sprintf(`, "draft": %t`, i%2 == 0)))
	}
	open := s.openCase("")
	for _, service := range []string{"child_protection", "voluntary_return"} {
		s.as("admin").offer(open, s.iom.ID.String(), service).want(201)
	}
	s.as("admin").offer(open, s.unhcr.ID.String(), "international_protection").want(201)
	s.as("admin").offer(open, s.bystanders.ID.String(), "child_protection").want(201)
	s.asSuperuser(`UPDATE assignments SET created_at = date_trunc('day', created_at), updated_at = date_trunc('day', updated_at), respond_by = timestamptz '2030-01-01 00:00Z'`)
	for _, table := range []string{"training_requests", "case_referrals"} {
		s.asSuperuser(fmt.Sprintf(`UPDATE %s SET created_at = date_trunc('day', created_at), updated_at = date_trunc('day', updated_at),
			due_at = CASE WHEN due_at IS NOT NULL THEN timestamptz '2030-01-01 00:00Z' END`, table))
	}
	for _, order := range recordOrders {
		s.as("network").sorted("/v1/training-requests?sort="+order, order)
		s.as("referrer").sorted("/v1/case-referrals?sort="+order, order)
	}
	for _, order := range []string{"-created_at", "created_at", "respond_by", "-updated_at"} {
		s.as("admin").sorted("/v1/assignments?sort="+order, order)
	}
	s.as("jurist").sorted("/v1/training-requests", "-created_at") // the usual
	s.as("admin").sorted("/v1/assignments", "-created_at")
	s.as("admin").sorted(open+"/assignments", "created_at")
	s.asSuperuser(`UPDATE organisations SET created_at = date_trunc('day', created_at)`)
	s.asSuperuser(`UPDATE users SET created_at = date_trunc('day', created_at)`)
	s.as("jurist").sorted("/v1/organisations", "created_at")
	s.as("admin").sorted("/v1/users", "created_at")
}

// follow is the address in a Link to the next page; "" if there is none.
func (x answered) follow() string {
	x.t.Helper()
	link := x.header.Get("Link")
	at, ok := strings.CutSuffix(strings.TrimPrefix(link, "<"), `>; rel="next"`)
	if (link == "") != (x.str("next") == "") || link != "" && !ok {
		x.t.Errorf("Link is %q, next is %q", link, x.str("next"))
	}
	return at
}

// Link leads through the list, with the parameters that it was asked for, and
// is there as long as there is more; what arrives in the meantime puts nothing
// out of the list and nothing into it twice.
func TestLinksWhileNewRecordsArrive(t *testing.T) {
	t.Parallel()
	for _, order := range recordOrders {
		t.Run(order, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			there := map[string]int{}
			for i := range 7 {
				there[s.as("jurist").create("/v1/training-requests", fmt.Sprintf(aTraining, fmt.Sprintf(`, "draft": %t`, i == 3))).str("id")] = 0
			}
			next, pages := "/v1/training-requests?state=submitted&limit=2&sort="+order+"&state=draft", 0
			for ; next != ""; pages++ {
				page := s.as("colleague").do("GET", next, "").want(200)
				for i := range page.list("items") {
					there[page.str("items", i, "id")]++
				}
				if next = page.follow(); next == "" {
					break
				}
				query, err := url.Parse(next)
				s.must(err)
				if v := query.Query(); query.Path != "/v1/training-requests" || v.Get("sort") != order || v.Get("limit") != "2" || !slices.Equal(v["state"], []string{"submitted", "draft"}) || v.Get("cursor") != page.str("next") {
					t.Errorf("the link leads elsewhere: %s", next)
				}
				if pages < 5 {
					s.as("jurist").create("/v1/training-requests", fmt.Sprintf(aTraining, ""))
				}
			}
			for id, times := range there {
				if times != 1 {
					t.Errorf("%s came %d times", id, times)
				}
			}
			if pages < 3 {
				t.Errorf("%d pages", pages)
			}
		})
	}
}

// A page has at most as many as it may.
func TestLimits(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, list := range []string{"/v1/training-requests", "/v1/case-referrals", "/v1/assignments", "/v1/queue", "/v1/organisations", "/v1/desks", "/v1/users", "/v1/tokens", "/v1/organisations/" + s.iom.ID.String() + "/services"} {
		for _, limit := range []string{"1", "2", "200"} {
			got := s.as("network").do("GET", list+"?limit="+limit, "").want(200)
			if n := fmt.Sprint(len(got.list("items"))); len(n) > len(limit) || n > limit && len(n) == len(limit) {
				t.Errorf("%s has %s with a limit of %s", list, n, limit)
			}
		}
		for _, limit := range []string{"0", "201", "-1", "1.0", "01", "", "+1", "ten", "1e2", "1&limit=1"} {
			if got := s.as("network").do("GET", list+"?limit="+limit, "").want(400, "malformed"); got.str("errors", 0, "pointer") != "?limit" {
				t.Errorf("%s: %s", list, got.body)
			}
		}
		if got := s.as("network").do("GET", list, "").want(200); got.at("next") != nil || got.header.Get("Link") != "" {
			t.Errorf("%s is not whole with fifty: %s", list, got.header.Get("Link"))
		}
	}
}
