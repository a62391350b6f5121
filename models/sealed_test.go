package models_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/pressly/goose/v3"

	"onward/keys"
	"onward/localpg"
	"onward/migrations"
	"onward/models"
	"onward/models/modelstest"
)

// sealing is a database in which two requests have a key.
func sealing(t *testing.T) (db *models.DB, one, other uuid.UUID) {
	t.Helper()
	db = modelstest.Enter(t, modelstest.As(localpg.Migrate, modelstest.Migrated(t)))
	one, other = models.NewID(), models.NewID()
	within(t, db, func(tx *models.Tx) error {
		for _, id := range []uuid.UUID{one, other} {
			if err := tx.MakeKey(id, time.Now()); err != nil {
				return err
			}
		}
		return nil
	})
	return db, one, other
}

func within(t *testing.T, db *models.DB, fn func(*models.Tx) error) {
	t.Helper()
	if err := db.InTx(t.Context(), models.Actor{}, time.Now(), func(_ context.Context, tx *models.Tx) error { return fn(tx) }); err != nil {
		t.Fatal(err)
	}
}

func unsealed(t *testing.T, db *models.DB, request, of uuid.UUID) (words models.Words, err error) {
	t.Helper()
	err = db.Read(t.Context(), models.Actor{}, time.Now(), func(_ context.Context, tx *models.Tx) error {
		said, err := tx.Unseal(request, of)
		words = said[of]
		return err
	})
	return words, err
}

// What was written is read again, replaced, and taken back; nothing of it can
// be read in the table.
func TestSeal(t *testing.T) {
	t.Parallel()
	db, request, _ := sealing(t)
	event := models.NewID()
	for _, step := range []struct{ write, read models.Words }{
		{models.Words{"narrative": "CANARY one", "safe_times": "CANARY two"}, models.Words{"narrative": "CANARY one", "safe_times": "CANARY two"}},
		{models.Words{"narrative": "CANARY three"}, models.Words{"narrative": "CANARY three", "safe_times": "CANARY two"}},
		{models.Words{"safe_times": ""}, models.Words{"narrative": "CANARY three"}},
		{nil, models.Words{"narrative": "CANARY three"}},
	} {
		within(t, db, func(tx *models.Tx) error { return tx.Seal(request, event, step.write) })
		if got, err := unsealed(t, db, request, event); err != nil || fmt.Sprint(got) != fmt.Sprint(step.read) {
			t.Errorf("after %v it says %v, %v", step.write, got, err)
		}
		var table string
		within(t, db, func(tx *models.Tx) error {
			return tx.Ask("SELECT string_agg(t::text || encode(sealed, 'escape'), ' ') FROM sealed_texts t", &table)
		})
		if table == "" || strings.Contains(table, "CANARY") {
			t.Errorf("the table says %s", table)
		}
	}
}

// Whoever can write in the database can't make one text pass for another: each
// is bound to its request, to what it is of, and to its member, and each data
// key to its request.
func TestASealedTextCanNotBeMoved(t *testing.T) {
	t.Parallel()
	for _, move := range []string{
		`UPDATE sealed_texts SET request_id = @other`,
		`UPDATE sealed_texts SET of = @other`,
		`UPDATE sealed_texts SET member = 'message'`,
		`UPDATE sealed_texts SET sealed = sealed || '\x00'`,
		`UPDATE sealed_texts SET sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1)`,
		`UPDATE data_keys SET wrapped = (SELECT wrapped FROM data_keys WHERE request_id = @other) WHERE request_id = @one`,
		`UPDATE data_keys SET wrapped = '\x0102' WHERE request_id = @one`,
	} {
		db, one, other := sealing(t)
		within(t, db, func(tx *models.Tx) error { return tx.Seal(one, one, models.Words{"narrative": "a text"}) })
		within(t, db, func(tx *models.Tx) error {
			return tx.Do(fill(move, map[string]any{"one": one.String(), "other": other.String()}))
		})
		for _, at := range [][2]uuid.UUID{{one, one}, {other, one}, {one, other}} {
			if got, err := unsealed(t, db, at[0], at[1]); len(got) > 0 && err == nil {
				t.Errorf("%s: %v is read as if nothing were", move, got)
			}
		}
	}
}

// Without the ring that wrapped its key, a text is nobody's.
func TestAnotherRingOpensNothing(t *testing.T) {
	t.Parallel()
	dsn := modelstest.As(localpg.Migrate, modelstest.Migrated(t))
	var handles []*models.DB
	for _, ring := range []*keys.Ring{modelstest.Ring, keys.Ephemeral()} {
		db, err := models.Open(dsn, ring)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		handles = append(handles, db)
	}
	request := models.NewID()
	within(t, handles[0], func(tx *models.Tx) error {
		if err := tx.MakeKey(request, time.Now()); err != nil {
			return err
		}
		return tx.Seal(request, request, models.Words{"narrative": "a text"})
	})
	if got, err := unsealed(t, handles[1], request, request); err == nil {
		t.Errorf("another ring reads %v", got)
	}
}

// What is shredded is gone, and a copy of the sealed text opens no more.
func TestShred(t *testing.T) {
	t.Parallel()
	db, one, other := sealing(t)
	for _, id := range []uuid.UUID{one, other} {
		within(t, db, func(tx *models.Tx) error { return tx.Seal(id, id, models.Words{"narrative": "a text"}) })
	}
	within(t, db, func(tx *models.Tx) error { return tx.Do("CREATE TABLE copied AS SELECT * FROM sealed_texts") })
	within(t, db, func(tx *models.Tx) error { return tx.Shred(one) })
	if got, err := unsealed(t, db, one, one); err != nil || len(got) != 0 {
		t.Errorf("it still says %v, %v", got, err)
	}
	if got, err := unsealed(t, db, other, other); err != nil || got["narrative"] != "a text" {
		t.Errorf("the other says %v, %v", got, err)
	}
	within(t, db, func(tx *models.Tx) error { return tx.MakeKey(one, time.Now()) })
	within(t, db, func(tx *models.Tx) error {
		return tx.Do("INSERT INTO sealed_texts SELECT * FROM copied ON CONFLICT DO NOTHING")
	})
	if got, err := unsealed(t, db, one, one); err == nil {
		t.Errorf("a copy opens: %v", got)
	}
}

// A database of the version before sealing is sealed by its migration: all is
// read as before, and nothing of it is left in the clear.
func TestAnOlderDatabaseIsSealed(t *testing.T) {
	t.Parallel()
	dsn := modelstest.As(localpg.Migrate, modelstest.Database(t, "before sealing", func(dsn string) error { return migrateTo(t.Context(), dsn, 5) }))
	plain, err := sql.Open("pgx", dsn+"&onward.actor=system")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = plain.Close() }()
	ids := map[string]any{}
	for _, name := range []string{"desk", "organisation", "user", "case", "event", "consent", "service", "assignment"} {
		ids[name] = models.NewID().String()
	}
	must(t, plain, fill(oldCase, ids))

	db, err := models.Open(dsn, modelstest.Ring)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	id := func(name string) uuid.UUID { return uuid.MustParse(ids[name].(string)) }
	for of, want := range map[string]models.Words{
		"case":       {"narrative": "CANARY narrative", "actions_taken": "CANARY actions", "contact": "prohibited", "safe_method": "CANARY method"},
		"event":      {"question": "CANARY question"},
		"consent":    {"reason": "CANARY reason", "approval_note": "CANARY approval"},
		"assignment": {"message": "CANARY message"},
	} {
		if got, err := unsealed(t, db, id("case"), id(of)); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("of the %s it says %v, %v", of, got, err)
		}
	}
	for _, table := range column(t, plain, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'") {
		if rows := column(t, plain, "SELECT coalesce(string_agg(t::text, ' '), '') FROM "+table+" t"); strings.Contains(rows[0], "CANARY") {
			t.Errorf("%s says %v", table, rows)
		}
	}
}

func migrateTo(ctx context.Context, dsn string, version int64) error {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations.Files)
	if err != nil {
		return err
	}
	_, err = provider.UpTo(ctx, version)
	return err
}

// fill puts names into a text.
func fill(text string, ids map[string]any) string {
	for name, id := range ids {
		text = strings.ReplaceAll(text, "@"+name, "'"+id.(string)+"'")
	}
	return text
}

// oldCase is a case with each kind of text, as version 5 of the schema kept it.
const oldCase = `BEGIN;
INSERT INTO transitions VALUES ('case_referral', 'new', 'create', 'submitted'), ('assignment', 'new', 'offer', 'offered');
INSERT INTO desks (id, name, is_default, created_at, updated_at) VALUES (@desk, 'd', true, now(), now());
INSERT INTO organisations (id, name, type, created_at, updated_at) VALUES (@organisation, 'o', 'ngo', now(), now());
INSERT INTO users (id, name, organisation_id, roles, created_at, updated_at) VALUES (@user, 'u', @organisation, '{referrer}', now(), now());
INSERT INTO services (id, organisation_id, kind, capacity_updated, created_at, updated_at) VALUES (@service, @organisation, 'food', now(), now(), now());
INSERT INTO case_referrals (id, reference, state, version, desk_id, owner_id, organisation_id, created_at, updated_at, subject_code, age_band, country, services, urgency, summary)
	VALUES (@case, 'CR-0000-0000', 'submitted', 1, @desk, @user, @organisation, now(), now(), 's', 'adult', 'PH', '{food}', 'normal', 's');
INSERT INTO referral_texts VALUES (@case, 'CANARY narrative', 'CANARY actions', true, true, 'CANARY method', '');
INSERT INTO consents (id, referral_id, basis, given_by, given_at, purposes, reason, recorded_by, recorded_at, approval_note)
	VALUES (@consent, @case, 'vital_interest', 'none', now(), '{referral}', 'CANARY reason', @user, now(), 'CANARY approval');
INSERT INTO assignments (id, kind, request_id, organisation_id, service_id, service, consent_id, state, version, round, offered_by, respond_by, message, created_at, updated_at)
	VALUES (@assignment, 'case_referral', @case, @organisation, @service, 'food', @consent, 'offered', 1, 1, @user, now(), 'CANARY message', now(), now());
INSERT INTO events (id, workflow, record_id, request_id, seq, name, from_state, action, to_state, actor_role, desk_id, at)
	VALUES (@event, 'case_referral', @case, @case, 1, 'n', 'new', 'create', 'submitted', 'owner', @desk, now()),
		(gen_random_uuid(), 'assignment', @assignment, @case, 1, 'n', 'new', 'offer', 'offered', 'admin', @desk, now());
INSERT INTO event_texts VALUES (@event, 'question', 'CANARY question');
COMMIT`
