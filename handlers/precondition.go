package handlers

import (
	"net/http"
	"strconv"
	"strings"

	"onward/fault"

	"github.com/labstack/echo/v4"
)

// anyVersion is what If-Match: * asks for: the record as it is, whichever
// version that may be. No record ever has this version, so code that doesn't
// know of it refuses as stale instead of writing.
const anyVersion = 0

// etag is the entity tag of a version, such as "3".
func etag(version int) string { return strconv.Quote(strconv.Itoa(version)) }

// setETag tells the client which version it was given.
func setETag(c echo.Context, version int) { c.Response().Header().Set("ETag", etag(version)) }

// ifMatch is the version that a change was made from (RFC 9110, 13.1.1; RFC
// 6585, 3), or anyVersion. Of several versions it is the highest: versions only
// grow, so who has seen that one knows that the others are gone.
//
// Errors: precondition_required (no If-Match), stale (nothing in it could ever
// match: weak tags, which never do, and what this service has not issued).
func ifMatch(c echo.Context) (version int, err error) {
	version, sent, err := ifMatchSent(c)
	if err == nil && !sent {
		err = fault.New(fault.Unsure, fault.CodePrecondition, "Send If-Match with the ETag of the version that you changed.")
	}
	return version, err
}

// ifMatchSent is ifMatch where the header is optional. Errors: stale.
func ifMatchSent(c echo.Context) (version int, sent bool, err error) {
	header := strings.TrimSpace(strings.Join(c.Request().Header.Values("If-Match"), ","))
	switch header {
	case "":
		return 0, false, nil
	case "*":
		return anyVersion, true, nil
	}
	for _, tag := range entityTags(header) {
		if !tag.weak {
			version = max(version, tag.version())
		}
	}
	if version == 0 {
		return 0, true, fault.New(fault.Stale, fault.CodeStale, `If-Match must have the ETag as it was sent, in its quotes, such as "3".`)
	}
	return version, true, nil
}

// notModified reports whether the client of a GET has this version already
// (RFC 9110, 13.1.2); the answer is then 304 with the ETag and no body.
func notModified(c echo.Context, version int) bool {
	if method := c.Request().Method; method != http.MethodGet && method != http.MethodHead {
		return false
	}
	header := strings.TrimSpace(strings.Join(c.Request().Header.Values("If-None-Match"), ","))
	if header == "*" {
		return true
	}
	for _, tag := range entityTags(header) {
		if tag.version() == version { // weak comparison
			return true
		}
	}
	return false
}

type entityTag struct {
	opaque string
	weak   bool
}

// version is the version that the tag names, or 0 if this service can't have
// issued it.
func (t entityTag) version() int {
	version, err := strconv.Atoi(t.opaque)
	if err != nil || version < 1 || strconv.Itoa(version) != t.opaque {
		return 0
	}
	return version
}

// entityTags reads a list of entity tags (RFC 9110, 8.8.3), up to the first
// thing that isn't one.
func entityTags(header string) (tags []entityTag) {
	for {
		header = strings.TrimLeft(header, " \t,")
		rest, weak := strings.CutPrefix(header, "W/")
		if !strings.HasPrefix(rest, `"`) {
			return tags
		}
		opaque, after, closed := strings.Cut(rest[1:], `"`)
		if !closed {
			return tags
		}
		tags = append(tags, entityTag{opaque, weak})
		header = after
	}
}
