package bench

import (
	"database/sql"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/desk"
	"onward/localpg"
	"onward/models"
	"onward/models/modelstest"
	"onward/workflow"
)

// network is 10,000 organisations in 60 countries with 50,000 services, each of
// one of 33 kinds in one to three countries (one in twenty everywhere), and
// 200,000 assignments of the last year, three in four accepted.
const network = `SET session_replication_role = replica;
SELECT setseed(0.4);
CREATE FUNCTION pg_temp.id(kind text, n int) RETURNS uuid IMMUTABLE RETURN md5(kind || n)::uuid;
CREATE FUNCTION pg_temp.one(of text[]) RETURNS text VOLATILE RETURN of[1 + floor(random() * cardinality(of))];
CREATE TEMP TABLE pool AS SELECT
	'{PH,PK,KR,ID,IN,BD,BT,CN,JP,KH,LA,LK,MM,MN,MV,MY,NP,SG,TH,TL,VN,ZA,BW,KE,LS,MG,MU,MW,MZ,NA,SZ,TZ,ZM,ZW,FR,DE,IT,ES,PT,PL,RO,BG,GR,TR,EG,MA,TN,NG,GH,SN,CO,PE,BR,AR,CL,MX,GT,US,CA,AU}'::text[] AS countries,
	'{en,fr,es,pt,ar,tl,ur,hi,bn,ko,zh,ja,th,vi,id,sw,am,ru,tr,fa}'::text[] AS languages,
	'{safe_house,medical,psychosocial,legal_assistance,livelihoods,child_protection,education,registration,food,cash_assistance,family_tracing,international_protection,voluntary_return,interpretation,other,legal_framework,definitions,identification,assistance,non_punishment,investigation_and_prosecution,victims_rights,sentencing,compensation,international_protection_and_return,technology,labour_exploitation,child_trafficking,referral,victim_interviewing,financing_and_sustainability,multi_stakeholder_participation,judicial_errors_and_misconceptions}'::text[] AS kinds;
INSERT INTO desks (id, name, is_default, created_at, updated_at) VALUES (pg_temp.id('desk', 0), 'a desk', true, now(), now());
INSERT INTO organisations (id, name, type, country, created_at, updated_at)
SELECT pg_temp.id('organisation', n), 'organisation ' || n, 'ngo', pg_temp.one(countries), now(), now() FROM generate_series(1, 10000) n, pool;
INSERT INTO services (id, organisation_id, kind, countries, languages, capacity_available, capacity_maximum, capacity_updated, created_at, updated_at)
SELECT pg_temp.id('service', n), pg_temp.id('organisation', 1 + n % 10000), pg_temp.one(kinds),
	CASE WHEN random() < 0.05 THEN '{}' ELSE ARRAY[pg_temp.one(countries), pg_temp.one(countries), pg_temp.one(countries)] END,
	ARRAY['en', pg_temp.one(languages), pg_temp.one(languages)], floor(random() * 20), 20, now() - random() * interval '60 days', now(), now()
FROM generate_series(1, 50000) n, pool;
INSERT INTO assignments (id, kind, request_id, desk_id, owner_organisation_id, organisation_id, service_id, service, consent_id, state, version, round, offered_by, respond_by, created_at, updated_at, accepted_at, ended_at)
SELECT gen_random_uuid(), 'case_referral', gen_random_uuid(), pg_temp.id('desk', 0), pg_temp.id('organisation', 1), pg_temp.id('organisation', 1 + n % 10000), pg_temp.id('service', 1 + n % 50000), 'medical', gen_random_uuid(),
	CASE WHEN n % 4 = 0 THEN 'declined' ELSE 'completed' END, 3, 1, pg_temp.id('user', 0), at, at, at, CASE WHEN n % 4 > 0 THEN at + random() * interval '3 days' END, at + interval '20 days'
FROM (SELECT n, now() - random() * interval '365 days' AS at FROM generate_series(1, 200000) n) n;
INSERT INTO case_referrals (id, reference, state, version, desk_id, owner_id, organisation_id, created_at, updated_at, subject_code, age_band, gender, country, subdivision, languages, services, urgency, summary)
VALUES (pg_temp.id('case', 0), 'CR-0', 'open', 3, pg_temp.id('desk', 0), pg_temp.id('user', 1), pg_temp.id('organisation', 1), now(), now(), 'S-0', '13_17', 'masculine', 'PH', 'PH-00', '{tl,en}', '{international_protection,child_protection}', 'urgent', 'a summary');
INSERT INTO consents (id, referral_id, basis, given_by, given_at, purposes, recorded_by, recorded_at)
VALUES (pg_temp.id('consent', 0), pg_temp.id('case', 0), 'consent', 'individual', now(), '{referral}', pg_temp.id('user', 1), now());`

// How long an admin waits for a ranking, at the desk: the whole use case, and of
// that the reading that is recorded after it is part, too.
func BenchmarkCandidates(b *testing.B) {
	dsn := modelstest.Migrated(b)
	db, err := sql.Open("pgx", modelstest.As(localpg.Superuser, dsn))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(b.Context(), network); err != nil {
		b.Fatal(err)
	}
	if _, err := db.ExecContext(b.Context(), "VACUUM ANALYZE"); err != nil {
		b.Fatal(err)
	}
	d, at := desk.New(modelstest.Enter(b, dsn), time.Now), id("desk", 0)
	admin := models.Actor{UserID: uuid.New(), OrganisationID: id("organisation", 2), DeskID: &at, Roles: []string{models.RoleAdmin}}
	for _, ask := range []struct {
		name string
		desk.CandidateFilter
	}{
		{"one service", desk.CandidateFilter{Service: "child_protection", Limit: 50}},
		{"all services of a case", desk.CandidateFilter{Limit: 50}},
		{"and why the others are none", desk.CandidateFilter{Service: "child_protection", Excluded: true, Limit: 50}},
	} {
		var took []time.Duration
		found := 0
		for range 40 {
			began := time.Now()
			got, err := d.Candidates(b.Context(), admin, workflow.Referral, id("case", 0), ask.CandidateFilter)
			if err != nil || len(got.Candidates) == 0 {
				b.Fatalf("%d candidates: %v", len(got.Candidates), err)
			}
			took, found = append(took, time.Since(began)), len(got.Candidates)
		}
		slices.Sort(took)
		b.Logf("candidates of 10,000 organisations and 50,000 services, %-28s %3d found: median %s, slowest %s", ask.name+",", found, took[len(took)/2].Round(10*time.Microsecond), took[len(took)-1].Round(10*time.Microsecond))
	}
}
