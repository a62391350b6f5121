package models

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"maps"
	"net"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"onward/fault"
	"onward/keys"
)

// refusals turns the name of a constraint into what the caller is told. A
// constraint that isn't here is a defect of the program when it strikes: 500.
var refusals = map[string]*fault.Fault{
	"events_record_seq_key":            fault.Outdated(),
	"assignments_one_live_per_service": fault.New(fault.Conflict, "already_assigned", "The organisation holds a live assignment of this already."),
	"assignments_one_live_per_training": fault.New(fault.Conflict, "already_assigned",
		"The organisation holds a live assignment of this already."),
	"waits_once":                    fault.New(fault.Conflict, "already_waiting", "The request is on this waiting list already."),
	"plans_one_live":                fault.New(fault.Conflict, "plan_active", "A plan of this is live already; cancel it first."),
	"assignments_one_taken":         fault.New(fault.Conflict, "request_closed", "Another organisation has taken this on."),
	"services_capacity_sane":        fault.New(fault.Conflict, "no_capacity", "No place is left."),
	"services_ages_sane":            fault.Values(fault.Field{Pointer: "/maximum_age", Code: "too_small", Detail: "The maximum age is below the minimum age."}),
	"desks_name_key":                fault.New(fault.Conflict, "name_taken", "There is one of this name already.", fault.Field{Pointer: "/name", Code: "name_taken", Detail: "There is one of this name already."}),
	"queue_filters_name_key":        fault.New(fault.Conflict, "name_taken", "You have saved one of this name already.", fault.Field{Pointer: "/name", Code: "name_taken", Detail: "You have saved one of this name already."}),
	"queue_filters_desk_fkey":       fault.Values(fault.Field{Pointer: "/desk", Code: "unknown_desk", Detail: "There is no such desk."}),
	"organisations_name_key":        fault.New(fault.Conflict, "name_taken", "There is one of this name already.", fault.Field{Pointer: "/name", Code: "name_taken", Detail: "There is one of this name already."}),
	"organisations_external_id_key": externalTaken,
	"services_external_id_key":      externalTaken,
	"organisations_seat_sane":       fault.Values(fault.Field{Pointer: "/subdivision", Code: "not_of_country", Detail: "The subdivision must be one of the country."}),
	"desks_one_default":             fault.New(fault.Conflict, "desk_is_default", "Another desk changed the default at the same moment; try again."),
	"desks_default_active":          fault.New(fault.Conflict, "desk_is_default", "The default desk must stay active; make another one the default first."),
	"routing_rules_desk_fkey":       fault.Values(fault.Field{Pointer: "/desk", Code: "unknown_desk", Detail: "There is no such desk."}),
	"routing_rules_name_something":  fault.Values(fault.Field{Pointer: "/topic", Code: "required", Detail: "A rule names a kind, a country, a topic or a language."}),
	"users_desk_for_admins":         fault.Values(fault.Field{Pointer: "/desk", Code: "not_an_admin", Detail: "Only an admin belongs to a desk."}),
	"users_organisation_fkey":       fault.Values(fault.Field{Pointer: "/organisation_id", Code: "unknown_organisation", Detail: "There is no such organisation."}),
	"users_desk_fkey":               fault.Values(fault.Field{Pointer: "/desk", Code: "unknown_desk", Detail: "There is no such desk."}),
	"consents_second_person":        fault.New(fault.Conflict, "same_person", "Another admin than the one who recorded the consent must approve it."),
	"case_referrals_follows_fkey":   fault.Values(fault.Field{Pointer: "/follows", Code: "unknown_referral", Detail: "There is no such referral."}),
	"training_requests_preferred_sane": fault.Values(fault.Field{
		Pointer: "/preferred_to", Code: "too_small",
		Detail: "The time must not end before it starts.",
	}),
}

var externalTaken = fault.New(fault.Conflict, "external_id_taken", "There is one of this external id already.", fault.Field{Pointer: "/external_id", Code: "external_id_taken", Detail: "There is one of this external id already."})

// Refusals lists the codes that only the database finds, with their sentences,
// for the pages that explain codes.
func Refusals() []*fault.Fault {
	var all []*fault.Fault
	for _, f := range refusals {
		if f.Kind == fault.Conflict && !slices.ContainsFunc(all, func(g *fault.Fault) bool { return g.Code == f.Code }) {
			all = append(all, f)
		}
	}
	return all
}

// explain turns an error of the database into a fault where it is one.
func explain(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := fault.As(err); ok {
		return err
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		if f, ok := refusals[pg.ConstraintName]; ok {
			return f.Because(err)
		}
	}
	if away(err) {
		// It may have gone away between a commit and the word of it: nobody here knows.
		no := fault.New(fault.Unavailable, fault.CodeUnavailable, "The database does not answer. Look whether it took effect, or send it again with the same Idempotency-Key.")
		no.RetryAfter = time.Second
		return no.Because(err)
	}
	return err
}

// awayClasses are the SQLSTATE classes and codes of a server that can't serve
// now: connection exception, insufficient resources, operator intervention,
// lock not available, read-only (a standby).
var awayClasses = []string{"08", "53", "57P", "55P03", "25006", "58"}

func away(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return slices.ContainsFunc(awayClasses, func(class string) bool { return strings.HasPrefix(pg.Code, class) })
	}
	var network net.Error
	var connect *pgconn.ConnectError
	return errors.As(err, &connect) || errors.As(err, &network) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, sql.ErrTxDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "conn closed")
}

// again reports whether a transaction is worth doing once more: it lost a
// deadlock or a serialisation, its random reference was taken, or a key was
// retired while it still saw what that had wrapped.
func again(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return errors.Is(err, keys.ErrUnknownKey) || ok &&
		(pg.Code == "40001" || pg.Code == "40P01" || strings.HasSuffix(pg.ConstraintName, "_reference_key"))
}

// RefusedConstraints lists the constraints that have a code, so that a test
// can hold them against the schema.
func RefusedConstraints() []string { return slices.Sorted(maps.Keys(refusals)) }
