// Package localpg runs a private PostgreSQL for one program: it makes the
// cluster on first use, starts it with the program and stops it with the
// program. It is the default database of Onward, so that one command gives a
// working desk; an installation with a database of its own never calls it.
//
// What it promises: one postmaster on the data at any time, no postmaster left
// behind when the program is killed, and every commit that PostgreSQL
// acknowledged still there at the next start.
package localpg

import (
	"log/slog"
	"time"
)

// Names that are the same in every cluster that this package makes.
const (
	Superuser = "postgres"       // makes the others; the service must not use it
	Owner     = "onward_owner"   // owns the database; nobody logs in as it
	Migrate   = "onward_migrate" // logs in, and is Owner
	App       = "onward_app"     // serves requests
	Worker    = "onward_worker"  // runs the clock
	Database  = "onward"
)

// Config says where a cluster lives and how it runs.
type Config struct {
	// Dir is the home of the cluster, for example "./var". The data goes to
	// a folder in it that is named by the major version: Dir/pg15.
	Dir string
	// Bin is the folder of initdb and postgres. If it is empty, the known
	// places are searched (scripts/postgresql.sh installs into them).
	Bin string
	// Durable is false only for tests: fsync, synchronous_commit and
	// full_page_writes are off then.
	Durable bool
	// Settings are server settings that are added to, or replace, the
	// package's own.
	Settings map[string]string
	// Wait is how long to wait for another program to let go of the data
	// before attaching to its server as a client. 0 means 2 seconds.
	Wait time.Duration
	// Log receives what this package does, and PostgreSQL's own messages
	// (most of them at debug level). nil means nowhere.
	Log *slog.Logger
}

func (c Config) withDefaults() Config {
	if c.Wait == 0 {
		c.Wait = 2 * time.Second
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}
