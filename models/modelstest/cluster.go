//go:build linux

// Package modelstest gives each test a PostgreSQL database of its own, filled
// by the real migrations, in about 30 ms.
//
// `go test ./...` runs every package in a process of its own. Each process
// takes a slot: a folder under os.TempDir() with a cluster that outlives the
// run, so that neither initdb nor the migrations are repeated. The cluster's
// server lives exactly as long as the process: the kernel stops it (see
// localpg) and frees the slot, however the process ends. Sharing one server
// between processes would need a keeper that outlives them, and this doesn't.
package modelstest

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"onward/localpg"
)

// startLimit is for initdb on a busy machine.
const startLimit = 2 * time.Minute

// settings suit many short tests at once; nothing is replicated or archived.
var settings = map[string]string{
	"max_connections":           "200",
	"max_locks_per_transaction": "128",
	"wal_level":                 "minimal",
	"max_wal_senders":           "0",
	"log_min_messages":          "warning", // a test's refusals hold nobody's data
}

var shared = sync.OnceValues(startShared)

// Cluster is the throwaway cluster of this test process: fsync is off, and it
// takes 200 connections. It is started by the first call and ends with the
// process; nobody needs to stop it.
func Cluster(t testing.TB) *localpg.Server {
	t.Helper()
	s, err := shared()
	if err != nil {
		t.Fatalf("a PostgreSQL for tests: %v", err)
	}
	return s
}

func startShared() (*localpg.Server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	dir, err := takeSlot()
	if err != nil {
		return nil, err
	}
	s, err := startIn(ctx, dir)
	if err != nil {
		// Without fsync, a power cut may have broken it: make it anew.
		if rmErr := os.RemoveAll(dir); rmErr != nil {
			return nil, fmt.Errorf("%w; and removing %s: %w", err, dir, rmErr)
		}
		if s, err = startIn(ctx, dir); err != nil {
			return nil, err
		}
	}
	if err := dropLeftovers(ctx, s); err != nil {
		return nil, fmt.Errorf("dropping what an earlier run left: %w", err)
	}
	return s, nil
}

func startIn(ctx context.Context, dir string) (*localpg.Server, error) {
	s, err := localpg.Start(ctx, localpg.Config{Dir: dir, Settings: settings, Wait: 30 * time.Second, Log: logger()})
	if err != nil {
		return nil, err
	}
	if s.Attached() {
		_ = s.Stop()
		return nil, fmt.Errorf("the cluster in %s is in use, though its slot was free", dir)
	}
	return s, nil
}

// logger is silent unless ONWARD_TEST_LOG is set: then it shows PostgreSQL's
// own messages.
func logger() *slog.Logger {
	if os.Getenv("ONWARD_TEST_LOG") == "" {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// asSuperuser runs f on a connection that may create and drop databases.
func asSuperuser(ctx context.Context, s *localpg.Server, f func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, s.DSN(localpg.Superuser, "postgres"))
	if err != nil {
		return fmt.Errorf("connecting as %s: %w", localpg.Superuser, err)
	}
	defer conn.Close(ctx)
	return f(conn)
}
