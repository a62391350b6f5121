package main

import (
	"log/slog"
	"os"
	"path/filepath"
)

// Config is everything that can be set, by flag or by environment.
type Config struct {
	Addr            string       `env:"ONWARD_ADDR" default:"127.0.0.1:8080" help:"Address to listen on."`
	Data            string       `env:"ONWARD_DATA" default:"./var" help:"Home of the embedded database, of the keys, of the demo's tokens and of the chain's heads."`
	Database        string       `env:"DATABASE_URL" name:"database-url" help:"PostgreSQL to use; without it Onward runs its own, embedded, under --data."`
	DatabaseMigrate string       `env:"DATABASE_MIGRATE_URL" name:"database-migrate-url" help:"The same, as the role that owns the tables; without it --database-url serves."`
	DatabaseWorker  string       `env:"DATABASE_WORKER_URL" name:"database-worker-url" help:"The same, as the role that runs the clock and chains the log; without it --database-url serves."`
	Keys            string       `env:"ONWARD_KEYS" help:"The keys that unwrap what is sealed in the database, as the file keys.json has them, plain or in base64; without it, that file under --data."`
	Reading         readingLimit `env:"ONWARD_READING_LIMIT" name:"reading-limit" placeholder:"100" help:"How many different cases a person may open within an hour: a number, or numbers by role (partner=50,admin=300); lists=2000 says how many its lists may show. The demo has no limit unless this is set."`
	Log             string       `env:"ONWARD_LOG" enum:"text,json" default:"text" help:"Format of the log on standard error: text or json."`

	Serve     serveCmd     `cmd:"" help:"Serve the API, run the clock, and chain the log."`
	Worker    workerCmd    `cmd:"" help:"Run the clock (offers and questions that nobody answers, holds that are over) and chain the log, and nothing else."`
	Migrate   migrateCmd   `cmd:"" help:"Bring the database up to date, and nothing else."`
	Token     tokenCmd     `cmd:"" help:"Make a token: for a user, or for the first admin of an empty network."`
	Demo      demoCmd      `cmd:"" help:"Play the scenario of Jeju through the API, each role in turn."`
	Verify    verifyCmd    `cmd:"" help:"Hold every record against its log, and the log against its chain."`
	Directory directoryCmd `cmd:"" help:"Take in the partner directory of others, or write our own, as HSDS 3.1."`
	KEKs      keysCmd      `cmd:"" name:"keys" help:"List, rotate and retire the keys that are not in the database."`
}

// anchor is the file that keeps the chain's heads, outside of the database.
func (c *Config) anchor() string { return filepath.Join(c.Data, "chain-anchor") }

// logger writes to standard error; standard output is for what people read.
func (c *Config) logger() *slog.Logger {
	if c.Log == "json" {
		return slog.New(slog.NewJSONHandler(os.Stderr, nil))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, nil))
}
