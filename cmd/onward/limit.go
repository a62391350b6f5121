package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"

	"onward/desk"
	"onward/models"
	"onward/workflow"
)

// readingLimit is how many different cases a person may read within an hour,
// as it is set: 100, or admin=300,partner=50,lists=5000, or both.
type readingLimit struct {
	desk.Limits
	set bool
}

// UnmarshalText reads the setting.
func (l *readingLimit) UnmarshalText(text []byte) error {
	read := readingLimit{desk.Limits{Roles: map[string]int{}}, len(text) > 0}
	everybody := 0
	for part := range strings.SplitSeq(string(text), ",") {
		name, number, named := strings.Cut(strings.TrimSpace(part), "=")
		if !named {
			name, number = "", name
		}
		n, err := strconv.Atoi(number)
		switch {
		case !read.set:
		case err != nil || n < 1:
			return fmt.Errorf("%q is no limit: say 100, or partner=50,admin=300,lists=5000", part)
		case !named:
			everybody = n
		case name == "lists":
			read.Lists = n
		case slices.Contains(workflow.Codes("role"), name):
			read.Roles[name] = n
		default:
			return fmt.Errorf("%q is no role: it is one of %s, or lists", name, strings.Join(workflow.Codes("role"), ", "))
		}
	}
	*l = read.filled(everybody)
	return nil
}

// filled gives a number to each role that has none of its own.
func (l readingLimit) filled(n int) readingLimit {
	for _, role := range workflow.Codes("role") {
		if l.Roles[role] == 0 && n > 0 {
			l.Roles[role] = n
		}
	}
	return l
}

// wide is more than the demo, or somebody who tries what it can bear, reads.
const wide = 1_000_000

// widen takes the limits away, in effect, unless they were set.
func (l *readingLimit) widen() {
	if !l.set {
		*l = readingLimit{Limits: desk.Limits{Roles: map[string]int{}, Lists: wide}}.filled(wide)
	}
}

// option sets the limits of a desk, which are told in the log when somebody
// reaches them.
func (l readingLimit) option(log *slog.Logger) desk.Option {
	return desk.LimitReading(l.Limits, func(ctx context.Context, a models.Actor) {
		log.WarnContext(ctx, "somebody has read as many cases as may be read within an hour, and is refused more",
			"user", a.UserID.String(), "organisation", a.OrganisationID.String(), "token", a.TokenID.String(), "operation", a.Operation, "request_id", a.RequestID)
	})
}
