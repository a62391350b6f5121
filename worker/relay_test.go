package worker_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"onward/desk"
	"onward/localpg"
	"onward/models/modelstest"
	"onward/worker"
	"onward/workflow"
)

// node is one of several that run the worker on one database.
type node struct {
	*desk.Desk // of people
	clerk      *desk.Desk
	anchor     string
	log        *messages
	stop       func()
}

func starts(t *testing.T, dsn, anchor string) *node {
	t.Helper()
	n := &node{
		Desk: desk.New(modelstest.Enter(t, dsn), time.Now), clerk: desk.New(modelstest.Enter(t, modelstest.As(localpg.Worker, dsn)), time.Now),
		anchor: anchor, log: &messages{},
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		worker.Run(ctx, n.clerk, anchor, slog.New(slog.NewJSONHandler(n.log, nil)))
		close(ended)
	}()
	n.stop = func() {
		cancel()
		<-ended
	}
	t.Cleanup(n.stop)
	return n
}

// chained is how many events are chained, and how many wait.
func (n *node) chained(t *testing.T) (events, waiting int64) {
	t.Helper()
	p, err := n.clerk.Prove(t.Context(), nil)
	if err != nil || len(p.Wrong) > 0 {
		t.Fatalf("%q, %v", p.Wrong, err)
	}
	return p.Head.N, p.Waiting
}

// An event is chained soon after it is committed. A second is what the
// documentation says; the test allows for a busy machine.
func TestChainsSoon(t *testing.T) {
	t.Parallel()
	n := starts(t, modelstest.Migrated(t), filepath.Join(t.TempDir(), "anchor"))
	id, admin := asked(t, n.Desk)
	for range 3 {
		committed := time.Now()
		in := workflow.Input{Answer: "three"}
		must(t, n.Fire(t.Context(), admin, workflow.Training, id, desk.Whatever, workflow.ProvideInformation, in))
		eventually(t, "the event was not chained", func() bool { _, waiting := n.chained(t); return waiting == 0 })
		t.Logf("chained, and found to be, after %s", time.Since(committed))
		must(t, n.Fire(t.Context(), admin, workflow.Training, id, desk.Whatever, workflow.RequestInformation, workflow.Input{Question: "How many?"}))
	}
	n.stop()
	if events, waiting := n.chained(t); events != 9 || waiting != 0 {
		t.Errorf("%d are chained and %d wait after the end", events, waiting)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A leader that hangs in the middle of a batch holds the others up; when it
// dies, nothing of its batch is there, and another goes on. Each node keeps the
// head in a file of its own.
func TestAnotherNodeTakesOver(t *testing.T) {
	t.Parallel()
	dsn, folder := modelstest.Migrated(t), t.TempDir()
	first, second := starts(t, dsn, filepath.Join(folder, "first")), starts(t, dsn, filepath.Join(folder, "second"))
	id, admin := asked(t, first.Desk)
	eventually(t, "nothing was chained", func() bool { n, _ := first.chained(t); return n == 3 })
	eventually(t, "one of the nodes told no head", func() bool { return first.log.has(`"n":`) && second.log.has(`"n":`) })

	leader, err := pgx.Connect(t.Context(), modelstest.As(localpg.Worker, dsn)+"&onward.actor=system")
	must(t, err)
	_, err = leader.Exec(t.Context(), "BEGIN; SELECT pg_advisory_xact_lock(x'6f6e77617264'::bigint); INSERT INTO chain SELECT 4, max(position), sha256('') FROM events")
	if err == nil || !strings.Contains(err.Error(), "chain_event_key") {
		t.Errorf("an event was chained twice: %v", err)
	}
	must(t, leader.Close(t.Context()))

	leader, err = pgx.Connect(t.Context(), modelstest.As(localpg.Worker, dsn)+"&onward.actor=system")
	must(t, err)
	_, err = leader.Exec(t.Context(), "BEGIN; SELECT pg_advisory_xact_lock(x'6f6e77617264'::bigint)")
	must(t, err)
	must(t, first.Fire(t.Context(), admin, workflow.Training, id, desk.Whatever, workflow.ProvideInformation, workflow.Input{Answer: "three"}))
	_, err = leader.Exec(t.Context(), "INSERT INTO chain SELECT 4, max(position), sha256('') FROM events")
	must(t, err)
	first.stop()
	if n, waiting := second.chained(t); n != 3 || waiting != 1 {
		t.Errorf("%d are chained and %d wait, while the leader hangs", n, waiting)
	}
	must(t, leader.Close(t.Context()))
	eventually(t, "nobody took over", func() bool { n, _ := second.chained(t); return n == 4 })
	second.stop()
	for _, n := range []*node{first, second} {
		if n.log.has("ERROR") {
			t.Errorf("it complains: %s", n.log.b.String())
		}
	}
	last, err := worker.Anchors(second.anchor)
	if err != nil || last[len(last)-1].N != 4 {
		t.Errorf("the second keeps %v, %v", last, err)
	}
	if _, err := worker.Anchors(first.anchor); err != nil {
		t.Error(err)
	}
}

// The head is told and kept at once, then once a minute at most, and at the
// end. The file is for the eyes of its owner.
func TestTellsTheHead(t *testing.T) {
	t.Parallel()
	dsn, file := modelstest.Migrated(t), filepath.Join(t.TempDir(), "folder", "anchor")
	n := starts(t, dsn, file)
	id, admin := asked(t, n.Desk)
	eventually(t, "no head was told", func() bool { return n.log.has("the log's head") })
	eventually(t, "not all was chained", func() bool { n, _ := n.chained(t); return n == 3 })
	must(t, n.Fire(t.Context(), admin, workflow.Training, id, desk.Whatever, workflow.ProvideInformation, workflow.Input{Answer: "three"}))
	eventually(t, "not all was chained", func() bool { n, _ := n.chained(t); return n == 4 })
	if told := n.log.times("the log's head"); told != 1 {
		t.Errorf("it was told %d times in a moment", told)
	}
	n.stop()
	kept, err := worker.Anchors(file)
	if err != nil || len(kept) != 2 || kept[1].N != 4 || n.log.times("the log's head") != 2 {
		t.Errorf("%v are kept, %v; it says %s", kept, err, n.log.b.String())
	}
	if info, err := os.Stat(file); err != nil || info.Mode() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if p, err := n.clerk.Prove(t.Context(), kept); err != nil || len(p.Wrong) > 0 {
		t.Errorf("%q, %v", p.Wrong, err)
	}
	again := starts(t, dsn, file) // with nothing new
	eventually(t, "no head was told", func() bool { return again.log.has("the log's head") })
	again.stop()
	if kept, err := worker.Anchors(file); err != nil || len(kept) != 2 {
		t.Errorf("%v are kept, %v", kept, err)
	}
}

// A file whose last head is not of this chain is left as it is, and so is one
// that can't be read: adding to it would bury what it proves.
func TestLeavesAnotherChainsFileAlone(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ text, want string }{
		"of another chain": {"2012-03-29T12:00:00Z 2 " + strings.Repeat("00", 32) + "\n", "does not pass through 2:00"},
		"of no chain":      {"2012-03-29T12:00:00Z 2 cafe\n", "line 1"},
		"of a bad time":    {"yesterday 2 " + strings.Repeat("00", 32) + "\n", "line 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "anchor")
			must(t, os.WriteFile(file, []byte(tc.text), 0o600))
			n := starts(t, modelstest.Migrated(t), file)
			asked(t, n.Desk)
			eventually(t, "it does not complain", func() bool { return n.log.has(tc.want) })
			eventually(t, "nothing was chained", func() bool { n, _ := n.chained(t); return n == 3 })
			n.stop()
			if text, err := os.ReadFile(file); err != nil || string(text) != tc.text {
				t.Errorf("the file is now %s, %v", text, err)
			}
		})
	}
}
