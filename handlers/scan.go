package handlers

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"onward/fault"

	"github.com/go-json-experiment/json/jsontext"
)

// Codes of members that can't be read, in the errors of a malformed problem.
const (
	codeNotJSON   fault.Code = "not_json"
	codeNull      fault.Code = "null"
	codeNUL       fault.Code = "nul_character"
	codeTooDeep   fault.Code = "too_deep"
	codeDuplicate fault.Code = "duplicate_member"
	codeUnknown   fault.Code = "unknown_member"
	codeWrongType fault.Code = "wrong_type"
)

// maxDepth is how deep objects and lists may be nested. The contract needs 4;
// the bound keeps pointers, and so answers, short.
const maxDepth = 16

// scan walks raw once and refuses, with malformed, what no endpoint takes:
// anything that isn't one JSON object by RFC 8259 and I-JSON (RFC 7493: unique
// names, no lone surrogates), U+0000, which PostgreSQL can't hold, and null.
// With nulls, null may stand where RFC 7396 gives it a meaning: as a member's
// value, outside of lists. It returns the names at the top level.
func scan(raw []byte, nulls bool) (members []string, err error) {
	w := walk{dec: jsontext.NewDecoder(bytes.NewBuffer(raw)), raw: raw, nulls: nulls}
	for {
		tok, err := w.dec.ReadToken()
		if err != nil {
			return nil, w.broken(err)
		}
		if err := w.refuse(tok); err != nil {
			return nil, err
		}
		if w.dec.StackDepth() == 1 && w.atName() {
			members = append(members, tok.String())
		}
		if w.dec.StackDepth() == 0 {
			return members, w.trailing()
		}
	}
}

type walk struct {
	dec   *jsontext.Decoder
	raw   []byte
	nulls bool
	lists int // how many lists the walk is inside of
}

func (w *walk) refuse(tok jsontext.Token) error {
	switch tok.Kind() {
	case '[':
		w.lists++
	case ']':
		w.lists--
	}
	switch {
	case w.outside():
		return fault.Shape("The body must be a JSON object.")
	case w.dec.StackDepth() > maxDepth:
		return unreadable(w.dec.StackPointer(), codeTooDeep, fmt.Sprintf("Objects and lists may be nested at most %d deep.", maxDepth))
	case tok.Kind() == 'n' && (!w.nulls || w.lists > 0):
		return unreadable(w.dec.StackPointer(), codeNull, "This can't be null; leave it out instead.")
	case tok.Kind() == '"' && strings.ContainsRune(tok.String(), 0):
		return unreadable(w.dec.StackPointer(), codeNUL, "Text can't contain the character U+0000.")
	}
	return nil
}

// outside reports whether the outermost value is something else than an object.
func (w *walk) outside() bool {
	if w.dec.StackDepth() > 0 {
		kind, _ := w.dec.StackIndex(1)
		return kind != '{'
	}
	return w.raw[w.dec.InputOffset()-1] != '}'
}

// atName reports whether the token just read is a member's name.
func (w *walk) atName() bool {
	kind, tokens := w.dec.StackIndex(w.dec.StackDepth())
	return kind == '{' && tokens%2 == 1
}

// trailing refuses anything but white space after the object.
func (w *walk) trailing() error {
	after := w.dec.InputOffset()
	if rest := bytes.Trim(w.raw[after:], " \t\r\n"); len(rest) > 0 {
		return fault.Shape(fmt.Sprintf("The body must end after its JSON object, at byte %d.", after))
	}
	return nil
}

// broken turns an error of the grammar into a sentence that repeats nothing of the body.
func (w *walk) broken(err error) error {
	syntax, ok := errors.AsType[*jsontext.SyntacticError](err)
	switch {
	case errors.Is(err, io.EOF):
		return fault.Shape("The body is empty; a JSON object is expected.")
	case !ok:
		return fault.Shape("The body is not JSON.").Because(err)
	case errors.Is(err, jsontext.ErrDuplicateName):
		return unreadable(syntax.JSONPointer, codeDuplicate, "The same name occurs twice in one object.")
	case !utf8.Valid(w.raw):
		return unreadable(syntax.JSONPointer, codeNotJSON, "The body is not valid UTF-8.")
	}
	return unreadable(syntax.JSONPointer, codeNotJSON, fmt.Sprintf("This is not JSON (RFC 8259) from byte %d on.", syntax.ByteOffset))
}

// unreadable is malformed, with the place where there is one.
func unreadable(at jsontext.Pointer, code fault.Code, detail string) error {
	if at = nearest(at); at == "" {
		return fault.Shape(detail)
	}
	return fault.Shape("The body can't be read; see errors.", fault.Field{Pointer: string(at), Code: code, Detail: detail})
}

// nearest cuts a pointer back to the closest ancestor that is fit to repeat: a
// name made up by the client can be as long as the body, or hold U+0000.
func nearest(at jsontext.Pointer) jsontext.Pointer {
	for len(at) > 256 || strings.ContainsRune(string(at), 0) {
		at = at.Parent()
	}
	return at
}
