package handlers

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"

	"onward/fault"

	"github.com/go-playground/validator/v10"
)

// Codes of members whose value can't be, in the errors of an invalid problem.
const (
	codeRequired    fault.Code = "required"
	codeUnexpected  fault.Code = "unexpected"
	codeTooLong     fault.Code = "too_long"
	codeTooShort    fault.Code = "too_short"
	codeTooMany     fault.Code = "too_many"
	codeTooFew      fault.Code = "too_few"
	codeTooBig      fault.Code = "too_large"
	codeTooSmall    fault.Code = "too_small"
	codeWrongLength fault.Code = "wrong_length"
	codeUnknownCode fault.Code = "unknown_code"
	codeOutOfOrder  fault.Code = "out_of_order"
	codeNotUnique   fault.Code = "not_unique"
	codeNotText     fault.Code = "not_text"
	codeNotLine     fault.Code = "not_one_line"
	codeNotCountry  fault.Code = "not_a_country"
	codeNotRegion   fault.Code = "not_a_subdivision"
	codeNotLanguage fault.Code = "not_a_language"
	codeNotID       fault.Code = "not_an_id"
	codeNotDate     fault.Code = "not_a_date"
	codeNotTime     fault.Code = "not_a_time"
	codeNotBoolean  fault.Code = "not_a_boolean"
	codeNotZone     fault.Code = "not_a_time_zone"
	codeNotURL      fault.Code = "not_a_url"
	codeNotEmail    fault.Code = "not_an_email_address"
	codeNotOkay     fault.Code = "invalid"
)

type explanation struct {
	code   fault.Code
	detail string
}

// explanations holds the rules whose sentence is always the same.
var explanations = map[string]explanation{
	"required":                  {codeRequired, "This is required."},
	"unique":                    {codeNotUnique, "Nothing may occur twice here."},
	"text":                      {codeNotText, "This must be text that can be seen, without control characters except line breaks and tabs."},
	"line":                      {codeNotLine, "This must be one line of text that can be seen, without control characters."},
	"subdivision":               {codeNotRegion, "This must be a subdivision in the form of ISO 3166-2, such as PH-00."},
	"iso3166_2":                 {codeNotRegion, "This must be a subdivision of ISO 3166-2, such as PH-00."},
	"iso3166_1_alpha2":          {codeNotCountry, "This must be a country's two letters by ISO 3166-1, such as PH."},
	"language":                  {codeNotLanguage, "This must be a registered language tag (BCP 47) in its usual case, such as tl or pt-BR."},
	"bcp47_strict_language_tag": {codeNotLanguage, "This must be a registered language tag (BCP 47), such as tl or pt-BR."},
	"moment":                    {codeNotTime, "This must be a time of the years 0 to 9999, in UTC too."},
	"timezone":                  {codeNotZone, "This must be a time zone of the IANA list, such as Asia/Seoul."},
	"uuid":                      {codeNotID, "This must be an id (UUID), as it was given by this service."},
	"email":                     {codeNotEmail, "This must be an e-mail address."},
	"url":                       {codeNotURL, "This must be an absolute URL."},
	"http_url":                  {codeNotURL, "This must be an absolute http or https URL."},
	"https_url":                 {codeNotURL, "This must be an absolute https URL."},
}

// explain gives a failure its code and a sentence, which tells the limit or the
// allowed codes and never the value, nor a name from the program.
func explain(failure validator.FieldError, codes func(string) []string) (fault.Code, string) {
	tag, param := failure.Tag(), failure.Param()
	if known, ok := explanations[tag]; ok {
		return known.code, known.detail
	}
	switch tag {
	case "max", "lte", "lt", "min", "gte", "gt", "len":
		return explainSize(tag, param, failure.Kind())
	case "oneof":
		return unknownCode(strings.Fields(param))
	case "code":
		return unknownCode(codes(param))
	case "datetime":
		return codeNotDate, "This must be a date such as 2012-12-31."
	case "gtfield", "gtefield":
		return codeOutOfOrder, "This must not be before or below " + snake(param) + "."
	case "ltfield", "ltefield":
		return codeOutOfOrder, "This must not be after or above " + snake(param) + "."
	}
	switch {
	case strings.HasPrefix(tag, "required_"):
		return codeRequired, "This is required together with what else was sent."
	case strings.HasPrefix(tag, "excluded_"):
		return codeUnexpected, "This can't be sent together with what else was sent."
	}
	return codeNotOkay, "This can't be as it is."
}

// bound is how a size rule reads, by its side.
type bound struct {
	text, list, number fault.Code
	says               string
}

var bounds = map[string]bound{
	"max": {codeTooLong, codeTooMany, codeTooBig, "at most"},
	"lte": {codeTooLong, codeTooMany, codeTooBig, "at most"},
	"lt":  {codeTooLong, codeTooMany, codeTooBig, "less than"},
	"min": {codeTooShort, codeTooFew, codeTooSmall, "at least"},
	"gte": {codeTooShort, codeTooFew, codeTooSmall, "at least"},
	"gt":  {codeTooShort, codeTooFew, codeTooSmall, "more than"},
	"len": {codeWrongLength, codeWrongLength, codeNotOkay, "exactly"},
}

func explainSize(tag, param string, kind reflect.Kind) (fault.Code, string) {
	b := bounds[tag]
	switch kind {
	case reflect.String:
		return b.text, "This must have " + b.says + " " + counted(param, "character", "characters") + "."
	case reflect.Slice, reflect.Map, reflect.Array:
		return b.list, "This must have " + b.says + " " + counted(param, "entry", "entries") + "."
	}
	if param == "" { // a time against now
		return codeNotOkay, "This can't be as it is."
	}
	return b.number, fmt.Sprintf("This must be %s %s.", b.says, param)
}

func counted(n, one, many string) string {
	if n == "1" {
		return "1 " + one
	}
	return n + " " + many
}

func unknownCode(allowed []string) (fault.Code, string) {
	return codeUnknownCode, "This must be one of: " + strings.Join(allowed, ", ") + "."
}

// snake turns the name of a Go field into that of its JSON member, as this
// project always writes the two: PreferredFrom, preferred_from.
func snake(name string) string {
	var out strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			out.WriteByte('_')
		}
		out.WriteRune(unicode.ToLower(r))
	}
	return out.String()
}
