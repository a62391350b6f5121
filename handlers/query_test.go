package handlers

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
)

var testCursors = newCursors([]byte(strings.Repeat("k", 32)))

type filter struct {
	States  []string
	Urgency string
	Desk    string
	Country string
	After   time.Time
	Overdue *bool
	Q       string
	Limit   int
	Sort    string
	From    *position
}

func readFilter(c echo.Context) (filter, error) {
	p := query(c)
	f := filter{
		p.codes("state", "draft", "submitted", "closed"), p.code("urgency", "urgent", "usual"), p.id("desk"), p.country("country"),
		p.time("created_after"), p.boolean("overdue"), p.search(5), p.limit(), p.sort("due_at", "-created_at"), p.cursor(testCursors),
	}
	return f, p.done()
}

func TestQueryTakesWhatTheEndpointHas(t *testing.T) {
	yes, no, at := true, false, time.Date(2012, 3, 29, 1, 0, 0, 0, time.UTC)
	const id = "0195f3a0-7c3e-7d2a-9b1e-0123456789ab"
	for raw, want := range map[string]filter{
		"":                                   {},
		"state=draft":                        {States: []string{"draft"}},
		"state=closed&state=draft":           {States: []string{"closed", "draft"}},
		"state=draft&state=draft":            {States: []string{"draft"}},
		"urgency=urgent&country=PH":          {Urgency: "urgent", Country: "PH"},
		"desk=" + id:                         {Desk: id},
		"desk=" + strings.ToUpper(id):        {Desk: id},
		"created_after=2012-03-29T01:00:00Z": {After: at},
		"created_after=2012-03-29T09:00:00%2B08:00": {After: at},
		"overdue=true":                     {Overdue: &yes},
		"overdue=false":                    {Overdue: &no},
		"q=%D8%B3%D9%84%D8%A7%D9%85%D8%AA": {Q: "سلامت"}, // 5 characters, 10 bytes
		"q=a+b":                            {Q: "a b"},
		"limit=1":                          {Limit: 1},
		"limit=200":                        {Limit: 200},
		"sort=-created_at":                 {Sort: "-created_at"},
	} {
		var got filter
		rec := ask(func(c echo.Context) (err error) { got, err = readFilter(c); return err }, get("/v1/x?"+raw))
		if want.Limit == 0 {
			want.Limit = 50
		}
		if want.Sort == "" {
			want.Sort = "due_at"
		}
		if !got.After.IsZero() {
			got.After = got.After.UTC()
		}
		if rec.Code != 200 || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %d %+v, want %+v: %s", raw, rec.Code, got, want, rec.Body)
		}
	}
}

func TestQueryRefuses(t *testing.T) {
	handler := func(c echo.Context) error { _, err := readFilter(c); return err }
	for raw, want := range map[string][2]string{ // pointer, code
		"colour=red":                            {"?colour", "unknown_parameter"},
		"pretty":                                {"?pretty", "unknown_parameter"},
		"State=draft":                           {"?State", "unknown_parameter"},
		"state[]=draft":                         {"?state[]", "unknown_parameter"},
		"=x":                                    {"?", "unknown_parameter"},
		"%FF=x":                                 {"?", "unknown_parameter"},
		strings.Repeat("n", 5000) + "=x":        {"?", "unknown_parameter"},
		"state=":                                {"?state", "unknown_code"},
		"state=Draft":                           {"?state", "unknown_code"},
		"state=draft,closed":                    {"?state", "unknown_code"},
		"state=draft&state=open":                {"?state", "unknown_code"},
		"urgency=urgent&urgency=urgent":         {"?urgency", "repeated_parameter"},
		"desk=7":                                {"?desk", "not_an_id"},
		"desk=":                                 {"?desk", "not_an_id"},
		"desk=0195f3a07c3e7d2a9b1e0123456789ab": {"?desk", "not_an_id"},
		"country=ph":                            {"?country", "not_a_country"},
		"country=":                              {"?country", "not_a_country"},
		"created_after=2012-03-29":              {"?created_after", "not_a_time"},
		"created_after=2012-03-29T09:00:00+08:00":   {"?created_after", "not_a_time"}, // + is a space
		"created_after=2012-03-29T9:00:00Z":         {"?created_after", "not_a_time"},
		"created_after=2012-03-29T09:00:00,5Z":      {"?created_after", "not_a_time"},
		"created_after=2012-03-29T09:00:00%2B24:00": {"?created_after", "not_a_time"},
		"created_after=0001-01-01T00:00:00Z":        {"?created_after", "not_a_time"},
		"created_after=":                            {"?created_after", "not_a_time"},
		"overdue=1":                                 {"?overdue", "not_a_boolean"},
		"overdue":                                   {"?overdue", "not_a_boolean"},
		"overdue=TRUE":                              {"?overdue", "not_a_boolean"},
		"q=":                                        {"?q", "not_one_line"},
		"q=%00":                                     {"?q", "not_one_line"},
		"q=a%00":                                    {"?q", "not_one_line"},
		"q=a%0Ab":                                   {"?q", "not_one_line"},
		"q=%FF":                                     {"?q", "not_one_line"},
		"q=abcdef":                                  {"?q", "too_long"},
		"limit=0":                                   {"?limit", "out_of_range"},
		"limit=201":                                 {"?limit", "out_of_range"},
		"limit=-1":                                  {"?limit", "out_of_range"},
		"limit=%2B5":                                {"?limit", "out_of_range"},
		"limit=05":                                  {"?limit", "out_of_range"},
		"limit=5.0":                                 {"?limit", "out_of_range"},
		"limit=5%0A":                                {"?limit", "out_of_range"},
		"limit=99999999999999999999":                {"?limit", "out_of_range"},
		"limit=":                                    {"?limit", "out_of_range"},
		"limit=5&limit=5":                           {"?limit", "repeated_parameter"},
		"sort=id":                                   {"?sort", "unknown_code"},
		"sort=due_at;drop":                          {"", ""}, // a semicolon separates nothing
		"cursor=x":                                  {"?cursor", "not_a_cursor"},
		"cursor=":                                   {"?cursor", "not_a_cursor"},
		"q=%":                                       {"", ""},
		"q=%zz":                                     {"", ""},
		"q=%zz&cursor=x":                            {"", ""},
	} {
		rec := ask(handler, get("/v1/x?"+raw))
		if rec.Code != 400 {
			t.Errorf("%.60s: %d", raw, rec.Code)
			continue
		}
		wants(t, rec, 400, "malformed", want[0], want[1])
		if strings.Contains(rec.Body.String(), "drop") {
			t.Errorf("%.60s: %s", raw, rec.Body)
		}
	}
}

func TestQueryRefusesAllAtOnce(t *testing.T) {
	rec := ask(func(c echo.Context) error { _, err := readFilter(c); return err }, get("/v1/x?limit=0&b=1&a=1&overdue=maybe"))
	p := problemIn(t, rec)
	var pointers []string
	for _, field := range p.Errors {
		pointers = append(pointers, field.Pointer)
	}
	if fmt.Sprint(pointers) != "[?a ?b ?limit ?overdue]" {
		t.Error(pointers)
	}
	var many strings.Builder
	for i := range 500 {
		fmt.Fprintf(&many, "&p%d=1", i)
	}
	rec = ask(func(c echo.Context) error { _, err := readFilter(c); return err }, get("/v1/x?"+many.String()[1:]))
	if p := problemIn(t, rec); len(p.Errors) != maxFields {
		t.Errorf("%d errors", len(p.Errors))
	}
}

func TestCursorsGoRound(t *testing.T) {
	at := position{[]string{"2012-03-29T09:00:00Z", "urgent"}, "0195f3a0-7c3e-7d2a-9b1e-0123456789ab"}
	list, _ := url.Parse("/v1/x?state=draft&state=closed&limit=5")
	cursor, err := testCursors.after(list, at)
	if err != nil {
		t.Fatal(err)
	}
	var got filter
	handler := func(c echo.Context) (err error) { got, err = readFilter(c); return err }
	for _, same := range []string{"state=draft&state=closed&limit=5&cursor=", "state=closed&state=draft&limit=9&cursor=", "limit=1&state=closed&state=draft&cursor="} {
		if rec := ask(handler, get("/v1/x?"+same+cursor)); rec.Code != 200 || !reflect.DeepEqual(*got.From, at) {
			t.Errorf("%s: %d %s %+v", same, rec.Code, rec.Body, got.From)
		}
	}
	for name, other := range map[string]string{
		"other filter":   "/v1/x?state=draft&cursor=",
		"another filter": "/v1/x?state=draft&state=closed&overdue=true&cursor=",
		"other order":    "/v1/x?state=draft&state=closed&sort=-created_at&cursor=",
		"other list":     "/v1/y?state=draft&state=closed&cursor=",
	} {
		t.Run(name, func(t *testing.T) {
			wants(t, ask(handler, get(other+cursor)), 400, "malformed", "?cursor", "not_a_cursor")
		})
	}
	t.Run("other key", func(t *testing.T) {
		if _, ok := newCursors([]byte(strings.Repeat("x", 32))).open(list, cursor); ok {
			t.Error("opened")
		}
	})
	t.Run("any byte altered", func(t *testing.T) {
		for i := range cursor {
			for _, with := range []byte{'A', 'B', '_', '=', ' '} {
				altered := cursor[:i] + string(with) + cursor[i+1:]
				if _, ok := testCursors.open(list, altered); ok && altered != cursor {
					t.Fatalf("byte %d as %q", i, with)
				}
			}
		}
		for _, altered := range []string{cursor[1:], cursor[:len(cursor)-1], cursor + "A", cursor + "\n", cursor[:22], ""} {
			if _, ok := testCursors.open(list, altered); ok {
				t.Errorf("opened %q", altered)
			}
		}
	})
	t.Run("no other spelling of the last byte", func(t *testing.T) {
		for length := range 3 {
			cursor, _ := testCursors.after(list, position{ID: strings.Repeat("i", length)})
			for _, last := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" {
				altered := cursor[:len(cursor)-1] + string(last)
				if _, ok := testCursors.open(list, altered); ok != (altered == cursor) {
					t.Errorf("%s for %s: %v", altered, cursor, ok)
				}
			}
		}
	})
	t.Run("too long", func(t *testing.T) {
		long, _ := testCursors.after(list, position{ID: strings.Repeat("i", maxCursor)})
		if _, ok := testCursors.open(list, long); ok {
			t.Error("opened")
		}
	})
	t.Run("short key", func(t *testing.T) {
		defer func() {
			if recover() == nil {
				t.Error("no panic")
			}
		}()
		newCursors(make([]byte, 31))
	})
}

func TestPage(t *testing.T) {
	list := "/v1/x?q=a%20%3E&state=draft&state=closed&limit=2&cursor=old"
	rec := ask(func(c echo.Context) error { return writePage(c, []int{1, 2}, "new") }, get(list))
	if rec.Body.String() != `{"items":[1,2],"next":"new"}` {
		t.Error(rec.Body)
	}
	link := rec.Header().Get("Link")
	if link != `</v1/x?cursor=new&limit=2&q=a+%3E&state=draft&state=closed>; rel="next"` {
		t.Error(link)
	}
	rec = ask(func(c echo.Context) error { return writePage[int](c, nil, "") }, get(list))
	if rec.Body.String() != `{"items":[],"next":null}` || rec.Header().Get("Link") != "" {
		t.Error(rec.Body, rec.Header())
	}
}

func TestListWalksToItsEnd(t *testing.T) {
	e, _ := tiny()
	e.GET("/v1/n", func(c echo.Context) error {
		p := query(c)
		limit, from := p.limit(), p.cursor(testCursors)
		if err := p.done(); err != nil {
			return err
		}
		var start int
		if from != nil {
			_, _ = fmt.Sscan(from.ID, &start)
		}
		items := []int{}
		for n := start + 1; n <= 7 && len(items) < limit; n++ {
			items = append(items, n)
		}
		if len(items) == 0 || items[len(items)-1] == 7 {
			return writePage(c, items, "")
		}
		next, err := testCursors.after(c.Request().URL, position{ID: fmt.Sprint(items[len(items)-1])})
		if err != nil {
			return err
		}
		return writePage(c, items, next)
	})
	var bodies []string
	for path := "/v1/n?limit=3"; path != ""; {
		rec := httptest.NewRecorder()
		e.ServeHTTP(rec, get(path))
		bodies = append(bodies, strings.Split(rec.Body.String(), `,"next"`)[0])
		path = strings.TrimPrefix(strings.TrimSuffix(rec.Header().Get("Link"), `>; rel="next"`), "<")
	}
	if fmt.Sprint(bodies) != `[{"items":[1,2,3] {"items":[4,5,6] {"items":[7]]` {
		t.Error(bodies)
	}
}
