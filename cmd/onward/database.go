package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
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
	var err error
	if d.DB, err = models.Open(dsn, keys.Ephemeral()); err != nil {
		return nil, errors.Join(err, d.stop())
	}
	if err := d.Safe(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("the database can't be used: %w", err), d.stop())
	}
	return &d, nil
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
