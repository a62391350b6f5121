package handlers

import (
	"net/http"
	"slices"
	"strings"

	"onward/fault"

	"github.com/labstack/echo/v4"
)

// echoKinds says which fault Echo's own refusals are. Whatever isn't here is
// malformed below 500, and internal from there on.
var echoKinds = map[int]struct {
	kind   fault.Kind
	code   fault.Code
	detail string
}{
	http.StatusUnauthorized:          {fault.Unauthenticated, fault.CodeUnauthenticated, "This needs valid credentials."},
	http.StatusForbidden:             {fault.Forbidden, fault.CodeWrongRole, "Your role never has this function."},
	http.StatusNotAcceptable:         {fault.NotAcceptable, fault.CodeNotAcceptable, "There is no such representation."},
	http.StatusRequestEntityTooLarge: {fault.TooLarge, fault.CodeTooLarge, "The body may have at most 262144 bytes (256 KiB)."},
	http.StatusUnsupportedMediaType:  {fault.Unsupported, fault.CodeUnsupported, "This kind of body is not read here."},
	http.StatusTooManyRequests:       {fault.Limited, fault.CodeLimited, "There were too many requests; wait a moment."},
	http.StatusServiceUnavailable:    {fault.Unavailable, fault.CodeUnavailable, "This can't be answered now; try again."},
	http.StatusGatewayTimeout:        {fault.Unavailable, fault.CodeUnavailable, "The answer did not come in time; try again."},
}

// fromEcho turns a refusal by Echo or its middleware into a fault.
//
// An unknown route reads like an absent record. A known route with another
// method is 405, also where Echo says 404: a group that uses middleware hides
// its 405s behind a catch-all.
func fromEcho(c echo.Context, refusal *echo.HTTPError) *fault.Fault {
	if refusal.Code == http.StatusNotFound || refusal.Code == http.StatusMethodNotAllowed {
		return noRoute(c)
	}
	if known, ok := echoKinds[refusal.Code]; ok {
		return fault.New(known.kind, known.code, known.detail)
	}
	if refusal.Code >= http.StatusInternalServerError {
		return internal()
	}
	return fault.Shape("The request can't be read.")
}

func noRoute(c echo.Context) *fault.Fault {
	allowed := allowedMethods(c)
	if len(allowed) == 0 || slices.Contains(allowed, c.Request().Method) {
		return fault.Absent()
	}
	f := fault.New(fault.NotAllowed, fault.CodeMethod, "This can't be done here; Allow has what can.")
	f.Allow = allowed
	return f
}

// allowedMethods are the methods of all routes that match the path. Echo's own
// list holds only those of the first pattern that it tried.
func allowedMethods(c echo.Context) []string {
	var methods []string
	path := echo.GetPath(c.Request())
	for _, route := range c.Echo().Routes() {
		if route.Method != echo.RouteNotFound && matches(route.Path, path) {
			methods = append(methods, route.Method)
		}
	}
	slices.Sort(methods)
	return slices.Compact(methods)
}

// matches reports whether an Echo pattern takes the path, one segment for each :name.
func matches(pattern, path string) bool {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	for i, segment := range want {
		switch {
		case segment == "*":
			return true
		case i >= len(got):
			return false
		case strings.HasPrefix(segment, ":"):
			if got[i] == "" {
				return false
			}
		case segment != got[i]:
			return false
		}
	}
	return len(want) == len(got)
}

// exactRoute is middleware that keeps a :name to one segment of the path. Where
// nothing follows it, Echo lets it take the rest, slashes and all, so that
// /organisations/7/nowhere would reach the handler of /organisations/:id. And
// OPTIONS is a method like any other, which Echo would answer by itself.
//
// Errors: not_found, method_not_allowed.
func exactRoute(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if c.Request().Method == http.MethodOptions {
			return noRoute(c)
		}
		for i, value := range c.ParamValues() {
			if c.ParamNames()[i] != "*" && (value == "" || strings.Contains(value, "/")) {
				return fault.Absent()
			}
		}
		return next(c)
	}
}
