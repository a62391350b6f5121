package handlers

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/labstack/echo/v4"
)

type mergeable struct {
	sample
	Labels map[string]string `json:"labels,omitzero"`
	Secret string            `json:"-"`
}

func original() mergeable {
	return mergeable{
		sample: sample{
			Title: "old", Count: 3, Draft: true, Topics: []string{"a", "b", "c"},
			Contact: &contact{Safe: "mail", Times: "evening", Phones: []string{"1", "2"}},
			Steps:   []step{{"one", "mon"}, {"two", "tue"}},
		},
		Labels: map[string]string{"k": "v", "l": "w"}, Secret: "kept",
	}
}

func patching(media, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPatch, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", media)
	return r
}

func TestMergeFollowsRFC7396(t *testing.T) {
	for name, tc := range map[string]struct {
		patch string
		want  func(*mergeable)
	}{
		"nothing":                         {`{}`, func(*mergeable) {}},
		"a value":                         {`{"title":"new"}`, func(m *mergeable) { m.Title = "new" }},
		"a zero value":                    {`{"count":0,"draft":false,"title":""}`, func(m *mergeable) { m.Count, m.Draft, m.Title = 0, false, "" }},
		"null empties":                    {`{"title":null,"count":null,"draft":null,"topics":null}`, func(m *mergeable) { m.Title, m.Count, m.Draft, m.Topics = "", 0, false, nil }},
		"null removes an object":          {`{"contact":null}`, func(m *mergeable) { m.Contact = nil }},
		"an object is merged":             {`{"contact":{"safe":"phone"}}`, func(m *mergeable) { m.Contact.Safe = "phone" }},
		"null within an object":           {`{"contact":{"safe":null}}`, func(m *mergeable) { m.Contact.Safe = "" }},
		"a list is replaced":              {`{"topics":["z"]}`, func(m *mergeable) { m.Topics = []string{"z"} }},
		"a list is emptied":               {`{"topics":[]}`, func(m *mergeable) { m.Topics = []string{} }},
		"a list within an object":         {`{"contact":{"phones":["9"]}}`, func(m *mergeable) { m.Contact.Phones = []string{"9"} }},
		"objects in a list are not mixed": {`{"steps":[{"name":"new"}]}`, func(m *mergeable) { m.Steps = []step{{Name: "new"}} }},
		"a longer list is not mixed":      {`{"steps":[{"due":"x"},{},{"name":"n"}]}`, func(m *mergeable) { m.Steps = []step{{Due: "x"}, {}, {Name: "n"}} }},
		"a map is merged":                 {`{"labels":{"k":"x","m":"y"}}`, func(m *mergeable) { m.Labels = map[string]string{"k": "x", "l": "w", "m": "y"} }},
		"null after a list":               {`{"topics":["z"],"title":null}`, func(m *mergeable) { m.Topics, m.Title = []string{"z"}, "" }},
		"members of an embedding":         {`{"country":"PH"}`, func(m *mergeable) { m.Country = "PH" }},
	} {
		t.Run(name, func(t *testing.T) {
			want, before := original(), original()
			tc.want(&want)
			after := before // shares its lists, its contact and its labels
			rec := ask(func(c echo.Context) error { return merge(c, &after) }, patching(mediaMergePatch, tc.patch))
			if rec.Code != 200 || !reflect.DeepEqual(after, want) {
				t.Errorf("%d %s\n got %+v\nwant %+v", rec.Code, rec.Body, after, want)
			}
			if !reflect.DeepEqual(before, original()) {
				t.Errorf("the value before was written to: %+v", before)
			}
		})
	}
}

func TestMergeIsStrict(t *testing.T) {
	for name, tc := range map[string]struct{ patch, pointer, code string }{
		"empty":                           {"", "", ""},
		"null":                            {"null", "", ""},
		"list":                            {"[]", "", ""},
		"JSON Patch":                      {`[{"op":"remove","path":"/title"}]`, "", ""},
		"unknown":                         {`{"x":1}`, "/x", "unknown_member"},
		"null for an unknown":             {`{"x":null}`, "/x", "unknown_member"},
		"null for what isn't JSON":        {`{"Secret":null}`, "/Secret", "unknown_member"},
		"another case":                    {`{"Title":"a"}`, "/Title", "unknown_member"},
		"duplicate":                       {`{"title":"a","title":null}`, "/title", "duplicate_member"},
		"wrong type":                      {`{"title":"a","count":"1"}`, "/count", "wrong_type"},
		"null in a list":                  {`{"topics":["a",null]}`, "/topics/1", "null"},
		"null in an object within a list": {`{"steps":[{"name":null}]}`, "/steps/0/name", "null"},
		"NUL":                             {`{"contact":{"safe":"\u0000"}}`, "/contact/safe", "nul_character"},
		"trailing":                        {`{} {}`, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			v := original()
			rec := ask(func(c echo.Context) error { return merge(c, &v) }, patching(mediaJSON, tc.patch))
			wants(t, rec, 400, "malformed", tc.pointer, tc.code)
			if !reflect.DeepEqual(v, original()) {
				t.Errorf("changed all the same: %+v", v)
			}
		})
	}
	rec := ask(func(c echo.Context) error { v := original(); return merge(c, &v) }, patching("application/json-patch+json", "{}"))
	wants(t, rec, 415, "unsupported_media_type", "", "")
	if got := rec.Header().Get("Accept-Patch"); got != "application/merge-patch+json, application/json" {
		t.Errorf("Accept-Patch %q", got)
	}
}

// The examples of RFC 7396, appendix A, that are objects of texts, lists and objects.
func TestMergeExamplesOfTheRFC(t *testing.T) {
	type inner struct {
		B string `json:"b,omitempty"`
		C string `json:"c,omitempty"`
	}
	for _, tc := range [][3]string{
		{`{"b":"b"}`, `{"b":"c"}`, `{"b":"c"}`},
		{`{"b":"b"}`, `{"c":"c"}`, `{"b":"b","c":"c"}`},
		{`{"b":"b"}`, `{"b":null}`, `{}`},
		{`{"b":"b","c":"c"}`, `{"b":null}`, `{"c":"c"}`},
	} {
		var v inner
		if err := json.Unmarshal([]byte(tc[0]), &v); err != nil {
			t.Fatal(err)
		}
		ask(func(c echo.Context) error { return merge(c, &v) }, patching(mediaMergePatch, tc[1]))
		if got, _ := json.Marshal(v); string(got) != tc[2] {
			t.Errorf("%s with %s is %s, want %s", tc[0], tc[1], got, tc[2])
		}
	}
}

// Before the record is even read, a patch that fits no T is refused.
func TestReadPatchRefusesWhatDoesNotFit(t *testing.T) {
	rec := ask(func(c echo.Context) error { _, err := readPatch[mergeable](c); return err }, patching(mediaMergePatch, `{"count":"1"}`))
	wants(t, rec, 400, "malformed", "/count", "wrong_type")
}

func TestPatchAppliesMoreThanOnce(t *testing.T) {
	ask(func(c echo.Context) error {
		p, err := readPatch[mergeable](c)
		if err != nil || !p.has("steps") || p.has("title") || string(p.raw) == "" {
			t.Errorf("%v %q", err, p.members)
		}
		first, second := original(), original()
		if p.apply(&first) != nil || p.apply(&second) != nil || !reflect.DeepEqual(first, second) || len(first.Steps) != 1 {
			t.Errorf("%+v, %+v", first, second)
		}
		first.Steps[0].Name = "mine"
		if second.Steps[0].Name != "new" || !slices.Equal(second.Topics, original().Topics) || !maps.Equal(second.Labels, original().Labels) {
			t.Errorf("two results share memory: %+v", second)
		}
		return nil
	}, patching(mediaMergePatch, `{"steps":[{"name":"new"}]}`))
}
