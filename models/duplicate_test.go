package models_test

import (
	"database/sql"
	"strings"
	"testing"

	"onward/localpg"
	"onward/models/modelstest"
	"onward/models/queries"
)

// Among 20,000 cases, those of one person are found by the index: nothing is
// read from end to end.
func TestDuplicatesAreFoundByIndex(t *testing.T) {
	t.Parallel()
	db, _ := plain(t)
	database := column(t, db, "SELECT current_database()")[0]
	super, err := sql.Open("pgx", modelstest.Cluster(t).DSN(localpg.Superuser, database))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = super.Close() }()
	many := strings.NewReplacer("'CR-0000-0000'", "'CR-' || n", "users u", "users u, generate_series(1, 20000) n").Replace(aCase())
	must(t, super, `BEGIN; SET LOCAL session_replication_role = replica; `+many+`;
		INSERT INTO match_tokens SELECT id, traits, sha256((id || traits)::bytea) FROM case_referrals, unnest('{name+birth_year+origin,name+birth_year+gender,name+origin+gender}'::text[]) traits;
		UPDATE match_tokens SET token = sha256('one person') WHERE traits = 'name+birth_year+origin' AND referral_id IN (SELECT id FROM case_referrals WHERE reference IN ('CR-7', 'CR-19999'));
		COMMIT; ANALYZE`)
	id := column(t, db, "SELECT id FROM case_referrals WHERE reference = 'CR-7'")[0]
	query := strings.NewReplacer("@referral", "'"+id+"'", "@limit", "100").Replace(queries.Duplicates)
	if found := column(t, db, "SELECT reference FROM ("+query+") found"); len(found) != 1 || found[0] != "CR-19999" {
		t.Errorf("it finds %v", found)
	}
	plan := strings.Join(column(t, db, "EXPLAIN "+query), "\n")
	for _, table := range []string{"match_tokens", "case_referrals"} {
		if strings.Contains(plan, "Seq Scan on "+table) {
			t.Errorf("%s is read from end to end:\n%s", table, plan)
		}
	}
	if !strings.Contains(plan, "match_tokens_by_token") {
		t.Errorf("the index of tokens is of no use:\n%s", plan)
	}
}
