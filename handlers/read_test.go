package handlers

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
)

type sample struct {
	Title   string     `json:"title,omitzero"`
	Count   int        `json:"count,omitzero"`
	Small   int8       `json:"small,omitzero"`
	Score   float64    `json:"score,omitzero"`
	Draft   bool       `json:"draft,omitzero"`
	On      *time.Time `json:"on,omitzero,format:DateOnly"`
	At      time.Time  `json:"at,omitzero"`
	Topics  []string   `json:"topics,omitzero"`
	Contact *contact   `json:"contact,omitzero"`
	Steps   []step     `json:"steps,omitzero"`
	embeddedFields
}

type embeddedFields struct {
	Country string `json:"country,omitzero"`
}

type contact struct {
	Safe   string   `json:"safe,omitzero"`
	Times  string   `json:"times,omitzero"`
	Phones []string `json:"phones,omitzero"`
}

type step struct {
	Name string `json:"name,omitzero"`
	Due  string `json:"due,omitzero"`
}

func readSample(c echo.Context) error {
	v, _, err := read[sample](c)
	if err != nil {
		return err
	}
	return write(c, http.StatusOK, v)
}

func TestReadRefusesMalformedBodies(t *testing.T) {
	deep := strings.Repeat("[", 10_000)
	for name, tc := range map[string]struct{ body, pointer, code string }{
		"empty":                         {"", "", ""},
		"white space":                   {" \n", "", ""},
		"null":                          {"null", "", ""},
		"number":                        {"1", "", ""},
		"text":                          {`"a"`, "", ""},
		"true":                          {"true", "", ""},
		"list":                          {"[]", "", ""},
		"list of objects":               {`[{"title":"a"}]`, "", ""},
		"no JSON":                       {"hello", "", ""},
		"half":                          {`{"title":"a"`, "", ""},
		"half a string":                 {`{"title":"a`, "/title", "not_json"},
		"comma too much":                {`{"title":"a",}`, "", ""},
		"comment":                       {`{"title":"a"/* */}`, "", ""},
		"single quotes":                 {`{'title':'a'}`, "", ""},
		"NaN":                           {`{"score":NaN}`, "/score", "not_json"},
		"leading zero":                  {`{"count":01}`, "", ""},
		"plus sign":                     {`{"count":+1}`, "/count", "not_json"},
		"hex":                           {`{"count":0x1}`, "", ""},
		"raw line break in text":        {"{\"title\":\"a\nb\"}", "/title", "not_json"},
		"BOM":                           {"\ufeff{}", "", ""},
		"UTF-16":                        {"{\x00}\x00", "", ""},
		"trailing object":               {`{"title":"a"}{}`, "", ""},
		"trailing brace":                {`{"title":"a"}}`, "", ""},
		"trailing text":                 {`{"title":"a"} x`, "", ""},
		"trailing NUL":                  {"{\"title\":\"a\"}\x00", "", ""},
		"unknown member":                {`{"title":"a","colour":"b"}`, "/colour", "unknown_member"},
		"unknown nested member":         {`{"contact":{"colour":"b"}}`, "/contact/colour", "unknown_member"},
		"unknown member in a list":      {`{"steps":[{},{"colour":1}]}`, "/steps/1/colour", "unknown_member"},
		"empty name":                    {`{"":1}`, "/", "unknown_member"},
		"name to be escaped":            {`{"a/b~c":1}`, "/a~1b~0c", "unknown_member"},
		"embedding by its Go name":      {`{"embeddedFields":{}}`, "/embeddedFields", "unknown_member"},
		"member in another case":        {`{"Title":"a"}`, "/Title", "unknown_member"},
		"nested in another case":        {`{"contact":{"SAFE":"a"}}`, "/contact/SAFE", "unknown_member"},
		"duplicate":                     {`{"title":"a","title":"b"}`, "/title", "duplicate_member"},
		"duplicate, escaped":            {`{"title":"a","t\u0069tle":"b"}`, "/title", "duplicate_member"},
		"duplicate, nested":             {`{"steps":[{"name":"a","name":"b"}]}`, "/steps/0/name", "duplicate_member"},
		"duplicate of an unknown":       {`{"x":1,"x":2}`, "/x", "duplicate_member"},
		"NUL, escaped":                  {`{"title":"a\u0000b"}`, "/title", "nul_character"},
		"NUL, escaped and nested":       {`{"steps":[{"name":"\u0000"}]}`, "/steps/0/name", "nul_character"},
		"NUL, escaped in a list":        {`{"topics":["a","\u0000"]}`, "/topics/1", "nul_character"},
		"NUL, escaped in a name":        {`{"contact":{"\u0000":1}}`, "/contact", "nul_character"},
		"NUL, raw":                      {"{\"title\":\"a\x00b\"}", "/title", "not_json"},
		"invalid UTF-8":                 {"{\"title\":\"\xff\"}", "/title", "not_json"},
		"overlong UTF-8":                {"{\"title\":\"\xc0\x80\"}", "/title", "not_json"},
		"surrogate in UTF-8":            {"{\"title\":\"\xed\xa0\x80\"}", "/title", "not_json"},
		"lone high surrogate":           {`{"title":"\ud800"}`, "/title", "not_json"},
		"lone low surrogate":            {`{"title":"\udc00 a"}`, "/title", "not_json"},
		"surrogates the wrong way":      {`{"title":"\udc00\ud800"}`, "/title", "not_json"},
		"lone surrogate in a name":      {`{"\ud800":1}`, "", ""},
		"null for text":                 {`{"title":null}`, "/title", "null"},
		"null for an object":            {`{"contact":null}`, "/contact", "null"},
		"null in a list":                {`{"topics":[null]}`, "/topics/0", "null"},
		"number for text":               {`{"title":1}`, "/title", "wrong_type"},
		"text for a number":             {`{"count":"1"}`, "/count", "wrong_type"},
		"text for a truth":              {`{"draft":"true"}`, "/draft", "wrong_type"},
		"number for a truth":            {`{"draft":1}`, "/draft", "wrong_type"},
		"text for a list":               {`{"topics":"a"}`, "/topics", "wrong_type"},
		"object for a list":             {`{"topics":{}}`, "/topics", "wrong_type"},
		"list for an object":            {`{"contact":[]}`, "/contact", "wrong_type"},
		"number in a list of texts":     {`{"topics":["a",2]}`, "/topics/1", "wrong_type"},
		"fraction":                      {`{"count":1.5}`, "/count", "wrong_type"},
		"exponent":                      {`{"count":1e2}`, "/count", "wrong_type"},
		"more than 64 bits":             {`{"count":9223372036854775808}`, "/count", "wrong_type"},
		"more than the type":            {`{"small":128}`, "/small", "wrong_type"},
		"number of 100,000 digits":      {`{"count":` + strings.Repeat("9", 100_000) + `}`, "/count", "wrong_type"},
		"more than a float":             {`{"score":1e400}`, "/score", "wrong_type"},
		"impossible date":               {`{"on":"2012-02-30"}`, "/on", "wrong_type"},
		"time for a date":               {`{"on":"2012-02-01T00:00:00Z"}`, "/on", "wrong_type"},
		"number for a date":             {`{"on":20120201}`, "/on", "wrong_type"},
		"date for a time":               {`{"at":"2012-02-01"}`, "/at", "wrong_type"},
		"time without a zone":           {`{"at":"2012-02-01T00:00:00"}`, "/at", "wrong_type"},
		"10,000 brackets":               {deep, "", ""},
		"10,000 brackets in a member":   {`{"title":` + deep, "/title" + strings.Repeat("/0", maxDepth-1), "too_deep"},
		"10,000 objects":                {strings.Repeat(`{"a":`, 10_000), strings.Repeat("/a", maxDepth), "too_deep"},
		"unknown name of 100,000 bytes": {`{"` + strings.Repeat("n", 100_000) + `":1}`, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			rec := ask(readSample, post(tc.body))
			wants(t, rec, 400, "malformed", tc.pointer, tc.code)
			if took := time.Since(start); took > time.Second {
				t.Errorf("took %v", took)
			}
			for _, leak := range []string{"sample", "int8", "float64", "string", "json:", "jsontext", "time.", "999", "20120201"} {
				if strings.Contains(rec.Body.String(), leak) {
					t.Errorf("the answer contains %q: %s", leak, rec.Body)
				}
			}
		})
	}
}

func TestReadTakesGoodBodies(t *testing.T) {
	for in, out := range map[string]string{
		`{}`:                            `{}`,
		" {\"title\" : \"a\"}\r\n\t ":   `{"title":"a"}`,
		`{"title":"\ud83d\ude00 اردو"}`: `{"title":"😀 اردو"}`,
		`{"on":"2012-12-31","at":"2012-03-29T09:00:00Z"}`: `{"on":"2012-12-31","at":"2012-03-29T09:00:00Z"}`,
		`{"country":"PK","topics":[]}`:                    `{"topics":[],"country":"PK"}`,
		`{"contact":{"safe":"a"},"steps":[{"name":"b"}]}`: `{"contact":{"safe":"a"},"steps":[{"name":"b"}]}`,
	} {
		if rec := ask(readSample, post(in)); rec.Code != 200 || rec.Body.String() != out {
			t.Errorf("%s: %d %s, want %s", in, rec.Code, rec.Body, out)
		}
	}
}

func TestTrailingBytesAreCalledSo(t *testing.T) {
	for _, rest := range []string{"{}", "}", "x", "\x00", "\f", "\u00a0", "\ufeff"} {
		if p := problemIn(t, ask(readSample, post("{} "+rest))); p.Detail != "The body must end after its JSON object, at byte 2." {
			t.Errorf("%q: %s", rest, p.Detail)
		}
	}
}

func TestMisfitsSayWhatIsExpected(t *testing.T) {
	for sent, want := range map[string]string{
		`{"on":"2012-02-30"}`: "This must be a date such as 2012-12-31.",
		`{"at":"2012-02-30"}`: "a time with its zone",
		`{"on":1}`:            "This must be a date such as 2012-12-31",
		`{"count":1.5}`:       "whole number",
		`{"score":true}`:      "a number",
		`{"draft":0}`:         "true or false",
		`{"topics":1}`:        "a list",
		`{"contact":1}`:       "an object",
		`{"title":1}`:         "text",
	} {
		if p := problemIn(t, ask(readSample, post(sent))); len(p.Errors) != 1 || !strings.Contains(p.Errors[0].Detail, want) {
			t.Errorf("%s: %+v", sent, p.Errors)
		}
	}
}

func TestReadTellsWhatWasSent(t *testing.T) {
	sent := ` {"count":0,"contact":{"safe":"x"},"title":""}`
	rec := ask(func(c echo.Context) error {
		_, b, err := read[sample](c)
		if string(b.raw) != sent || !slices.Equal(b.members, []string{"count", "contact", "title"}) || !b.has("title") || b.has("safe") || b.absent() {
			t.Errorf("raw %s, members %q", b.raw, b.members)
		}
		return err
	}, post(sent))
	if rec.Code != 200 {
		t.Error(rec.Body)
	}
}

func TestBodyLimit(t *testing.T) {
	sized := func(n int) string { return `{"title":"` + strings.Repeat("a", n-len(`{"title":""}`)) + `"}` }
	for name, tc := range map[string]struct {
		r      *http.Request
		status int
	}{
		"exactly full":                    {post(sized(maxBody)), 200},
		"exactly full, length unknown":    {unannounced(sized(maxBody)), 200},
		"one byte more":                   {post(sized(maxBody + 1)), 413},
		"one byte more, length unknown":   {unannounced(sized(maxBody + 1)), 413},
		"300 KiB":                         {post(sized(300 << 10)), 413},
		"300 KiB, length unknown":         {unannounced(sized(300 << 10)), 413},
		"300 KiB of spaces after the end": {post(sized(20) + strings.Repeat(" ", 300<<10)), 413},
	} {
		t.Run(name, func(t *testing.T) {
			rec := ask(readSample, tc.r)
			if tc.status == 413 {
				wants(t, rec, 413, "too_large", "", "")
			} else if rec.Code != tc.status {
				t.Errorf("%d %.200s", rec.Code, rec.Body)
			}
		})
	}
	t.Run("before the media type and the syntax", func(t *testing.T) {
		r := unannounced(strings.Repeat("<", 300<<10))
		r.Header.Set("Content-Type", "text/xml")
		wants(t, ask(readSample, r), 413, "too_large", "", "")
	})
	t.Run("an outer, narrower limit", func(t *testing.T) {
		rec := ask(func(c echo.Context) error {
			c.Request().Body = http.MaxBytesReader(nil, c.Request().Body, 10)
			return readSample(c)
		}, post(sized(100)))
		wants(t, rec, 413, "too_large", "", "")
	})
	t.Run("announced and not even read", func(t *testing.T) {
		r := post("{}")
		r.ContentLength, r.Body = maxBody+1, nil // reading it would panic
		wants(t, ask(readSample, r), 413, "too_large", "", "")
	})
	t.Run("less than announced", func(t *testing.T) {
		server := httptest.NewServer(func() http.Handler { e, _ := tiny(); e.POST("/", readSample); return e }())
		defer server.Close()
		answer := rawRequest(t, server.Listener.Addr().String(), "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{}")
		if !strings.Contains(answer, " 400 ") || !strings.Contains(answer, `"malformed"`) {
			t.Error(answer)
		}
	})
}

func TestMediaType(t *testing.T) {
	good := []string{"application/json", "application/json; charset=utf-8", `Application/JSON;charset="UTF-8"`}
	bad := []string{
		"", "text/xml", "application/xml", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
		"text/json", "application/merge-patch+json", "application/problem+json", "application/json, text/plain", "*/*",
		"application/json; charset=latin1", "application/json; charset=utf-16", "application/json; charset=", "application/json; v=1", "application/json; charset=utf-8; v=1",
	}
	with := func(media string) *http.Request {
		r := post(`{"title":"a"}`)
		r.Header.Set("Content-Type", media)
		return r
	}
	for _, media := range good {
		if rec := ask(readSample, with(media)); rec.Code != 200 {
			t.Errorf("%q: %d %s", media, rec.Code, rec.Body)
		}
	}
	for _, media := range bad {
		rec := ask(readSample, with(media))
		wants(t, rec, 415, "unsupported_media_type", "", "")
		if got := rec.Header().Get("Accept-Post"); got != mediaJSON {
			t.Errorf("%q: Accept-Post %q", media, got)
		}
	}
	t.Run("two of them", func(t *testing.T) {
		r := with("application/json")
		r.Header.Add("Content-Type", "application/json")
		wants(t, ask(readSample, r), 415, "unsupported_media_type", "", "")
	})
	t.Run("none of them", func(t *testing.T) {
		r := with("")
		r.Header.Del("Content-Type")
		wants(t, ask(readSample, r), 415, "unsupported_media_type", "", "")
	})
}

func TestContentEncoding(t *testing.T) {
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	_, _ = w.Write([]byte(`{"title":"a"}`))
	_ = w.Close()
	for _, tc := range []struct {
		encodings []string
		body      string
		status    int
	}{
		{[]string{"gzip"}, zipped.String(), 415},
		{[]string{"GZIP"}, zipped.String(), 415},
		{[]string{"gzip"}, `{"title":"a"}`, 415},
		{[]string{"br"}, "x", 415},
		{[]string{"zstd"}, "x", 415},
		{[]string{"identity, gzip"}, zipped.String(), 415},
		{[]string{"identity", "gzip"}, zipped.String(), 415},
		{[]string{"identity"}, `{"title":"a"}`, 200},
		{[]string{"Identity"}, `{"title":"a"}`, 200},
		{[]string{""}, `{"title":"a"}`, 200},
	} {
		r := post(tc.body)
		r.Header["Content-Encoding"] = tc.encodings
		rec := ask(readSample, r)
		if rec.Code != tc.status {
			t.Errorf("%q: %d", tc.encodings, rec.Code)
		}
		if tc.status == 415 && rec.Header().Get("Accept-Encoding") != "identity" {
			t.Errorf("%q: no Accept-Encoding", tc.encodings)
		}
	}
	t.Run("zipped bytes that are not said to be", func(t *testing.T) {
		wants(t, ask(readSample, post(zipped.String())), 400, "malformed", "", "")
	})
}

func TestReadOptional(t *testing.T) {
	optional := func(c echo.Context) error {
		_, b, err := readOptional[sample](c)
		if err != nil {
			return err
		}
		return write(c, http.StatusOK, b.absent())
	}
	bare := httptest.NewRequest(http.MethodPost, "/", nil)
	if rec := ask(optional, bare); rec.Body.String() != "true" {
		t.Error("no body:", rec.Body)
	}
	if rec := ask(optional, unannounced("")); rec.Body.String() != "true" {
		t.Error("chunked without a byte:", rec.Body)
	}
	if rec := ask(optional, post("{}")); rec.Body.String() != "false" {
		t.Error("{}:", rec.Body)
	}
	wants(t, ask(optional, post(" ")), 400, "malformed", "", "")
	wants(t, ask(optional, post("null")), 400, "malformed", "", "")
	wants(t, ask(optional, post(`{"x":1}`)), 400, "malformed", "/x", "unknown_member")
	r := post("<a/>")
	r.Header.Set("Content-Type", "text/xml")
	wants(t, ask(optional, r), 415, "unsupported_media_type", "", "")
}
