//go:build linux

package modelstest

import (
	"context"
	"log/slog"
	"os"
	"syscall"
	"testing"

	"onward/localpg"
)

// OwnCluster is a cluster that belongs to one test.
type OwnCluster struct {
	*localpg.Server
	config localpg.Config
}

// Durable makes a cluster for a test of durability: fsync is on, and the test
// may crash and restart it. It has the empty database localpg.Database, owned
// by localpg.Owner. It takes a second or two, so use Database where that does.
func Durable(t testing.TB) *OwnCluster {
	t.Helper()
	return DurableWith(t, logger())
}

// DurableWith is Durable with PostgreSQL's messages in a log.
func DurableWith(t testing.TB, log *slog.Logger) *OwnCluster {
	t.Helper()
	dir, err := os.MkdirTemp("", "onward-durable-")
	if err != nil {
		t.Fatalf("a folder for a cluster: %v", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	// PostgreSQL runs as another user when the tests run as root.
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatalf("opening the folder of a cluster: %v", err)
	}
	c := &OwnCluster{config: localpg.Config{Dir: dir, Durable: true, Log: log}}
	c.start(t)
	t.Cleanup(func() { _ = c.Stop() })
	return c
}

// Config is what the cluster was started with: another process can start it
// with the same, once this one has stopped it.
func (c *OwnCluster) Config() localpg.Config { return c.config }

// Crash kills PostgreSQL as a power cut would, as far as a process can tell:
// no session ends well, and nothing is written any more.
func (c *OwnCluster) Crash(t testing.TB) {
	t.Helper()
	if err := syscall.Kill(c.PID(), syscall.SIGKILL); err != nil {
		t.Fatalf("killing PostgreSQL: %v", err)
	}
	<-c.Exited()
	_ = c.Stop() // it is dead; this frees the data
}

// Restart starts PostgreSQL again, after a clean stop if it still runs. The
// DSN stays as it was.
func (c *OwnCluster) Restart(t testing.TB) {
	t.Helper()
	if err := c.Stop(); err != nil {
		t.Fatalf("stopping PostgreSQL: %v", err)
	}
	c.start(t)
}

func (c *OwnCluster) start(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), startLimit)
	defer cancel()
	s, err := localpg.Start(ctx, c.config)
	if err != nil {
		t.Fatalf("a durable PostgreSQL: %v", err)
	}
	c.Server = s
}
