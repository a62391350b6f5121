package handlers

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
)

// position is where a page ended: the values of the sort keys of its last
// record, in the list's order, and its id.
type position struct {
	Keys []string `json:"k"`
	ID   string   `json:"i"`
}

// cursors seals positions, so that a client can only hand back what it was given.
type cursors struct{ key []byte }

const (
	sealSize  = 16   // HMAC-SHA-256, truncated (RFC 2104, 5)
	maxCursor = 2048 // characters
)

// newCursors takes a secret of at least 32 bytes, which all processes that
// serve the same clients share; with another one, cursors end. It panics on a shorter.
func newCursors(key []byte) *cursors {
	if len(key) < 32 {
		panic("the key of cursors needs 32 bytes")
	}
	return &cursors{slices.Clone(key)}
}

// after is the cursor that goes on after the position, in the list that the
// address names: its path and its parameters, without cursor and limit.
func (cs *cursors) after(list *url.URL, at position) (string, error) {
	payload, err := json.Marshal(at)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(append(cs.seal(list, payload), payload...)), nil
}

// open is the position in a cursor, if this service sealed it for this list.
func (cs *cursors) open(list *url.URL, cursor string) (at position, ok bool) {
	if len(cursor) > maxCursor || strings.ContainsAny(cursor, "\r\n") { // which the decoder skips
		return position{}, false
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(sealed) < sealSize {
		return position{}, false
	}
	payload := sealed[sealSize:]
	if !hmac.Equal(sealed[:sealSize], cs.seal(list, payload)) {
		return position{}, false
	}
	return at, json.Unmarshal(payload, &at) == nil
}

// seal covers the list beside the payload: filters and order need no place in
// the cursor, and a cursor fits no other list.
func (cs *cursors) seal(list *url.URL, payload []byte) []byte {
	scope := sha256.Sum256([]byte(listName(list)))
	mac := hmac.New(sha256.New, cs.key)
	mac.Write(scope[:]) // of fixed length: what follows can't be mistaken for a part of it
	mac.Write(payload)
	return mac.Sum(nil)[:sealSize]
}

// listName writes one list in one way, in whatever order its parameters came.
func listName(list *url.URL) string {
	filters := list.Query()
	filters.Del("cursor")
	filters.Del("limit")
	for _, values := range filters {
		slices.Sort(values)
	}
	return list.EscapedPath() + "?" + filters.Encode()
}

// nextLink is the Link to the next page (RFC 8288): the same address with the cursor.
func nextLink(list *url.URL, cursor string) string {
	query := list.Query()
	query.Set("cursor", cursor)
	return "<" + list.EscapedPath() + "?" + query.Encode() + `>; rel="next"`
}
