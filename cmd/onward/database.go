package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"time"

	"onward/desk"
	"onward/keys"
	"onward/localpg"
	"onward/models"
)

// database is the one in use, entered as who serves requests and as who runs
// the clock, and the server behind it where it is our own.
type database struct {
	at          addresses
	ring        *keys.Ring
	app, worker *models.DB
	own         *localpg.Server
	reading     desk.Option // the limit on it
}

// addresses are those of one database, for each role that enters it.
type addresses struct{ app, worker, migrate string }

// open finds the database, that of DATABASE_URL or our own, which it starts,
// and reads the keys.
func (c *Config) open(ctx context.Context, log *slog.Logger) (*database, error) {
	d := &database{at: addresses{c.Database, c.DatabaseWorker, c.DatabaseMigrate}, reading: c.Reading.option(log)}
	var err error
	switch {
	case c.Database == "":
		if d.own, err = localpg.Start(ctx, localpg.Config{Dir: c.Data, Durable: true, Log: log}); err != nil {
			return nil, err
		}
		d.at.app, d.at.worker, d.at.migrate = d.own.DSN(localpg.App, localpg.Database), d.own.DSN(localpg.Worker, localpg.Database), d.own.DSN(localpg.Migrate, localpg.Database)
	case d.at.worker == "" || d.at.migrate == "":
		log.WarnContext(ctx, "one role of the database does the work of several, so that row-level security holds only as long as the program is honest; see docs/operations.md for DATABASE_WORKER_URL and DATABASE_MIGRATE_URL")
		d.at.worker, d.at.migrate = cmp.Or(d.at.worker, c.Database), cmp.Or(d.at.migrate, c.Database)
	}
	if d.ring, err = c.ring(ctx, d.at.migrate); err != nil {
		return nil, errors.Join(err, d.stop())
	}
	return d, nil
}

// ring reads the keys; for a database in which nothing was sealed yet it makes
// them. It never makes new ones where others were in use.
func (c *Config) ring(ctx context.Context, dsn string) (*keys.Ring, error) {
	at := keys.Config{File: filepath.Join(c.Data, "keys.json"), Env: c.Keys}
	ring, lost := keys.Load(ctx, at)
	if !errors.Is(lost, fs.ErrNotExist) {
		return ring, lost
	}
	db, err := models.Open(dsn, nil)
	if err != nil {
		return nil, err
	}
	mark, err := db.Marked(ctx)
	if err := errors.Join(err, db.Close()); err != nil {
		return nil, err
	}
	if mark != "" {
		return nil, lost
	}
	if err := keys.Make(at.File); err != nil && !errors.Is(err, fs.ErrExist) { // who starts at the same moment may have made them
		return nil, err
	}
	return keys.Load(ctx, at)
}

// enter opens a pool. It refuses a database that could lose what it
// acknowledged, and a role that no rule binds.
func (d *database) enter(ctx context.Context, dsn string) (*models.DB, error) {
	db, err := models.Open(dsn, d.ring)
	if err != nil {
		return nil, err
	}
	if err := db.Safe(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("the database can't be used: %w", err), db.Close())
	}
	return db, nil
}

// migrate brings the schema up to date.
func (d *database) migrate(ctx context.Context) (applied int, err error) {
	db, err := d.enter(ctx, d.at.migrate)
	if err != nil {
		return 0, err
	}
	applied, err = db.Migrate(ctx)
	return applied, errors.Join(err, db.Close())
}

// ready is the database with the schema up to date, entered.
func (c *Config) ready(ctx context.Context, log *slog.Logger) (*database, error) {
	d, err := c.open(ctx, log)
	if err != nil {
		return nil, err
	}
	applied, err := d.migrate(ctx)
	if err == nil {
		d.app, err = d.enter(ctx, d.at.app)
	}
	if err == nil {
		d.worker, err = d.enter(ctx, d.at.worker)
	}
	if err != nil {
		return nil, errors.Join(err, d.stop())
	}
	if applied > 0 {
		log.InfoContext(ctx, "the database was brought up to date", "migrations", applied)
	}
	return d, nil
}

// desk carries out what people ask for.
func (d *database) desk() *desk.Desk { return desk.New(d.app, time.Now, d.reading) }

// clerk carries out what nobody asks for.
func (d *database) clerk() *desk.Desk { return desk.New(d.worker, time.Now) }

func (d *database) stop() error {
	var err error
	for _, db := range []*models.DB{d.app, d.worker} {
		if db != nil {
			err = errors.Join(err, db.Close())
		}
	}
	if d.own != nil {
		err = errors.Join(err, d.own.Stop())
	}
	return err
}

// gone tells when our own server ended by itself; never for another's.
func (d *database) gone() <-chan error {
	if d.own == nil {
		return nil
	}
	return d.own.Exited()
}
