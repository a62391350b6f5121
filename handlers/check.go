package handlers

import (
	"errors"
	"reflect"
	"strings"

	"onward/fault"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/go-playground/validator/v10"
)

// maxFields is how many wrong members one answer names at most.
const maxFields = 100

// embedded stands for a Go embedding in the validator's names: its members are
// the parent's in JSON.
const embedded = "~"

// newCheck gives the function that holds wire types against their validate
// tags. codes gives the allowed codes of a vocabulary, for `code=<vocabulary>`;
// it is asked at each check, and must be safe for concurrent use.
//
// The function returns one field for each member that can't be as it is, nil if
// all can; the caller makes it 422 with fault.Values. It panics on tags that
// name no rule, no vocabulary or not a struct: call it once for each wire type
// at start-up.
//
// Own tags: code=<vocabulary>, subdivision (shape of ISO 3166-2), language
// (BCP 47, registered), moment (a time that can be told in UTC), text (visible, control characters only \n and \t),
// line (text in one line). max, min and len count characters on text.
func newCheck(codes func(vocabulary string) []string) func(v any) []fault.Field {
	engine := validator.New(validator.WithRequiredStructEnabled())
	engine.RegisterTagNameFunc(memberName)
	registerTags(engine, codes)
	return func(v any) []fault.Field {
		err := engine.Struct(v)
		if err == nil {
			return nil
		}
		failures, ok := errors.AsType[validator.ValidationErrors](err)
		if !ok {
			panic("check needs a struct: " + err.Error())
		}
		root := reflect.Indirect(reflect.ValueOf(v)).Type().Name()
		return explainAll(root, failures, codes)
	}
}

func explainAll(root string, failures validator.ValidationErrors, codes func(string) []string) []fault.Field {
	var fields []fault.Field
	for _, failure := range failures[:min(len(failures), maxFields)] {
		code, detail := explain(failure, codes)
		fields = append(fields, fault.Field{Pointer: pointer(root, failure.Namespace()), Code: code, Detail: detail})
	}
	return fields
}

// memberName is the name of a struct field in JSON.
func memberName(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	if name == "" && field.Anonymous {
		return embedded
	}
	return name // empty: the validator takes the Go name, as the JSON package does
}

// pointer turns the validator's Root.consents[0].basis into /consents/0/basis (RFC 6901).
func pointer(root, namespace string) string {
	var at jsontext.Pointer
	path := strings.TrimPrefix(strings.TrimPrefix(namespace, root), ".")
	for token := range strings.FieldsFuncSeq(path, func(r rune) bool { return strings.ContainsRune(".[]", r) }) {
		if token != embedded {
			at = at.AppendToken(token)
		}
	}
	return string(at)
}
