package handlers

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"onward/fault"

	"github.com/labstack/echo/v4"
)

// maxBody is the largest body that is read, in bytes (256 KiB).
const maxBody = 256 << 10

const (
	mediaJSON       = "application/json"
	mediaMergePatch = "application/merge-patch+json" // RFC 7396
)

// readBody takes the whole body as it came, and refuses any query: nothing that
// has a body has one. An absent body is empty bytes.
//
// Errors, in this order: too_large, malformed (it broke off), unsupported_media_type, malformed.
func readBody(c echo.Context, accepted ...string) ([]byte, error) {
	r := c.Request()
	if r.ContentLength > maxBody {
		return nil, tooLarge()
	}
	// One byte more than the limit tells "exactly full" from "too large" when no length was announced.
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok || len(raw) > maxBody {
		return nil, tooLarge()
	}
	if err != nil {
		return nil, fault.Shape("The body broke off before its end.").Because(err)
	}
	if len(raw) == 0 {
		return nil, query(c).done() // nothing was sent, so there is no media type to refuse
	}
	if err := checkMedia(c, accepted); err != nil {
		return nil, err
	}
	return raw, query(c).done()
}

// unasked refuses any query where none is read. Where there is a body, that is
// readBody's: 413 and 415 come first.
func unasked(c echo.Context) error {
	if bodied(c.Request().Method) {
		return nil
	}
	return query(c).done()
}

// bodied reports whether requests of a method have a body here.
func bodied(method string) bool {
	return slices.Contains([]string{http.MethodPost, http.MethodPut, http.MethodPatch}, method)
}

// checkMedia refuses bodies that are not UTF-8 JSON as plain bytes, and tells
// in the answer what would have been taken (RFC 9110, 12.5.3 and 15.5.16; RFC 5789, 3.1).
func checkMedia(c echo.Context, accepted []string) error {
	answer := c.Response().Header()
	if encoded(c.Request().Header) {
		answer.Set("Accept-Encoding", "identity")
		return unsupported("A body is read only as it is: send it without Content-Encoding.")
	}
	if !typed(c.Request().Header, accepted) {
		answer.Set(acceptHeader(c.Request().Method), strings.Join(accepted, ", "))
		return unsupported("A body is read only as " + strings.Join(accepted, " or ") + ", in UTF-8.")
	}
	return nil
}

func encoded(h http.Header) bool {
	codings := strings.Split(strings.Join(h.Values("Content-Encoding"), ","), ",")
	return slices.ContainsFunc(codings, func(coding string) bool {
		coding = strings.TrimSpace(coding)
		return coding != "" && !strings.EqualFold(coding, "identity")
	})
}

// typed reports whether there is one Content-Type, it is an accepted one, and
// its only parameter, if any, is charset=utf-8.
func typed(h http.Header, accepted []string) bool {
	types := h.Values("Content-Type")
	if len(types) != 1 {
		return false
	}
	media, params, err := mime.ParseMediaType(types[0])
	if err != nil || !slices.Contains(accepted, media) {
		return false
	}
	charset, named := params["charset"]
	if !named {
		return len(params) == 0
	}
	return len(params) == 1 && strings.EqualFold(charset, "utf-8")
}

func acceptHeader(method string) string {
	switch method {
	case http.MethodPatch:
		return "Accept-Patch"
	case http.MethodPost:
		return "Accept-Post"
	}
	return "Accept"
}

func tooLarge() error {
	return fault.New(fault.TooLarge, fault.CodeTooLarge, "The body may have at most 262144 bytes (256 KiB).")
}

func unsupported(detail string) error {
	return fault.New(fault.Unsupported, fault.CodeUnsupported, detail)
}
