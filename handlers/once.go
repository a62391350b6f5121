package handlers

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"net/http"
	"strings"

	"onward/fault"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/labstack/echo/v4"
)

// reply is an answer as it is kept for an Idempotency-Key.
type reply struct {
	Status   int            `json:"status"`
	Location string         `json:"location,omitzero"`
	ETag     string         `json:"etag,omitzero"`
	Body     jsontext.Value `json:"body,omitzero"`
}

// answer makes a reply of a value and the version of the record in it.
func answer(status int, location string, version int, v any) (reply, error) {
	text, err := json.Marshal(v, writing)
	r := reply{Status: status, Location: location, Body: text}
	if version > 0 {
		r.ETag = etag(version)
	}
	return r, err
}

// once answers a POST; with an Idempotency-Key, a second time like the first.
// do runs in the transaction that keeps the reply. now, where it is given, takes
// off a kept reply what the caller may no longer see, in the transaction that
// finds it.
//
// Errors: those of do; malformed, idempotency_key_reused,
// idempotency_key_in_flight.
func (s *Server) once(c echo.Context, b body, do func(context.Context) (reply, error), now ...func(context.Context, *reply) error) error {
	key, err := idempotencyKey(c)
	if err != nil {
		return err
	}
	r := c.Request()
	// Under the key, of which only a hash is kept: else who has the database could
	// try names in a body until its hash is the one that is there.
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(r.Method + "\x00" + r.URL.EscapedPath() + "\x00" + string(b.raw)))
	var again []func(context.Context, []byte) ([]byte, error)
	for _, see := range now {
		again = append(again, ofBytes(see))
	}
	text, replayed, err := s.desk.Once(r.Context(), actor(c), key, [32]byte(mac.Sum(nil)), func(ctx context.Context) ([]byte, error) {
		made, err := do(ctx)
		if err != nil {
			return nil, err
		}
		return json.Marshal(made)
	}, again...)
	if err != nil {
		return err
	}
	var made reply
	if err := json.Unmarshal(text, &made); err != nil {
		return err
	}
	return send(c, made, replayed)
}

// ofBytes lets a change of a reply work on the bytes that are kept of it.
func ofBytes(change func(context.Context, *reply) error) func(context.Context, []byte) ([]byte, error) {
	return func(ctx context.Context, text []byte) ([]byte, error) {
		var made reply
		if err := json.Unmarshal(text, &made); err != nil {
			return nil, err
		}
		if err := change(ctx, &made); err != nil {
			return nil, err
		}
		return json.Marshal(made)
	}
}

func send(c echo.Context, made reply, replayed bool) error {
	h := c.Response().Header()
	for name, v := range map[string]string{"Location": made.Location, "ETag": made.ETag} {
		if v != "" {
			h.Set(name, v)
		}
	}
	if replayed {
		h.Set("Idempotency-Replayed", "true")
	}
	if made.Status == http.StatusNoContent {
		return c.NoContent(made.Status)
	}
	return c.Blob(made.Status, mediaJSON, made.Body)
}

const maxKey = 255

// idempotencyKey reads the header, quoted (a structured field's string) or bare.
func idempotencyKey(c echo.Context) (string, error) {
	key := c.Request().Header.Get("Idempotency-Key")
	if len(c.Request().Header.Values("Idempotency-Key")) == 0 {
		return "", nil
	}
	if len(key) >= 2 && strings.HasPrefix(key, `"`) && strings.HasSuffix(key, `"`) {
		key = key[1 : len(key)-1]
	}
	printable := strings.IndexFunc(key, func(r rune) bool { return r < ' ' || r > '~' }) < 0
	if key == "" || len(key) > maxKey || !printable {
		return "", fault.Shape("An Idempotency-Key has 1 to 255 signs of ASCII.")
	}
	return key, nil
}
