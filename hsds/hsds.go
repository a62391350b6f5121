// Package hsds speaks the Human Services Data Specification 3.1 of Open
// Referral (https://docs.openreferral.org): it reads a directory in either of
// the standard's forms, JSON and tabular data package, into what Onward keeps
// of it, and shows what Onward publishes as the standard spells it. It is pure:
// it is handed bytes or a file system, and gives back values.
package hsds

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Version is that of the standard.
const Version = "3.1"

// Organisation is what Onward keeps of an organization. Of where it is, that
// is a country and a subdivision (ISO 3166), never an address.
type Organisation struct {
	Place
	ID          string
	Name        string
	Description string
	Type        string // a code of organisation_type; where it is read, empty if it isn't told
	Website     string
	Country     string // empty if it isn't told
	Subdivision string
	Reference   bool // it is named, by its id alone, and told of elsewhere
	Guarded     bool // it keeps a safe house, or did
	Services    []Service
}

// Service is what Onward keeps of a service. It is one here, of however many
// kinds; Onward's own table has a row for each.
type Service struct {
	Place
	ID           string
	Name         string
	Description  string
	Kinds        []string // codes of services or topics
	Status       string   // a code of service_status
	Countries    []string // none: everywhere
	Subdivisions []string
	Languages    []string
	Genders      []string
	MinimumAge   *int
	MaximumAge   *int
	Schedule     string
	Capacity     *Capacity
}

// Capacity is how many places a service had, and when that was told.
type Capacity struct {
	Available, Maximum int
	Updated            time.Time
}

// Place is where something was read.
type Place struct {
	File string
	Line int
}

// Bad is a row that can't be taken as it is: where, which field, and why not.
type Bad struct {
	Place
	Field  string
	Reason string
}

func (b Bad) String() string {
	return fmt.Sprintf("%s:%d: %s: %s", b.File, b.Line, cmp.Or(b.Field, "(row)"), b.Reason)
}

// Directory is what was read.
type Directory struct {
	Organisations []Organisation
	Bad           []Bad
	LeftOut       map[string]int // what the standard carries and Onward doesn't, counted by what it is
}

// Sort puts bad rows in the order of the files.
func Sort(bad []Bad) {
	slices.SortStableFunc(bad, func(a, b Bad) int { return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line) })
}
