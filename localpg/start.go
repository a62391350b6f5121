//go:build linux

package localpg

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

var discard = slog.New(slog.DiscardHandler)

// Start makes the cluster if there is none, starts PostgreSQL on it, and
// returns when it takes connections. If another program runs a server on the
// same data, Start attaches to that one (see Attached).
//
// Whatever it can't do, it says in one sentence: no PostgreSQL found, data of
// another version or another user, a folder that can't be written, a holder
// whose server isn't ready, or PostgreSQL's own last words.
func Start(ctx context.Context, c Config) (*Server, error) {
	c = c.withDefaults()
	h, err := settle(c)
	if err != nil {
		return nil, err
	}
	held, other, err := acquire(ctx, c, h)
	if err != nil {
		return nil, err
	}
	if other != nil {
		c.Log.Info("attached to the PostgreSQL of another program", "data", h.data(), "postmaster", other.pid)
		return attach(h, *other), nil
	}
	s, err := startHeld(ctx, c, h, held)
	if err != nil {
		held.release()
		return nil, err
	}
	return s, nil
}

// startHeld starts PostgreSQL for the holder of the lock.
func startHeld(ctx context.Context, c Config, h home, held *lock) (*Server, error) {
	if err := h.user.give(h.lock()); err != nil {
		return nil, err
	}
	for _, folder := range []string{h.staging(), h.data()} {
		if err := evict(ctx, c, folder); err != nil {
			return nil, err
		}
	}
	if err := ensureData(ctx, c, h); err != nil {
		return nil, err
	}
	// Nothing runs on the data, so a pid file is stale; left there, it would
	// stop PostgreSQL whenever its number is some other process's by now.
	if err := os.Remove(filepath.Join(h.data(), "postmaster.pid")); err != nil && !os.IsNotExist(err) {
		return nil, fmt.Errorf("localpg: removing a stale postmaster.pid: %w", err)
	}
	socket, err := socketDir(h)
	if err != nil {
		return nil, err
	}
	return startServer(ctx, c, h, held, socket)
}

func startServer(ctx context.Context, c Config, h home, held *lock, socket string) (*Server, error) {
	begun := time.Now()
	cmd := h.user.command(h.bin, "postgres", append([]string{"-D", h.data()}, settings(c, socket)...)...)
	out := &output{log: c.Log}
	cmd.Stdout, cmd.Stderr = out, out
	// SIGINT is PostgreSQL's fast shutdown: killed or not, we leave it clean.
	ended, err := launch(cmd, syscall.SIGINT)
	if err != nil {
		return nil, fmt.Errorf("localpg: starting %s: %w", cmd.Path, err)
	}
	s := &Server{
		data: h.data(), socket: socket, port: port, pid: cmd.Process.Pid, version: h.bin.version,
		log: c.Log, out: out, lock: held,
		ended: make(chan struct{}), exited: make(chan error, 1),
	}
	go s.watch(ended)
	if err := s.awaitReady(ctx); err != nil {
		return nil, err
	}
	if err := s.furnish(ctx); err != nil {
		err = errors.Join(err, s.shutdown())
		removeSocketDir(s.socket)
		return nil, err
	}
	c.Log.Info("PostgreSQL is ready", "data", s.data, "version", s.version, "socket", s.socket, "user", h.user.name,
		"took", time.Since(begun).Round(time.Millisecond))
	return s, nil
}

// awaitReady waits for the pid file to say "ready", and to say it of our own
// child. Recovery after a crash may take long: only ctx limits it.
func (s *Server) awaitReady(ctx context.Context) error {
	for {
		if p, err := readPidfile(s.data); err == nil && p.pid == s.pid && p.ready() {
			return nil
		}
		select {
		case <-s.ended:
			removeSocketDir(s.socket)
			return fmt.Errorf("localpg: PostgreSQL did not start on %s: %s", s.data, s.out.tail())
		case <-ctx.Done():
			err := s.shutdown()
			removeSocketDir(s.socket)
			return errors.Join(fmt.Errorf("localpg: waiting for PostgreSQL on %s to be ready: %w", s.data, ctx.Err()), err)
		case <-time.After(5 * time.Millisecond):
		}
	}
}
