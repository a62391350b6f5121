package handlers

import (
	"errors"
	"net/http"

	"onward/api"

	"github.com/go-json-experiment/json"
	"github.com/labstack/echo/v4"
)

// writing is how every answer is encoded: the same tags as in reading, and nil
// lists as [].
var writing = json.JoinOptions(json.ExperimentalSupportFormatTag(true), json.Deterministic(true))

// write answers with JSON, encoded before the status is sent, so that a
// failure can still become a problem. Unlike Echo's JSON it knows the format
// and omitzero tags as read does, and no parameter called pretty.
func write(c echo.Context, status int, v any) error {
	text, err := json.Marshal(v, writing)
	if err != nil {
		return err
	}
	return c.Blob(status, mediaJSON, text)
}

// writePage answers with one page of a list. With a next cursor it also sends
// Link: <…>; rel="next" (RFC 8288), which keeps the other parameters.
func writePage[T any](c echo.Context, items []T, next string) error {
	p := api.Page[T]{Items: items}
	if next != "" {
		p.Next = &next
		c.Response().Header().Set("Link", nextLink(c.Request().URL, next))
	}
	return write(c, http.StatusOK, p)
}

// strictSerializer takes the place of Echo's JSON, so that c.JSON can't write
// other JSON than write does, and Bind can't read at all.
type strictSerializer struct{}

// Serialize encodes as write does; indent is ignored.
func (strictSerializer) Serialize(c echo.Context, v any, _ string) error {
	text, err := json.Marshal(v, writing)
	if err != nil {
		return err
	}
	_, err = c.Response().Write(text)
	return err
}

// Deserialize always fails: bodies are read by read and readPatch alone.
func (strictSerializer) Deserialize(echo.Context, any) error {
	return errors.New("bodies are read by read and readPatch, never by Bind")
}
