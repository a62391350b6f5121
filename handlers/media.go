package handlers

import (
	"mime"
	"strconv"
	"strings"

	"onward/fault"

	"github.com/labstack/echo/v4"
)

// acceptable chooses among the offered media types, the server's favourite
// first, by the client's Accept (RFC 9110, 12.5.1). Parameters of a range
// other than q are not looked at. No Accept at all accepts everything.
//
// Errors: not_acceptable.
func acceptable(c echo.Context, offers ...string) (string, error) {
	if len(offers) > 1 {
		c.Response().Header().Add("Vary", "Accept")
	}
	ranges := acceptRanges(c.Request().Header.Values("Accept"))
	best, bestQ := "", 0.0
	for _, offer := range offers {
		if q := quality(ranges, offer); q > bestQ {
			best, bestQ = offer, q
		}
	}
	if best == "" {
		return "", fault.New(fault.NotAcceptable, fault.CodeNotAcceptable, "This can be answered only in "+strings.Join(offers, " or ")+".")
	}
	return best, nil
}

// acceptRanges gives each media range its q; a range that can't be read is left out.
func acceptRanges(values []string) map[string]float64 {
	header := strings.TrimSpace(strings.Join(values, ","))
	if header == "" {
		header = "*/*"
	}
	ranges := make(map[string]float64)
	for part := range strings.SplitSeq(header, ",") {
		media, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		q := 1.0
		if text, ok := params["q"]; ok {
			if q, err = strconv.ParseFloat(text, 64); err != nil || !(q >= 0 && q <= 1) {
				continue
			}
		}
		ranges[media] = max(q, ranges[media])
	}
	return ranges
}

// quality is the q of the most specific range that takes the offer, 0 if none does.
func quality(ranges map[string]float64, offer string) float64 {
	kind, _, _ := strings.Cut(offer, "/")
	for _, specific := range []string{offer, kind + "/*", "*/*"} {
		if q, ok := ranges[specific]; ok {
			return q
		}
	}
	return 0
}

// gzipAsked takes away an Accept-Encoding that does not ask for gzip (RFC 9110,
// 12.5.3): Echo looks for the word alone, and would find it in gzip;q=0 too.
func gzipAsked(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Request().Header
		if acceptRanges(h.Values(echo.HeaderAcceptEncoding))["gzip"] == 0 {
			h.Del(echo.HeaderAcceptEncoding)
		}
		return next(c)
	}
}

// gzipped reports whether what a route answers with is compressed already: a
// second time, no browser could read it.
func gzipped(c echo.Context) bool { return c.Path() == docsFiles }
