package models_test

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/localpg"
	"onward/models"
	"onward/models/modelstest"
)

// entry is an event of which each column is known.
func entry() models.Entry {
	actor, organisation := "00000000-0000-7000-8000-000000000004", "00000000-0000-7000-8000-000000000005"
	return models.Entry{
		Position: 7, XID: "751", ID: "00000000-0000-7000-8000-000000000001", Workflow: "case_referral",
		RecordID: "00000000-0000-7000-8000-000000000002", RequestID: "00000000-0000-7000-8000-000000000003", Seq: "2", Name: "referral.taken",
		FromState: "submitted", Action: "take", ToState: "in_triage", ActorID: &actor, ActorRole: "admin", OrganisationID: &organisation,
		DeskID: "00000000-0000-7000-8000-000000000006", At: "1333022400000000", Data: `{"urgency": "high"}`,
	}
}

// The golden hashes were computed by another program, from the description of
// the encoding: whoever changes it breaks every chain there is.
func TestChainIsGolden(t *testing.T) {
	t.Parallel()
	byTheClock := entry()
	byTheClock.ActorID, byTheClock.OrganisationID = nil, nil
	first := golden(t, entry(), nil, "9b3de227436e477d449d47e902ca2adfafbc586c78e8e549db95359b426bdf4e")
	golden(t, entry(), first, "ab88714a024a8ce9f53c9d82678f6a80b086bd767df5c3dc5d02dfa011c4cd70")
	golden(t, byTheClock, first, "fc970bed17990060866d8441befb2106e9f0703ff8528e629a43a7a09e4e546e")
}

func golden(t *testing.T, e models.Entry, previous []byte, want string) []byte {
	t.Helper()
	sum := e.HashAfter(previous)
	if got := hex.EncodeToString(sum); got != want {
		t.Errorf("the hash is %s, want %s", got, want)
	}
	return sum
}

// Whatever changes in an entry changes its hash, also what moves from one
// column into the next.
func TestHashDependsOnEachColumn(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	hashed := func(what string, e models.Entry) {
		t.Helper()
		sum := hex.EncodeToString(e.HashAfter(nil))
		if other, known := seen[sum]; known {
			t.Errorf("%s has the hash of %s", what, other)
		}
		seen[sum] = what
	}
	hashed("the entry", entry())
	for i := range reflect.TypeFor[models.Entry]().NumField() {
		e, other := entry(), "other"
		switch field := reflect.ValueOf(&e).Elem().Field(i); field.Kind() {
		case reflect.Int64:
			field.SetInt(8)
		case reflect.String:
			field.SetString(other)
		default:
			field.Set(reflect.ValueOf(&other))
			hashed("another "+strconv.Itoa(i), e)
			field.SetZero()
		}
		hashed("column "+strconv.Itoa(i), e)
	}
	moved, empty := entry(), ""
	moved.FromState, moved.Action = "submitte", "dtake"
	hashed("a letter that moved", moved)
	moved = entry()
	moved.ActorID = &empty
	hashed("an empty actor", moved)
}

// log is a database with a few records, which writers move and relays chain.
type log struct {
	*testing.T
	sql     *sql.DB
	name    string
	db      *models.DB
	records []string
}

func newLog(t *testing.T) *log {
	t.Helper()
	db, first := plain(t)
	var name string
	if err := db.QueryRowContext(t.Context(), "SELECT current_database()").Scan(&name); err != nil {
		t.Fatal(err)
	}
	l := &log{t, db, name, modelstest.Enter(t, modelstest.Cluster(t).DSN(localpg.Worker, name)), []string{first}}
	for range 2 {
		id := uuid.NewString()
		must(t, db, `BEGIN;
			INSERT INTO training_requests (id, reference, state, version, desk_id, owner_id, organisation_id, created_at, updated_at)
				SELECT '`+id+`', '`+id+`', state, 1, desk_id, owner_id, organisation_id, created_at, updated_at FROM training_requests LIMIT 1;
			INSERT INTO events (id, workflow, record_id, request_id, seq, name, from_state, action, to_state, actor_role, desk_id, at)
				SELECT gen_random_uuid(), workflow, '`+id+`', '`+id+`', 1, name, from_state, action, to_state, actor_role, desk_id, at FROM events LIMIT 1;
			COMMIT`)
		l.records = append(l.records, id)
	}
	return l
}

// write is a transaction that adds an event to a record: it pauses before and
// after, and gives the event's id, or nothing when it was undone.
func (l *log) write(ctx context.Context, record string, before, after func(), undo bool) (event string) {
	l.Helper()
	tx, err := l.sql.BeginTx(ctx, nil)
	if err != nil {
		l.Error(err)
		return ""
	}
	defer func() { _ = tx.Rollback() }() // nothing, after the commit
	_, err = tx.ExecContext(ctx, "SELECT pg_current_xact_id()")
	before()
	if err == nil {
		_, err = tx.ExecContext(ctx, "UPDATE training_requests SET version = version + 1 WHERE id = $1", record)
	}
	if err == nil {
		err = tx.QueryRowContext(ctx, `INSERT INTO events (id, workflow, record_id, request_id, seq, name, from_state, action, to_state, actor_role, desk_id, at)
			SELECT gen_random_uuid(), 'training_request', id, id, version, 'training.edited', 'draft', 'edit', 'draft', 'owner', desk_id, now() FROM training_requests WHERE id = $1
			RETURNING id`, record).Scan(&event)
	}
	after()
	if undo && err == nil {
		return ""
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		l.Error(err)
	}
	return event
}

// relay chains in small batches until, after the end, nothing is left. Some of
// its batches are killed between their writing and their commit.
func (l *log) relay(ctx context.Context, elected bool, ended *atomic.Bool) {
	l.Helper()
	killed := errors.New("killed")
	var mark models.Mark
	for last := false; !last; {
		last = ended.Load()
		was := mark
		err := l.db.InTx(ctx, models.Actor{}, time.Now(), func(_ context.Context, tx *models.Tx) (err error) {
			free := true
			if elected {
				free, err = tx.TryKey(1)
			}
			if err != nil || !free {
				last = false
				return err
			}
			if mark, err = tx.Chain(was, 3); err == nil && rand.N(10) == 0 {
				err = killed
			}
			return err
		})
		if err != nil {
			mark, last = was, false
			if elected && !errors.Is(err, killed) {
				l.Error(err)
			}
		}
		last = last && !mark.More
	}
}

// chained is an event of the chain.
type chained struct {
	n          int64
	id, record string
	seq        int
}

func (l *log) chain(after int64) (links []chained) {
	l.Helper()
	rows, err := l.sql.QueryContext(context.Background(), "SELECT c.n, e.id, e.record_id, e.seq FROM chain c JOIN events e ON e.position = c.event_position WHERE c.n > $1 ORDER BY c.n", after)
	if err != nil {
		l.Error(err)
		return nil
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var s chained
		if err := rows.Scan(&s.n, &s.id, &s.record, &s.seq); err != nil {
			l.Error(err)
		}
		links = append(links, s)
	}
	if err := rows.Err(); err != nil {
		l.Error(err)
	}
	return links
}

// Writers hold their transactions open while others commit, some are undone;
// relays chain meanwhile, and are killed between their writing and their commit.
// Every event is chained exactly once; a reader that follows the chain by its
// numbers sees everything; and what came after something committed is chained
// after it. So too when the relays hold no election: the keys decide.
func TestEveryEventIsChainedOnce(t *testing.T) {
	t.Parallel()
	for name, elected := range map[string]bool{"elected": true, "all at once": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLog(t)
			l.everyEventIsChainedOnce(elected)
		})
	}
}

// written is an event, and when its transaction began and had ended.
type written struct {
	id           string
	began, ended int64
}

func (l *log) everyEventIsChainedOnce(elected bool) {
	l.Helper()
	ctx := l.Context()
	var clock atomic.Int64
	var mu sync.Mutex
	var all []written
	write := func(record string, before, after func(), undo bool) {
		began := clock.Add(1)
		if id := l.write(ctx, record, before, after, undo); id != "" {
			mu.Lock()
			defer mu.Unlock()
			all = append(all, written{id, began, clock.Add(1)})
		}
	}
	var writers, relays, reader sync.WaitGroup
	var ended atomic.Bool
	short := func() { time.Sleep(rand.N(8 * time.Millisecond)) }
	for range 6 {
		writers.Go(func() {
			for range 25 {
				write(l.records[rand.N(2)], short, short, rand.N(5) == 0)
			}
		})
	}
	for range 3 {
		relays.Go(func() { l.relay(ctx, elected, &ended) })
	}
	var followed []chained
	follow := func() { followed = append(followed, l.chain(int64(len(followed)))...) }
	reader.Go(func() {
		for !ended.Load() {
			follow()
		}
	})
	for clock.Load() < 120 {
		short()
	}
	write(l.records[2], short, func() { // one that began in the middle commits last
		writers.Wait()
		for deadline := time.Now().Add(10 * time.Second); len(l.chain(0)) < len(all)+len(l.records); short() {
			if time.Now().After(deadline) {
				l.Error("a transaction that is open keeps others from being chained")
				return
			}
		}
	}, false)
	ended.Store(true)
	relays.Wait()
	reader.Wait()
	follow()
	l.holds(followed, all)
}

// holds fails unless the chain has each event once, in an order that follows
// from what happened.
func (l *log) holds(followed []chained, all []written) {
	l.Helper()
	links := l.chain(0)
	if !slices.Equal(links, followed) {
		l.Errorf("who follows the chain saw %d links of %d", len(followed), len(links))
	}
	place, seq := map[string]int64{}, map[string]int{}
	for i, s := range links {
		if s.n != int64(i+1) || place[s.id] != 0 || s.seq != seq[s.record]+1 {
			l.Errorf("link %d is %+v, behind event %d of its record", i+1, s, seq[s.record])
		}
		place[s.id], seq[s.record] = s.n, s.seq
	}
	if len(links) != len(all)+len(l.records) {
		l.Errorf("%d links for %d events", len(links), len(all)+len(l.records))
	}
	for _, a := range all {
		for _, b := range all {
			if a.ended < b.began && place[a.id] >= place[b.id] {
				l.Errorf("%v ended before %v began, but they are chained as %d and %d", a, b, place[a.id], place[b.id])
			}
		}
	}
}

// The log is followed in its own order, batch after batch, also where a
// transaction that began first wrote last.
func TestChainFollowsTheLog(t *testing.T) {
	t.Parallel()
	l := newLog(t)
	var all []written
	now := func() {}
	for range 4 {
		var second string
		first := l.write(t.Context(), l.records[0], func() { second = l.write(t.Context(), l.records[0], now, now, false) }, now, false)
		all = append(all, written{id: second}, written{id: first})
	}
	var mark models.Mark
	for more := true; more; more = mark.More {
		err := l.db.InTx(t.Context(), models.Actor{}, time.Now(), func(_ context.Context, tx *models.Tx) (err error) {
			mark, err = tx.Chain(mark, 3)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	l.holds(l.chain(0), all)
}

// A database that was restored into another cluster has events of transactions
// that are yet to come there: they are chained, and so are new ones, whose ids
// lie behind. The relay may have run all the while.
func TestChainAfterARestore(t *testing.T) {
	t.Parallel()
	l := newLog(t)
	now := func() {}
	asOwner := func(text string) {
		t.Helper()
		db, err := sql.Open("pgx", modelstest.Cluster(t).DSN(localpg.Superuser, l.name))
		if err != nil {
			t.Fatal(err)
		}
		must(t, db, "BEGIN; SET LOCAL session_replication_role = replica; "+text+"; COMMIT")
		_ = db.Close()
	}
	var running models.Mark
	chains := func(mark *models.Mark, want int) {
		t.Helper()
		err := l.db.InTx(t.Context(), models.Actor{}, time.Now(), func(_ context.Context, tx *models.Tx) (err error) {
			*mark, err = tx.Chain(*mark, 100)
			return err
		})
		if err != nil || len(l.chain(0)) != want {
			t.Errorf("%d are chained, want %d: %v", len(l.chain(0)), want, err)
		}
	}
	writes := func() { l.write(t.Context(), l.records[0], now, now, false) }
	writes()
	chains(&running, 4)
	writes()
	asOwner("UPDATE events SET xid = cast(cast(cast(cast(xid AS text) AS bigint) + 1000000 AS text) AS xid8); UPDATE chain SET hash = sha256(hash)")
	chains(&running, 5)
	writes()
	chains(&running, 6)
	writes()
	chains(&models.Mark{}, 7)
	writes()
	chains(&running, 8)
}
