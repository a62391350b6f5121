package workflow

import "regexp"

// What a pseudonym must not be. A pattern can only suspect: it warns.
var suspicious = []struct {
	code, says string
	looks      *regexp.Regexp
}{
	{"looks_like_email", "This looks like an e-mail address; a subject code must not lead to the person.", regexp.MustCompile(`\S@\S`)},
	{"looks_like_phone", "This looks like a phone number; a subject code must not lead to the person.", regexp.MustCompile(`^\+?[\d\s()/.-]*(\d[\s()/.-]*){7}$`)},
	{"looks_like_name", "This looks like a name with a surname; a subject code must not lead to the person.", regexp.MustCompile(`^\p{Lu}[\p{L}'’.-]+(\s+\p{Lu}[\p{L}'’.-]+)+$`)},
}

// Suspect says what a subject code looks like that it must not be; empty: it
// looks like a pseudonym.
func Suspect(subjectCode string) (code, says string) {
	for _, s := range suspicious {
		if s.looks.MatchString(subjectCode) {
			return s.code, s.says
		}
	}
	return "", ""
}
