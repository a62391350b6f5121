package handlers

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
)

func TestAcceptable(t *testing.T) {
	for accept, want := range map[string]string{ // what is chosen of JSON, HTML
		"":                                      mediaJSON,
		" ":                                     mediaJSON,
		"*/*":                                   mediaJSON,
		"application/*":                         mediaJSON,
		"text/*":                                "text/html",
		"text/html":                             "text/html",
		"TEXT/HTML":                             "text/html",
		"text/html, */*":                        mediaJSON,
		"text/html, */*;q=0.8":                  "text/html",
		"text/html;q=0.5, application/json":     mediaJSON,
		"text/html, application/json;q=0.5":     "text/html",
		"application/json;q=0, */*":             "text/html",
		"application/json; charset=utf-8":       mediaJSON,
		"image/png":                             "",
		"application/problem+json":              "",
		"*/*;q=0":                               "",
		"application/json;q=0, text/html;q=0.0": "",
		"garbage":                               "",
		"application/json;q=x":                  "",
		"application/json;q=NaN":                "",
		"application/json;q=2":                  "",
		"garbage, text/html":                    "text/html",
	} {
		var got string
		r := get("/")
		r.Header.Set("Accept", accept)
		rec := ask(func(c echo.Context) (err error) { got, err = acceptable(c, mediaJSON, "text/html"); return err }, r)
		if got != want {
			t.Errorf("%q: %q, want %q", accept, got, want)
		}
		if want == "" {
			wants(t, rec, 406, "not_acceptable", "", "")
		}
	}
	r := get("/")
	r.Header["Accept"] = []string{"image/png", "text/html"}
	rec := ask(func(c echo.Context) error {
		got, err := acceptable(c, mediaJSON, "text/html")
		if got != "text/html" {
			t.Errorf("two headers: %q", got)
		}
		return err
	}, r)
	if rec.Header().Get("Vary") != "Accept" {
		t.Error("no Vary")
	}
}

func TestWrite(t *testing.T) {
	type answer struct {
		On    time.Time `json:"on,format:DateOnly"`
		Items []string  `json:"items"`
		Gone  time.Time `json:"gone,omitzero"`
		HTML  string    `json:"html"`
	}
	v := answer{On: time.Date(2012, 12, 31, 0, 0, 0, 0, time.UTC), HTML: "<a> & ü"}
	const want = `{"on":"2012-12-31","items":[],"html":"<a> & ü"}`
	rec := ask(func(c echo.Context) error { return write(c, http.StatusCreated, v) }, get("/?pretty"))
	if rec.Code != 201 || rec.Body.String() != want || rec.Header().Get("Content-Type") != mediaJSON {
		t.Errorf("%d %s %v", rec.Code, rec.Body, rec.Header())
	}
	wants(t, ask(func(c echo.Context) error { return write(c, 200, "\xff") }, get("/")), 500, "internal", "", "")
	wants(t, ask(func(c echo.Context) error { return write(c, 200, func() {}) }, get("/")), 500, "internal", "", "")

	rec = ask(func(c echo.Context) error {
		c.Echo().JSONSerializer = strictSerializer{}
		return c.JSON(200, v)
	}, get("/?pretty"))
	if strings.TrimSpace(rec.Body.String()) != want {
		t.Errorf("through Echo: %s", rec.Body)
	}
	rec = ask(func(c echo.Context) error {
		c.Echo().JSONSerializer = strictSerializer{}
		return c.Bind(&v)
	}, post(`{}`))
	if rec.Code == 200 {
		t.Error("Bind works")
	}
}
