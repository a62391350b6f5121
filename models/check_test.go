package models_test

import (
	"database/sql"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// filled fills in what a training request must say from submission on.
const filled = `title = 't', audiences = '{a}', topics = '{t}', mode = 'onsite', country = 'PK', languages = '{en}', participants_expected = 1`

// aCase is a whole referral, but for what a test makes of members of it: a
// name, its value, and so on.
func aCase(but ...string) string {
	members := map[string]string{
		"id": "gen_random_uuid()", "reference": "'CR-0000-0000'", "state": "'submitted'", "version": "1", "desk_id": "d.id", "owner_id": "u.id",
		"organisation_id": "o.id", "created_at": "now()", "updated_at": "now()", "subject_code": "'s'", "age_band": "'adult'", "country": "'PH'",
		"services": "'{medical}'", "urgency": "'normal'", "summary": "'s'",
	}
	return aRow("case_referrals", members, "desks d, organisations o, users u", but...)
}

func aRow(table string, members map[string]string, from string, but ...string) string {
	for pair := range slices.Chunk(but, 2) {
		members[pair[0]] = pair[1]
	}
	names := slices.Sorted(maps.Keys(members))
	values := make([]string, len(names))
	for i, n := range names {
		values[i] = members[n]
	}
	return "INSERT INTO " + table + " (" + strings.Join(names, ", ") + ") SELECT " + strings.Join(values, ", ") + " FROM " + from
}

func aConsent(basis, reason, approvedBy, approvedAt string) string {
	return aCase() + `; INSERT INTO consents (id, referral_id, basis, given_by, given_at, purposes, recorded_by, recorded_at, reason_given, approved_by, approved_at)
		SELECT gen_random_uuid(), c.id, '` + basis + `', 'individual', now(), '{referral}', u.id, now(), '` + reason + `' <> '', ` + approvedBy + `, ` + approvedAt + ` FROM case_referrals c, users u`
}

func anAssignment(kind, state, consent, ended string) string {
	return `INSERT INTO services (id, organisation_id, kind, capacity_updated, created_at, updated_at) SELECT id, id, 'food', now(), now(), now() FROM organisations;
		INSERT INTO assignments (id, kind, request_id, desk_id, owner_organisation_id, organisation_id, service_id, service, consent_id, state, version, round, offered_by, respond_by, created_at, updated_at, ended_at)
		SELECT gen_random_uuid(), '` + kind + `', t.id, t.desk_id, t.organisation_id, o.id, o.id, 'food', ` + consent + `, '` + state + `', 1, 1, u.id, now(), now(), now(), ` + ended + ` FROM organisations o, users u, training_requests t`
}

func anAccess(as, assignment, parts string) string {
	return `INSERT INTO accesses (id, at, referral_id, user_id, organisation_id, operation, as_role, assignment_id, parts, request_id)
		VALUES (gen_random_uuid(), now(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'getReferral', '` + as + `', ` + assignment + `, '` + parts + `', 'r')`
}

// anotherService is a service whose places and ages are given.
func anotherService(more string) string {
	return `INSERT INTO services (id, organisation_id, kind, capacity_available, capacity_maximum, minimum_age, maximum_age, capacity_updated, created_at, updated_at)
		SELECT gen_random_uuid(), id, 'food', ` + more + `, now(), now(), now() FROM organisations`
}

// aFilter is a saved filter of a name and of so many hours.
func aFilter(name, hours string) string {
	return `INSERT INTO queue_filters (id, version, owner_id, name, shared, kind, urgency, country, due_within_hours, created_at, updated_at)
		SELECT gen_random_uuid(), 1, id, '` + name + `', false, '', '', '', ` + hours + `, now(), now() FROM users`
}

// badRows are rows that each CHECK and each partial key must refuse, by its
// name.
var badRows = map[string][]string{
	"desks_name_given":              {`UPDATE desks SET name = ''`},
	"desks_default_active":          {`UPDATE desks SET active = false`},
	"organisations_name_given":      {`UPDATE organisations SET name = ''`},
	"services_capacity_sane":        {anotherService("1, 0, NULL, NULL"), anotherService("-1, 5, NULL, NULL"), anotherService("0, -1, NULL, NULL")},
	"organisations_seat_sane":       {`UPDATE organisations SET subdivision = 'PH-00'`, `UPDATE organisations SET country = 'PK', subdivision = 'PH-00'`, `UPDATE organisations SET country = 'P', subdivision = 'PH-00'`},
	"organisations_external_id_key": {`UPDATE organisations SET external_id = 'x'; INSERT INTO organisations (id, name, type, external_id, created_at, updated_at) VALUES (gen_random_uuid(), 'p', 'ngo', 'x', now(), now())`},
	"services_external_id_key":      {anotherService("0, 0, NULL, NULL") + `; ` + anotherService("0, 0, NULL, NULL") + `; UPDATE services SET external_id = 'x'`},
	"services_ages_sane":            {anotherService("0, 0, 18, 17")},
	"users_name_given":              {`UPDATE users SET name = ''`},
	"users_roles_known":             {`UPDATE users SET roles = '{}'`, `UPDATE users SET roles = '{requester,king}'`, `UPDATE users SET roles = '{NULL}'`},
	"users_desk_for_admins":         {`UPDATE users SET desk_id = (SELECT id FROM desks)`},
	"tokens_hash_is_sha256":         {`INSERT INTO tokens SELECT gen_random_uuid(), id, 't', '\x00', now(), now() FROM users`},
	"events_seq_positive":           {`INSERT INTO events (id, workflow, record_id, request_id, seq, name, from_state, action, to_state, actor_role, desk_id, at) SELECT gen_random_uuid(), workflow, record_id, request_id, 0, name, from_state, action, to_state, actor_role, desk_id, at FROM events`},
	"chain_n_positive":              {`INSERT INTO chain SELECT 0, position, sha256('') FROM events`},
	"chain_hash_is_sha256":          {`INSERT INTO chain SELECT 1, position, '\x00' FROM events`},
	"training_requests_complete": {
		`UPDATE training_requests SET state = 'submitted'`, `UPDATE training_requests SET ` + filled + `; UPDATE training_requests SET state = 'submitted', title = ''`,
		`UPDATE training_requests SET ` + filled + `; UPDATE training_requests SET state = 'submitted', topics = '{}'`, `UPDATE training_requests SET ` + filled + `; UPDATE training_requests SET state = 'in_triage', participants_expected = 0`,
	},
	"training_requests_preferred_sane": {`UPDATE training_requests SET preferred_from = '2012-02-01', preferred_to = '2012-01-01'`},
	"training_requests_sequence_sane":  {`UPDATE training_requests SET calendar_sequence = -1`},
	"training_requests_scheduled": {
		`UPDATE training_requests SET ` + filled + `, state = 'scheduled'`, `UPDATE training_requests SET ` + filled + `, state = 'scheduled', starts_at = now()`,
		`UPDATE training_requests SET ` + filled + `, state = 'scheduled', starts_at = now(), ends_at = now()`,
	},
	"training_requests_delivered": {
		`UPDATE training_requests SET ` + filled + `, state = 'delivered', starts_at = now(), ends_at = now() + interval '1 h', participants = 1`,
		`UPDATE training_requests SET ` + filled + `, state = 'evaluated', starts_at = now(), ends_at = now() + interval '1 h', delivered_on = now()`,
	},
	"case_referrals_complete":        {aCase("subject_code", "''"), aCase("services", "'{}'"), aCase("urgency", "''"), aCase("age_band", "''"), aCase("country", "''"), aCase("summary", "''")},
	"case_referrals_held":            {aCase("state", "'on_hold'")},
	"case_referrals_ended":           {aCase("state", "'closed'"), aCase("ended_at", "now()")},
	"case_referrals_erased_ended":    {aCase("erased_at", "now()", "subject_code", "''", "summary", "''")},
	"case_referrals_erased_not_held": {aCase("state", "'closed'", "ended_at", "now()", "erased_at", "now()", "subject_code", "''", "summary", "''", "legal_hold", "true")},
	"case_referrals_erased_empty": {
		aCase("state", "'closed'", "ended_at", "now()", "erased_at", "now()", "subject_code", "''"),
		aCase("state", "'closed'", "ended_at", "now()", "erased_at", "now()", "summary", "''"),
		aCase("state", "'closed'", "ended_at", "now()", "erased_at", "now()", "subject_code", "''", "summary", "''", "subdivision", "'PH-00'"),
	},
	"case_referrals_erasure_asked_whole": {aCase("erasure_asked_at", "now()"), aCase("erasure_asked_by", "u.id")},
	"desks_retention_sane":               {`UPDATE desks SET retention_months = 0`, `UPDATE desks SET retention_months = 241`},
	"desks_working_days_known":           {`UPDATE desks SET working_days = '{}'`, `UPDATE desks SET working_days = '{monday,someday}'`, `UPDATE desks SET working_days = '{NULL}'`},
	"desks_holidays_bounded":             {`UPDATE desks SET holidays = '{}'`, `UPDATE desks SET holidays = to_jsonb(array_fill(0, '{401}'))`},
	"queue_filters_name_given":           {aFilter("", "0")},
	"queue_filters_hours_sane":           {aFilter("f", "-1")},
	"routing_rules_kind_known":           {aRule("kind", "'assignment'")},
	"routing_rules_name_something":       {aRule("note", "'for the desk'")},
	"sealed_texts_has_nonce_and_tag": {`INSERT INTO data_keys VALUES (gen_random_uuid(), '', '', now());
		INSERT INTO sealed_texts SELECT request_id, request_id, 'narrative', 'in the clear' FROM data_keys`},
	"consents_override_has_reason": {aConsent("vital_interest", "", "NULL", "NULL"), aConsent("best_interest_override", "", "NULL", "NULL")},
	"consents_second_person":       {aConsent("vital_interest", "r", "u.id", "now()")},
	"consents_approval_whole":      {aConsent("vital_interest", "r", "NULL", "now()")},
	"accesses_parts_known":         {anAccess("owner", "NULL", "{}"), anAccess("owner", "NULL", "{summary,trace}")},
	"accesses_by_a_right":          {anAccess("auditor", "NULL", "{person}"), anAccess("partner", "NULL", "{person}"), anAccess("admin", "gen_random_uuid()", "{person}")},
	"assignments_kind_known":       {anAssignment("users", "offered", "NULL", "NULL")},
	"assignments_case_has_consent": {anAssignment("case_referral", "offered", "NULL", "NULL")},
	"assignments_ended": {
		anAssignment("training_request", "offered", "NULL", "now()"), anAssignment("training_request", "declined", "NULL", "NULL"),
		anAssignment("training_request", "completed", "NULL", "NULL"),
	},
	"plans_kind_known":                  {aPlan("kind", "'assignment'")},
	"plans_state_known":                 {aPlan("state", "'over'", "ended_at", "now()")},
	"plans_ended":                       {aPlan("ended_at", "now()"), aPlan("state", "'fulfilled'")},
	"plans_of_a_service":                {aPlan("service", "'food'"), aPlan("kind", "'case_referral'")},
	"plans_respond_within_sane":         {aPlan("respond_within", "0")},
	"plans_case_is_told_one":            {aPlan("kind", "'case_referral'", "service", "'food'", "broadcast", "true")},
	"waits_kind_known":                  {aWait("kind", "'assignment'")},
	"waits_state_known":                 {aWait("state", "'over'", "ended_at", "now()")},
	"waits_ended":                       {aWait("ended_at", "now()"), aWait("state", "'ended'")},
	"waits_offered":                     {aWait("state", "'offered'", "ended_at", "now()"), aWait("assignment_id", "t.id")},
	"waits_once":                        {anotherService("0, 0, NULL, NULL") + `; ` + aWait() + `; ` + aWait()},
	"plans_one_live":                    {aPlan() + `; ` + aPlan()},
	"plan_steps_counted":                {aStep("0", "NULL", ""), aStep("21", "NULL", "")},
	"plan_steps_one_fate":               {anAssignment("training_request", "offered", "NULL", "NULL") + `; ` + aStep("1", "(SELECT id FROM assignments)", "no_capacity")},
	"match_tokens_token_is_sha256":      {aCase() + `; INSERT INTO match_tokens SELECT id, 'name', '\x00' FROM case_referrals`},
	"duplicate_links_verdict_known":     {aPair("'perhaps'", "'1'", "'2'")},
	"duplicate_links_ordered":           {aPair("'same_person'", "'2'", "'1'"), aPair("'same_person'", "'1'", "'1'")},
	"desks_one_default":                 {`INSERT INTO desks (id, name, is_default, created_at, updated_at) VALUES (gen_random_uuid(), 'e', true, now(), now())`},
	"assignments_one_live_per_training": {anAssignment("training_request", "offered", "NULL", "NULL") + `; ` + again("accepted", "NULL")},
	"assignments_one_taken":             {anAssignment("training_request", "accepted", "NULL", "NULL") + `; ` + elsewhere("in_progress")},
	"assignments_one_live_per_service": {
		aConsent("consent", "", "NULL", "NULL") + `; ` + strings.Replace(anAssignment("case_referral", "offered", "k.id", "NULL"), "t.id, o.id", "k.referral_id, o.id", 1) + `, consents k; ` + again("on_hold", "consent_id"),
	},
}

// aRule sends to the desk whatever has one thing.
func aRule(column, value string) string {
	return `INSERT INTO routing_rules (id, desk_id, ` + column + `, created_at, updated_at) SELECT id, id, ` + value + `, now(), now() FROM desks`
}

// aPlan is a live plan of a training request, but for what a test makes of
// members of it.
func aPlan(but ...string) string {
	members := map[string]string{
		"id": "gen_random_uuid()", "version": "1", "kind": "'training_request'", "request_id": "t.id", "state": "'live'", "broadcast": "false",
		"made_by": "u.id", "created_at": "now()", "updated_at": "now()",
	}
	return aRow("plans", members, "training_requests t, users u", but...)
}

// aWait is an entry of a waiting list, but for what a test makes of members of
// it.
func aWait(but ...string) string {
	members := map[string]string{
		"id": "gen_random_uuid()", "version": "1", "kind": "'training_request'", "request_id": "t.id", "organisation_id": "o.id", "service_id": "coalesce((SELECT id FROM services), o.id)",
		"service": "'food'", "state": "'waiting'", "made_by": "u.id", "since": "now()", "updated_at": "now()",
	}
	return aRow("waits", members, "training_requests t, users u, organisations o", but...)
}

func aStep(position, assignment, reason string) string {
	return aPlan() + `; INSERT INTO plan_steps SELECT p.id, ` + position + `, o.id, ` + assignment + `, '` + reason + `' FROM plans p, organisations o`
}

// aPair is two cases and a verdict on them, the one that begins with a digit
// before the one that begins with another.
func aPair(verdict, one, other string) string {
	id := func(digit string) string { return "repeat(" + digit + ", 32)::uuid" }
	return aCase("id", id("'1'")) + `; ` + strings.Replace(aCase("id", id("'2'")), "CR-0000-0000", "CR-0000-0001", 1) +
		`; INSERT INTO duplicate_links SELECT ` + id(one) + `, ` + id(other) + `, ` + verdict + `, u.id, now() FROM users u`
}

// again is the assignment that is there once more, in another state.
func again(state, consent string) string {
	return `INSERT INTO assignments (id, kind, request_id, desk_id, owner_organisation_id, organisation_id, service_id, service, consent_id, state, version, round, offered_by, respond_by, created_at, updated_at)
		SELECT gen_random_uuid(), kind, request_id, desk_id, owner_organisation_id, organisation_id, service_id, service, ` + consent + `, '` + state + `', 1, 1, offered_by, respond_by, now(), now() FROM assignments`
}

// elsewhere is the assignment that is there once more, another organisation's.
func elsewhere(state string) string {
	return `INSERT INTO organisations (id, name, type, created_at, updated_at) VALUES (gen_random_uuid(), 'p', 'ngo', now(), now()); ` +
		strings.Replace(again(state, "NULL"), "organisation_id, service_id, service, NULL", "(SELECT id FROM organisations WHERE name = 'p'), service_id, service, NULL", 1)
}

// Every CHECK and every partial unique index of the schema refuses a row that
// it is there to refuse.
func TestEveryCheckRefuses(t *testing.T) {
	t.Parallel()
	db, _ := plain(t)
	for _, name := range column(t, db, `SELECT conname FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace
		UNION SELECT indexrelid::regclass::text FROM pg_index WHERE indisunique AND indpred IS NOT NULL AND indrelid::regclass::text NOT LIKE 'pg_%' ORDER BY 1`) {
		if len(badRows[name]) == 0 {
			t.Errorf("%s is tried with no row", name)
		}
	}
	db.SetMaxOpenConns(1)
	for name, rows := range badRows {
		for _, row := range rows {
			_, err := db.ExecContext(t.Context(), "BEGIN; "+row)
			if err == nil || !strings.Contains(err.Error(), `"`+name+`"`) {
				t.Errorf("%s: it says %v to %s", name, err, row)
			}
			must(t, db, "ROLLBACK")
		}
	}
}

func column(t *testing.T, db *sql.DB, query string) (all []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		all = append(all, text)
	}
	if err := rows.Err(); err != nil || len(all) == 0 {
		t.Fatalf("nothing, %v", err)
	}
	return all
}

var named = regexp.MustCompile(`@\w+`)

// Each SQL file is a statement that PostgreSQL can prepare.
func TestQueriesPrepare(t *testing.T) {
	t.Parallel()
	db, _ := plain(t)
	db.SetMaxOpenConns(1)
	files, err := fs.Glob(os.DirFS("queries"), "*.sql")
	if err != nil || len(files) < 4 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		text, err := fs.ReadFile(os.DirFS("queries"), file)
		if err != nil {
			t.Fatal(err)
		}
		forms := []string{string(text)}
		switch {
		case file == "candidates.sql": // a join, and which organisations
			forms = nil
			for _, join := range []string{"JOIN", "LEFT JOIN"} {
				for _, which := range []string{"TRUE", "o.id = cast(@only AS uuid)"} {
					forms = append(forms, fmt.Sprintf(string(text), join, which))
				}
			}
		case strings.Contains(forms[0], "%s"): // a table and a lock, which Go puts in
			forms = nil
			for _, table := range []string{"training_requests", "case_referrals"} {
				forms = append(forms, strings.NewReplacer("%s\nWHERE", table+"\nWHERE", "\n%s", "\nFOR UPDATE SKIP LOCKED").Replace(string(text)))
			}
		}
		for _, form := range forms {
			var names []string
			numbered := named.ReplaceAllStringFunc(form, func(name string) string {
				if !slices.Contains(names, name) {
					names = append(names, name)
				}
				return fmt.Sprintf("$%d", slices.Index(names, name)+1)
			})
			if _, err := db.ExecContext(t.Context(), "PREPARE one AS "+numbered); err != nil {
				t.Errorf("%s: %v", file, err)
				continue
			}
			must(t, db, "DEALLOCATE one")
		}
	}
}
