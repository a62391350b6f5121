package handlers

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/go-playground/validator/v10"
)

// registerTags adds the rules of the field that the validator lacks.
func registerTags(engine *validator.Validate, codes func(string) []string) {
	rules := map[string]func(string) bool{
		"text":        isText,
		"line":        isLine,
		"subdivision": func(s string) bool { return isSubdivision(engine, s) },
		"language":    func(s string) bool { return isLanguage(engine, s) },
	}
	for tag, holds := range rules {
		must(engine.RegisterValidation(tag, func(f validator.FieldLevel) bool { return holds(f.Field().String()) }))
	}
	must(engine.RegisterValidation("moment", func(f validator.FieldLevel) bool { return isMoment(f.Field().Interface()) }))
	must(engine.RegisterValidation("code", func(f validator.FieldLevel) bool {
		allowed := codes(f.Param())
		if len(allowed) == 0 {
			panic("no vocabulary is called " + f.Param())
		}
		return slices.Contains(allowed, f.Field().String())
	}))
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// isMoment takes a time that RFC 3339 can tell in UTC too: a zone can carry
// the first or last day of its years beyond them, where no answer could follow.
func isMoment(v any) bool {
	t, ok := v.(time.Time)
	return ok && t.UTC().Year() >= 0 && t.UTC().Year() <= 9999
}

// isText takes what a person can read: something visible, and no control
// characters but line feed and tab.
func isText(s string) bool {
	visible := func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) }
	control := func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }
	return strings.ContainsFunc(s, visible) && !strings.ContainsFunc(s, control)
}

// isLine is text without line breaks, Unicode's own included.
func isLine(s string) bool {
	return isText(s) && !strings.ContainsAny(s, "\n\u2028\u2029")
}

var subdivisionShape = regexp.MustCompile(`^[A-Z]{2}-[A-Z0-9]{1,3}$`)

// isSubdivision holds a code to the shape of ISO 3166-2 and to a country that
// exists. The list itself changes every year, so a list in a library refuses
// what is right.
func isSubdivision(engine *validator.Validate, s string) bool {
	return subdivisionShape.MatchString(s) && engine.Var(s[:2], "iso3166_1_alpha2") == nil
}

// isLanguage takes registered BCP 47 tags, in the usual case only (RFC 5646,
// 2.1.1): two spellings of one language would never match each other.
func isLanguage(engine *validator.Validate, s string) bool {
	return engine.Var(s, "bcp47_strict_language_tag") == nil && s == usualCase(s)
}

func usualCase(tag string) string {
	parts := strings.Split(strings.ToLower(tag), "-")
	for i, part := range parts[1:] {
		switch {
		case len(parts[i]) == 1: // after a singleton everything stays lower
		case len(part) == 2:
			parts[i+1] = strings.ToUpper(part)
		case len(part) == 4:
			parts[i+1] = strings.ToUpper(part[:1]) + part[1:]
		}
	}
	return strings.Join(parts, "-")
}
