//go:build !linux

package localpg

import (
	"context"
	"errors"
)

// Server does not exist on this system.
type Server struct{}

// Start always fails here: the care for a killed program needs Linux.
func Start(context.Context, Config) (*Server, error) {
	return nil, errors.New("localpg: the embedded PostgreSQL runs on Linux only: give the address of a database instead")
}

// The methods exist so that callers compile; there is no Server to call them on.

func (*Server) DSN(string, string) string { return "" }
func (*Server) Attached() bool            { return false }
func (*Server) PID() int                  { return 0 }
func (*Server) Data() string              { return "" }
func (*Server) Version() int              { return 0 }
func (*Server) Exited() <-chan error      { return nil }
func (*Server) Stop() error               { return nil }
