//go:build linux

package localpg

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Server is a running PostgreSQL: this program's own, or another's that it
// attached to.
type Server struct {
	data, socket, port string
	pid, version       int
	log                *slog.Logger
	out                *output
	lock               *lock // nil if attached

	stopping atomic.Bool
	stop     sync.Once
	stopErr  error
	ended    chan struct{} // closed when the postmaster has ended
	exited   chan error
}

// DSN is the address of a database for pgx, over the socket. It says
// everything that an environment variable (PGPORT, PGSSLMODE) could change.
func (s *Server) DSN(role, database string) string {
	u := url.URL{Scheme: "postgres", User: url.User(role), Path: "/" + database}
	u.RawQuery = url.Values{"host": {s.socket}, "port": {s.port}, "sslmode": {"disable"}}.Encode()
	return u.String()
}

// Attached reports whether the server is another program's: it ends when that
// program ends, and Stop leaves it alone.
func (s *Server) Attached() bool { return s.lock == nil }

// PID is the process id of the postmaster.
func (s *Server) PID() int { return s.pid }

// Data is the data folder.
func (s *Server) Data() string { return s.data }

// Version is the major version of PostgreSQL.
func (s *Server) Version() int { return s.version }

// Exited has one value when the postmaster has ended without Stop; then call
// Stop to free the data. After Stop it stays silent.
func (s *Server) Exited() <-chan error { return s.exited }

// Stop ends the sessions, shuts PostgreSQL down and waits until it is gone.
// It may be called twice, and after Exited. It fails if PostgreSQL had to be
// killed: no commit is lost then, but the next start recovers first.
func (s *Server) Stop() error {
	s.stop.Do(func() {
		s.stopping.Store(true)
		if s.Attached() {
			return
		}
		s.stopErr = s.shutdown()
		removeSocketDir(s.socket)
		s.lock.release() // last: it says that the data is free
	})
	return s.stopErr
}

// shutdown asks with more force each time: fast, immediate, kill.
func (s *Server) shutdown() error {
	s.stopping.Store(true)
	s.out.quiet.Store(true)
	for _, step := range []struct {
		signal syscall.Signal
		wait   time.Duration
	}{{syscall.SIGINT, 60 * time.Second}, {syscall.SIGQUIT, 10 * time.Second}} {
		if s.signal(step.signal, step.wait) {
			return nil
		}
		s.log.Warn("PostgreSQL has not ended yet", "signal", step.signal.String(), "waited", step.wait)
	}
	if !s.signal(syscall.SIGKILL, 10*time.Second) {
		return fmt.Errorf("localpg: PostgreSQL (process %d) does not end", s.pid)
	}
	return fmt.Errorf("localpg: PostgreSQL had to be killed: %s", s.out.tail())
}

// signal reports whether the postmaster has ended within wait. A process id
// is only signalled while it is certainly ours: before Wait has returned.
func (s *Server) signal(sig syscall.Signal, wait time.Duration) bool {
	select {
	case <-s.ended:
		return true
	default:
	}
	if err := syscall.Kill(s.pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		s.log.Warn("PostgreSQL can't be signalled", "signal", sig.String(), "error", err)
	}
	select {
	case <-s.ended:
		return true
	case <-time.After(wait):
		return false
	}
}

// watch waits for our own postmaster to end.
func (s *Server) watch(ended <-chan error) {
	err := <-ended
	close(s.ended)
	if !s.stopping.Load() {
		if err == nil {
			err = errors.New("exit status 0") // somebody else's pg_ctl stop
		}
		s.exited <- fmt.Errorf("localpg: PostgreSQL ended by itself (%w): %s", err, s.out.tail())
	}
}

// attach returns a client of another program's server.
func attach(h home, p pidfile) *Server {
	s := &Server{
		data: h.data(), socket: p.socket, port: p.port, pid: p.pid, version: h.bin.version,
		log: discard, ended: make(chan struct{}), exited: make(chan error, 1),
	}
	go s.watchOther()
	return s
}

// watchOther waits for another program's postmaster to end. It is not our
// child, so there is nothing to wait on but its name.
func (s *Server) watchOther() {
	for !s.stopping.Load() {
		if !alive(s.pid) {
			s.exited <- fmt.Errorf("localpg: the PostgreSQL of another program (process %d) has ended", s.pid)
			return
		}
		time.Sleep(250 * time.Millisecond)
	}
}
