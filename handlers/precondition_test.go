package handlers

import (
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"
)

func TestIfMatch(t *testing.T) {
	for name, tc := range map[string]struct {
		headers []string
		version int
		code    string
	}{
		"absent":                   {nil, 0, "precondition_required"},
		"empty":                    {[]string{""}, 0, "precondition_required"},
		"a version":                {[]string{`"3"`}, 3, ""},
		"with spaces":              {[]string{"  \"12\" "}, 12, ""},
		"any":                      {[]string{"*"}, anyVersion, ""},
		"a list: the highest":      {[]string{`"4", "9","5"`}, 9, ""},
		"two headers: the highest": {[]string{`"4"`, `"9"`}, 9, ""},
		"a list with others":       {[]string{`W/"9", "abc", , "5"`}, 5, ""},
		"comma in a foreign tag":   {[]string{`"a,b", "5"`}, 5, ""},
		"weak":                     {[]string{`W/"3"`}, 0, "stale"},
		"no quotes":                {[]string{`3`}, 0, "stale"},
		"single quotes":            {[]string{`'3'`}, 0, "stale"},
		"half a quote":             {[]string{`"3`}, 0, "stale"},
		"not a number":             {[]string{`"abc"`}, 0, "stale"},
		"zero":                     {[]string{`"0"`}, 0, "stale"},
		"negative":                 {[]string{`"-1"`}, 0, "stale"},
		"leading zero":             {[]string{`"03"`}, 0, "stale"},
		"plus":                     {[]string{`"+3"`}, 0, "stale"},
		"space within":             {[]string{`" 3"`}, 0, "stale"},
		"too large":                {[]string{`"99999999999999999999"`}, 0, "stale"},
		"any within a list":        {[]string{`*, "0"`}, 0, "stale"},
		"empty tag":                {[]string{`""`}, 0, "stale"},
	} {
		t.Run(name, func(t *testing.T) {
			r := post("{}")
			r.Header["If-Match"] = tc.headers
			var version int
			rec := ask(func(c echo.Context) (err error) { version, err = ifMatch(c); return err }, r)
			switch tc.code {
			case "":
				if rec.Code != 200 || version != tc.version {
					t.Errorf("%d, version %d", rec.Code, version)
				}
			case "stale":
				wants(t, rec, 412, tc.code, "", "")
			default:
				wants(t, rec, 428, tc.code, "", "")
			}
		})
	}
}

func TestIfMatchSent(t *testing.T) {
	e := echo.New()
	for header, want := range map[string]struct {
		version int
		sent    bool
		fails   bool
	}{
		"": {0, false, false}, `"3"`: {3, true, false}, "*": {anyVersion, true, false}, `W/"3"`: {0, true, true},
	} {
		r := post("{}")
		r.Header.Set("If-Match", header)
		version, sent, err := ifMatchSent(e.NewContext(r, httptest.NewRecorder()))
		if version != want.version || sent != want.sent || (err != nil) != want.fails {
			t.Errorf("%q: %d %v %v", header, version, sent, err)
		}
	}
}

func TestNotModified(t *testing.T) {
	e := echo.New()
	for header, want := range map[string]bool{
		"": false, `"3"`: true, `W/"3"`: true, `"2"`: false, "*": true, `"1", "3"`: true, `"1", W/"3"`: true, "3": false, `"03"`: false, `"3`: false, `"a,3"`: false,
	} {
		r := get("/")
		r.Header.Set("If-None-Match", header)
		if got := notModified(e.NewContext(r, httptest.NewRecorder()), 3); got != want {
			t.Errorf("%q: %v", header, got)
		}
	}
	r := post("{}")
	r.Header.Set("If-None-Match", `"3"`)
	if notModified(e.NewContext(r, httptest.NewRecorder()), 3) {
		t.Error("304 to a POST")
	}
}

func TestVersionOfATag(t *testing.T) {
	for opaque, want := range map[string]int{"1": 1, "12": 12, "0": 0, "-1": 0, "": 0, "01": 0, "1a": 0} {
		if got := (entityTag{opaque: opaque}).version(); got != want {
			t.Errorf("%q: %d", opaque, got)
		}
	}
}

func TestETag(t *testing.T) {
	rec := ask(func(c echo.Context) error { setETag(c, 7); return c.NoContent(200) }, get("/"))
	if got := rec.Header().Get("ETag"); got != `"7"` {
		t.Error(got)
	}
}
