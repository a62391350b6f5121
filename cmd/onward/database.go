package main

import (
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

// database is the one in use, and the server behind it where it is our own.
type database struct {
	*models.DB
	own *localpg.Server
}

// open reaches the database: that of DATABASE_URL, or our own, which it
// starts. It refuses one that could lose what it acknowledged.
func (c *Config) open(ctx context.Context, log *slog.Logger) (*database, error) {
	var d database
	dsn := c.Database
	if dsn == "" {
		own, err := localpg.Start(ctx, localpg.Config{Dir: c.Data, Durable: true, Log: log})
		if err != nil {
			return nil, err
		}
		d.own, dsn = own, own.DSN(localpg.Role, localpg.Database)
	}
	ring, err := c.ring(ctx, dsn)
	if err != nil {
		return nil, errors.Join(err, d.stop())
	}
	if d.DB, err = models.Open(dsn, ring); err != nil {
		return nil, errors.Join(err, d.stop())
	}
	if err := d.Safe(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("the database can't be used: %w", err), d.stop())
	}
	return &d, nil
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

// ready is open, with the schema up to date.
func (c *Config) ready(ctx context.Context, log *slog.Logger) (*database, *desk.Desk, error) {
	d, err := c.open(ctx, log)
	if err != nil {
		return nil, nil, err
	}
	applied, err := d.Migrate(ctx)
	if err != nil {
		return nil, nil, errors.Join(err, d.stop())
	}
	if applied > 0 {
		log.InfoContext(ctx, "the database was brought up to date", "migrations", applied)
	}
	return d, desk.New(d.DB, time.Now), nil
}

func (d *database) stop() error {
	var err error
	if d.DB != nil {
		err = d.Close()
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
