package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// answerAtMost bounds what is read of one answer.
const answerAtMost = 4 << 20

// answer is what the service said.
type answer struct {
	status int
	header http.Header
	body   any // as encoding/json reads it
}

// at finds what a JSON pointer (RFC 6901) points to.
func (a answer) at(pointer string) (any, bool) {
	found := a.body
	for _, token := range strings.Split(pointer, "/")[1:] {
		token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
		var ok bool
		switch in := found.(type) {
		case map[string]any:
			found, ok = in[token]
		case []any:
			if i, err := strconv.Atoi(token); err == nil && i >= 0 && i < len(in) {
				found, ok = in[i], true
			}
		}
		if !ok {
			return nil, false
		}
	}
	return found, true
}

// text is at for what should be a text, else empty.
func (a answer) text(pointer string) string {
	found, _ := a.at(pointer)
	text, _ := found.(string)
	return text
}

// refused reports a refusal, which the demo has on purpose.
func (a answer) refused() bool { return a.status >= http.StatusBadRequest }

// recordOf is the path of the record that a request is about.
func recordOf(path string) string { return strings.TrimSuffix(path, "/transitions") }

// changes reports whether a request needs If-Match.
func changes(method, path string) bool {
	return method == http.MethodPatch || method == http.MethodDelete || recordOf(path) != path
}

// ask sends what a person asks. What changes a record names the version that
// was last seen of it; where somebody else moved it since, the person reads it
// again and says it once more, as somebody at a screen would.
func (p *player) ask(ctx context.Context, as, method, path string, body any) (answer, error) {
	if !changes(method, path) {
		return p.send(ctx, as, method, path, body)
	}
	record := recordOf(path)
	if p.seen[record] == "" {
		if a, err := p.send(ctx, as, http.MethodGet, record, nil); err != nil || a.refused() {
			return a, err
		}
	}
	a, err := p.send(ctx, as, method, path, body)
	if err != nil || a.status != http.StatusPreconditionFailed {
		return a, err
	}
	if a, err := p.send(ctx, as, http.MethodGet, record, nil); err != nil || a.refused() {
		return a, err
	}
	return p.send(ctx, as, method, path, body)
}

func (p *player) send(ctx context.Context, as, method, path string, body any) (answer, error) {
	who, ok := named(p.people, as)
	if !ok {
		return answer{}, fmt.Errorf("the demo's tokens have none for %q", as)
	}
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return answer{}, err
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, p.base+path, bytes.NewReader(text))
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("Authorization", "Bearer "+who.Token)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if changes(method, path) {
		r.Header.Set("If-Match", p.seen[recordOf(path)])
	}
	response, err := p.client.Do(r)
	if err != nil {
		return answer{}, err
	}
	return p.take(response, path)
}

// take reads an answer, and remembers the version that it names.
func (p *player) take(response *http.Response, path string) (answer, error) {
	defer response.Body.Close()
	a := answer{status: response.StatusCode, header: response.Header}
	text, err := io.ReadAll(io.LimitReader(response.Body, answerAtMost))
	if err != nil {
		return a, err
	}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &a.body); err != nil {
			return a, fmt.Errorf("%s answered %d and no JSON: %w", path, a.status, err)
		}
	}
	if tag := a.header.Get("ETag"); tag != "" {
		record := recordOf(path)
		if made := a.header.Get("Location"); made != "" {
			record = made
		}
		p.seen[record] = tag
	}
	return a, nil
}
