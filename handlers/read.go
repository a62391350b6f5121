package handlers

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"time"

	"onward/fault"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/labstack/echo/v4"
)

// strict is how every body is decoded: names match exactly and all are known.
// Duplicates, invalid UTF-8 and trailing bytes are refused by the package itself.
var strict = json.JoinOptions(
	json.RejectUnknownMembers(true),
	json.ExperimentalSupportFormatTag(true), // `format:DateOnly`
	json.WithUnmarshalers(json.UnmarshalFromFunc(unshare)),
)

// body is what was sent, beside the value that it decodes to.
type body struct {
	raw     []byte   // as it came, for the digest of an idempotency key
	members []string // the names at the top level, in the order sent
}

// absent reports whether no body was sent at all; only readOptional lets that pass.
func (b body) absent() bool { return b.raw == nil }

// has reports whether the top level names the member.
func (b body) has(name string) bool { return slices.Contains(b.members, name) }

// read decodes the body, one JSON object, strictly into a new T. A null is
// refused wherever it stands: leaving a member out is how it is left open.
// Limits and codes are not its matter; see check.
//
// Errors, in this order: too_large, unsupported_media_type, malformed.
func read[T any](c echo.Context) (v T, b body, err error) {
	if v, b, err = readOptional[T](c); err == nil && b.absent() {
		err = fault.Shape("The body is empty; a JSON object is expected.")
	}
	return v, b, err
}

// readOptional is read where the body may be absent; then v is its zero value
// and b.absent() is true. White space alone is a body, and malformed.
func readOptional[T any](c echo.Context) (v T, b body, err error) {
	raw, err := readBody(c, mediaJSON)
	if err != nil || len(raw) == 0 {
		return v, b, err
	}
	members, err := scan(raw, false)
	if err != nil {
		return v, b, err
	}
	err = decode(raw, &v) // before v is returned, which is a copy
	return v, body{raw, members}, err
}

// patch is a JSON merge patch (RFC 7396) that fits T. It is read before the
// record is, and applied inside the transaction that holds the record.
type patch[T any] struct{ body }

// readPatch reads a merge patch as strictly as read does; only null has its
// meaning there, as a member's value outside of lists.
//
// Errors, in this order: too_large, unsupported_media_type, malformed.
func readPatch[T any](c echo.Context) (p patch[T], err error) {
	raw, err := readBody(c, mediaMergePatch, mediaJSON)
	if err != nil {
		return p, err
	}
	members, err := scan(raw, true)
	if err != nil {
		return p, err
	}
	if err := emptied(raw, reflect.TypeFor[T](), ""); err != nil {
		return p, err
	}
	var trial T // whatever doesn't fit, doesn't fit an empty T either
	return patch[T]{body{raw, members}}, decode(raw, &trial)
}

// apply merges the patch into the value: null empties, a list replaces the
// whole list, an object is merged member by member. On an error the value is
// unchanged, and nothing that it shares with its copies is ever written to.
func (p patch[T]) apply(into *T) error {
	merged := *into
	if err := decode(p.raw, &merged); err != nil {
		return err
	}
	*into = merged
	return nil
}

// merge is readPatch and apply in one step, for a value that is at hand.
func merge[T any](c echo.Context, into *T) error {
	p, err := readPatch[T](c)
	if err != nil {
		return err
	}
	return p.apply(into)
}

func decode(raw []byte, into any) error {
	err := json.Unmarshal(raw, into, strict)
	if err == nil {
		return nil
	}
	misfit, ok := errors.AsType[*json.SemanticError](err)
	switch {
	case !ok:
		return fault.Shape("The body is not JSON.").Because(err)
	case errors.Is(err, json.ErrUnknownName):
		return unreadable(misfit.JSONPointer, codeUnknown, "There is no such member here; names are exact, in lower case.")
	}
	return unreadable(misfit.JSONPointer, codeWrongType, expected(misfit))
}

// unshare gives the decoder fresh memory for whatever a shallow copy shares
// with its original, which decoding would otherwise write through. It decodes
// nothing itself.
func unshare(_ *jsontext.Decoder, target any) error {
	v := reflect.ValueOf(target).Elem()
	switch {
	case v.Kind() == reflect.Slice:
		v.SetZero() // a list is replaced, never merged
	case v.Kind() == reflect.Pointer && !v.IsNil():
		fresh := reflect.New(v.Type().Elem())
		fresh.Elem().Set(v.Elem())
		v.Set(fresh)
	case v.Kind() == reflect.Map && !v.IsNil():
		fresh := reflect.MakeMapWithSize(v.Type(), v.Len())
		for key, value := range v.Seq2() {
			fresh.SetMapIndex(key, value)
		}
		v.Set(fresh)
	}
	return errors.ErrUnsupported // go on with the usual decoding
}

// expected says in plain words what should have stood there.
func expected(misfit *json.SemanticError) string {
	if parse, ok := errors.AsType[*time.ParseError](misfit.Err); ok && parse.Layout == time.DateOnly {
		return "This must be a date such as 2012-12-31."
	}
	if misfit.GoType == nil {
		return "This has the wrong type."
	}
	if misfit.GoType == reflect.TypeFor[time.Time]() {
		return "This must be a date such as 2012-12-31, or a time with its zone such as 2012-03-29T09:00:00Z, as the contract has it."
	}
	switch misfit.GoType.Kind() {
	case reflect.String:
		return "This must be text."
	case reflect.Bool:
		return "This must be true or false."
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "This must be a whole number, without fraction or exponent, and not too large."
	case reflect.Float32, reflect.Float64:
		return "This must be a number, and not too large."
	case reflect.Slice, reflect.Array:
		return "This must be a list."
	case reflect.Struct, reflect.Map:
		return "This must be an object."
	}
	return "This has the wrong type."
}

// emptied refuses a patch whose null would turn a switch off, or count nothing,
// however deep it stands: a member that is always a truth value, a number or an
// object can't be empty.
func emptied(raw []byte, t reflect.Type, at jsontext.Pointer) error {
	var sent map[string]jsontext.Value
	if err := json.Unmarshal(raw, &sent, strict); err != nil {
		return decode(raw, &sent)
	}
	for _, field := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		v, ok := sent[name]
		if !ok {
			continue
		}
		kind, can := field.Type.Kind(), options == "omitzero"
		switch {
		case v.Kind() == 'n' && !can && (kind == reflect.Bool || kind == reflect.Int || kind == reflect.Struct):
			return unreadable(at.AppendToken(name), codeWrongType, "This always has a value, and can't be empty.")
		case v.Kind() == '{' && kind == reflect.Pointer:
			field.Type = field.Type.Elem()
			fallthrough
		case v.Kind() == '{' && field.Type.Kind() == reflect.Struct:
			if err := emptied(v, field.Type, at.AppendToken(name)); err != nil {
				return err
			}
		}
	}
	return nil
}
