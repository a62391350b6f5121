// Package fault is the one vocabulary of errors that crosses rooms.
//
// The domain says what went wrong (Kind, Code, Fields); only the edge knows
// which HTTP status that is.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind is the class of a fault; the edge maps each to one status.
type Kind uint8

// The kinds, in the order in which a request is refused (docs/contract.md, rule 12).
const (
	Internal        Kind = iota // a defect or an unknown failure: 500
	Unauthenticated             // no valid credentials
	NotFound                    // absent, or not for this caller's eyes: the two can't be told apart
	Forbidden                   // a function that the caller's role never has
	TooLarge                    // the body exceeds the limit
	Unsupported                 // the body's media type or encoding
	Malformed                   // the bytes are not what the contract reads
	Unsure                      // a precondition is required and was not sent
	Stale                       // a precondition was sent and no longer holds
	Conflict                    // the state or a guard forbids it
	Invalid                     // well-formed, but a value can't be so
	NotAllowed                  // no such method here
	NotAcceptable               // no such representation
	Limited                     // too many requests
	Unavailable                 // a dependency is away; whether something was written is not known
)

// Code is a stable snake_case name of one cause. Codes of guards live beside
// their guards in package workflow.
type Code string

// Codes that are not a guard's.
const (
	CodeInternal        Code = "internal"
	CodeUnauthenticated Code = "unauthenticated"
	CodeNotFound        Code = "not_found"
	CodeWrongRole       Code = "wrong_role"
	CodeTooLarge        Code = "too_large"
	CodeUnsupported     Code = "unsupported_media_type"
	CodeMalformed       Code = "malformed"
	CodePrecondition    Code = "precondition_required"
	CodeStale           Code = "stale"
	CodeWrongState      Code = "wrong_state"
	CodeInvalid         Code = "invalid"
	CodeKeyReused       Code = "idempotency_key_reused"
	CodeKeyInFlight     Code = "idempotency_key_in_flight"
	CodeMethod          Code = "method_not_allowed"
	CodeNotAcceptable   Code = "not_acceptable"
	CodeLimited         Code = "rate_limited"
	CodeReadingLimit    Code = "reading_limit"
	CodeUnavailable     Code = "unavailable"
)

// Field is one member of the input that is wrong.
type Field struct {
	Pointer string // RFC 6901 JSON pointer into the body; "?name" for a query parameter
	Code    Code   // required, too_long, unknown_code …
	Detail  string // a sentence for a person; never echoes the value
}

// Fault is an error that a caller may be told about. Detail and Fields never
// hold SQL, Go types, constraint names or personal data.
type Fault struct {
	Kind   Kind
	Code   Code
	Detail string
	Fields []Field

	State          string   // of the record, with Conflict
	AllowedActions []string // what this caller may do now, with Conflict
	RetryAfter     time.Duration
	Allow          []string // methods, with NotAllowed

	cause error
}

func (f *Fault) Error() string {
	if f.cause != nil {
		return fmt.Sprintf("%s: %s: %v", f.Code, f.Detail, f.cause)
	}
	return fmt.Sprintf("%s: %s", f.Code, f.Detail)
}

func (f *Fault) Unwrap() error { return f.cause }

// Because keeps the cause for the log; the caller is never told.
func (f *Fault) Because(err error) *Fault {
	g := *f
	g.cause = err
	return &g
}

// New makes a fault.
func New(kind Kind, code Code, detail string, fields ...Field) *Fault {
	return &Fault{Kind: kind, Code: code, Detail: detail, Fields: fields}
}

// As finds the fault in a chain of errors.
func As(err error) (*Fault, bool) {
	var f *Fault
	ok := errors.As(err, &f)
	return f, ok
}

// Is reports whether err carries a fault of that code.
func Is(err error, code Code) bool {
	f, ok := As(err)
	return ok && f.Code == code
}

// Absent is the one answer for what is not there and for what the caller may
// not see. It takes no argument so that no caller can tell the two apart.
func Absent() *Fault {
	return New(NotFound, CodeNotFound, "There is nothing here, or nothing that you may see.")
}

// Values refuses well-formed input whose fields can't be as they are.
func Values(fields ...Field) *Fault {
	return New(Invalid, CodeInvalid, "Some fields can't be as they are; see errors.", fields...)
}

// Shape refuses input that the contract can't read.
func Shape(detail string, fields ...Field) *Fault {
	return New(Malformed, CodeMalformed, detail, fields...)
}

// Outdated says that somebody changed the record since the caller read it.
func Outdated() *Fault {
	return New(Stale, CodeStale, "The record has changed since you read it; read it again.")
}
