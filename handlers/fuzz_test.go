package handlers

import (
	"bytes"
	stdjson "encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"onward/fault"

	"github.com/labstack/echo/v4"
)

// FuzzRead holds what read takes against the standard library, which must take
// it too, and against what must never pass; whatever is refused is malformed.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"", "null", "{}", `{"title":"a"}`, `{"title":"\u0000"}`, `{"title":"\ud83d\ude00"}`, `{"title":"\ud800"}`, "{\"title\":\"\xff\"}", "\ufeff{}",
		`{"title":"a","title":"b"}`, `{"Title":"a"}`, `{"count":1e400,"small":-128}`, `{"steps":[{"name":"a","due":"b"}],"contact":{"phones":["1"]}}`,
		`{"on":"2012-12-31","at":"2012-03-29T09:00:00Z","score":1.5e-3,"draft":true}`, `{} {}`, "{}\x00", strings.Repeat("[", 50), `{"x":{"y":[null]}}`,
	} {
		f.Add([]byte(seed))
	}
	e := echo.New()
	f.Fuzz(func(t *testing.T, raw []byte) {
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(raw))
		r.Header.Set("Content-Type", "application/json")
		_, b, err := read[sample](e.NewContext(r, httptest.NewRecorder()))
		if err != nil {
			problem, ok := fault.As(err)
			if !ok || problem.Kind != fault.Malformed && problem.Kind != fault.TooLarge || !utf8.ValidString(problem.Detail) {
				t.Fatalf("%q: %v", raw, err)
			}
			for _, field := range problem.Fields {
				if !strings.HasPrefix(field.Pointer, "/") || len(field.Pointer) > 256 || field.Detail == "" || !utf8.ValidString(field.Pointer) {
					t.Fatalf("%q: %+v", raw, field)
				}
			}
			return
		}
		var members map[string]any
		if stdjson.Unmarshal(raw, &members) != nil || len(members) != len(b.members) || !utf8.Valid(raw) || !bytes.Equal(b.raw, raw) {
			t.Fatalf("read takes %q as %q", raw, b.members)
		}
		if strings.ContainsRune(flat(members), 0) {
			t.Fatalf("NUL passed: %q", raw)
		}
	})
}

func flat(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []any:
		var all string
		for _, element := range v {
			all += flat(element)
		}
		return all
	case map[string]any:
		var all string
		for name, value := range v {
			all += name + flat(value)
		}
		return all
	}
	return ""
}
