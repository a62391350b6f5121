package models_test

import (
	"database/sql"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/localpg"
	"onward/models"
	"onward/models/modelstest"
	"onward/workflow"
)

// placed is a request in the world of these tests, and its assignments.
type placed struct {
	id, desk, owner uuid.UUID
	kind, state     string
	assignments     []work
}

type work struct {
	id, of uuid.UUID
	state  string
	ended  time.Duration // ago
	round  int           // the request's is 2
}

// world is two desks, two organisations that ask and two that help, and
// requests of each kind of all of them, with assignments in every state.
type world struct {
	desks, asking, helping [2]uuid.UUID
	requests               []placed
}

var fates = []work{
	{},
	{state: "offered", round: 2},
	{state: "accepted", round: 2},
	{state: "in_progress", round: 2},
	{state: "on_hold", round: 2},
	{state: "completed", round: 2, ended: time.Hour},
	{state: "completed", round: 2, ended: 31 * 24 * time.Hour},
	{state: "completed", round: 1, ended: time.Hour},
	{state: "declined", round: 2, ended: time.Hour},
	{state: "expired", round: 2, ended: time.Hour},
	{state: "returned", round: 2, ended: time.Hour},
	{state: "revoked", round: 2, ended: time.Hour},
}

var today = time.Date(2012, 5, 1, 12, 0, 0, 0, time.UTC)

// peopled fills a database with such a world.
func peopled(t *testing.T, dsn string) *world {
	t.Helper()
	db, err := sql.Open("pgx", modelstest.As(localpg.Superuser, dsn))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	do := func(text string, args ...any) {
		t.Helper()
		if _, err := tx.ExecContext(t.Context(), text, args...); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	w := &world{}
	for i := range 2 {
		w.desks[i], w.asking[i], w.helping[i] = models.NewID(), models.NewID(), models.NewID()
	}
	do("SET LOCAL session_replication_role = replica") // no key or trigger is asked: these rows are for the policies alone
	for n := range 8 * len(fates) {
		p := placed{id: models.NewID(), desk: w.desks[n%2], owner: w.asking[n/2%2], kind: "case_referral", state: "in_service"}
		if n/4%2 == 1 {
			p.state = "consent_revoked"
			if n%3 == 0 {
				p.kind, p.state = "training_request", "matched"
			}
		}
		for i, of := range w.helping {
			if x := fates[(n/8+i*5)%len(fates)]; x.state != "" {
				x.id, x.of = models.NewID(), of
				p.assignments = append(p.assignments, x)
			}
		}
		w.requests = append(w.requests, p)
		p.write(do)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	return w
}

func (p placed) write(do func(string, ...any)) {
	log := func(flow string, record uuid.UUID) {
		do(`INSERT INTO events (id, workflow, record_id, request_id, seq, name, from_state, action, to_state, actor_role, desk_id, at)
			VALUES ($1, $2, $3, $4, 1, 'n', 'new', 'create', 'draft', 'owner', $5, now())`, models.NewID(), flow, record, p.id, p.desk)
	}
	do("INSERT INTO "+p.kind+"s (id, reference, state, version, round, desk_id, owner_id, organisation_id, created_at, updated_at"+map[string]string{
		"case_referral": `, subject_code, age_band, country, services, urgency, summary, ended_at)
			VALUES ($1, $2, $3, 1, 2, $4, $5, $5, now(), now(), 's', 'adult', 'PH', '{food}', 'normal', 's', CASE $3 WHEN 'consent_revoked' THEN now() END)`,
		"training_request": `, title, audiences, topics, mode, country, languages, participants_expected)
			VALUES ($1, $2, $3, 1, 2, $4, $5, $5, now(), now(), 't', '{a}', '{t}', 'onsite', 'PK', '{en}', 1)`,
	}[p.kind], p.id, models.NewReference(p.kind), p.state, p.desk, p.owner)
	log(p.kind, p.id)
	do("INSERT INTO data_keys VALUES ($1, '', '', now())", p.id)
	do("INSERT INTO sealed_texts VALUES ($1, $1, 'narrative', decode(repeat('00', 40), 'hex'))", p.id)
	if p.kind == "case_referral" {
		do("INSERT INTO accesses VALUES ($1, now(), $1, $1, $2, NULL, 'o', 'owner', NULL, '{person}', 'r')", p.id, p.owner)
		do("INSERT INTO match_tokens VALUES ($1, 'name', sha256('n'))", p.id)
		do("INSERT INTO duplicate_links VALUES ($1, 'ffffffff-0000-0000-0000-000000000000', 'same_person', $1, now())", p.id)
		do("INSERT INTO consents (id, referral_id, basis, given_by, given_at, purposes, recorded_by, recorded_at) VALUES ($1, $1, 'consent', 'individual', now(), '{referral}', $2, now())", p.id, p.owner)
	}
	do(`INSERT INTO plans (id, version, kind, request_id, service, state, broadcast, made_by, created_at, updated_at)
		VALUES ($1, 1, $2, $1, CASE $2 WHEN 'case_referral' THEN 'food' ELSE '' END, 'live', false, $3, now(), now())`, p.id, p.kind, p.owner)
	do("INSERT INTO plan_steps VALUES ($1, 1, $2, NULL, '')", p.id, p.owner)
	do(`INSERT INTO waits (id, version, kind, request_id, organisation_id, service_id, service, state, made_by, since, updated_at)
		VALUES ($1, 1, $2, $1, $1, $1, 'food', 'waiting', $1, now(), now())`, p.id, p.kind)
	for _, x := range p.assignments {
		var ended any
		if x.ended > 0 {
			ended = today.Add(-x.ended)
		}
		do(`INSERT INTO assignments (id, kind, request_id, desk_id, owner_organisation_id, organisation_id, service_id, service, consent_id, state, version, round, offered_by, respond_by, created_at, updated_at, ended_at)
			VALUES ($1, $2, $3, $4, $5, $6, $6, 'food', $3, $7, 1, $8, $6, now(), now(), now(), $9)`, x.id, p.kind, p.id, p.desk, p.owner, x.of, x.state, x.round, ended)
		log("assignment", x.id)
		do("INSERT INTO sealed_texts VALUES ($1, $2, 'message', decode(repeat('00', 40), 'hex'))", p.id, x.id)
	}
}

// The rules of need to know once more, by hand: what the policies are held against.

func (p placed) ownedBy(a models.Actor) bool {
	role := map[string]string{"case_referral": models.RoleReferrer, "training_request": models.RoleRequester}[p.kind]
	return a.Has(role) && a.OrganisationID == p.owner
}

func (p placed) seenBy(a models.Actor) bool {
	if p.ownedBy(a) || a.Administers(p.desk) {
		return true
	}
	return slices.ContainsFunc(p.assignments, func(x work) bool {
		shown := x.taken() || x.state == "offered" && p.kind == "training_request" || x.state == "completed" && x.round == 2 && x.ended < workflow.AfterCompletion
		return x.heldBy(a) && shown && p.state != "consent_revoked"
	})
}

func (x work) heldBy(a models.Actor) bool {
	return a.Has(models.RolePartner) && a.OrganisationID == x.of
}

func (x work) taken() bool {
	return slices.Contains([]string{"accepted", "in_progress", "on_hold"}, x.state)
}
