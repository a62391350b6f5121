package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"onward"
	"onward/demo"
	"onward/desk"
	"onward/handlers"
	"onward/worker"
)

type serveCmd struct {
	Demo bool `help:"Load the demo's desks, organisations and people once, with a token for each role."`
}

// Run serves until it is told to stop, or the database is gone.
func (cmd *serveCmd) Run(ctx context.Context, c *Config) error {
	log := c.logger()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Addr) // first: an address in use is found before anything starts
	if err != nil {
		return fmt.Errorf("listening on %s (choose another with ONWARD_ADDR): %w", c.Addr, err)
	}
	if cmd.Demo {
		c.Reading.widen()
	}
	db, err := c.ready(ctx, log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	if err := cmd.prepare(ctx, c, db.desk(), listener.Addr()); err != nil {
		return errors.Join(err, listener.Close(), db.stop())
	}
	return errors.Join(serve(ctx, listener, db, c.anchor(), log), db.stop())
}

// prepare loads the demo, if that is asked for, and tells what is in it.
func (cmd *serveCmd) prepare(ctx context.Context, c *Config, d *desk.Desk, at net.Addr) error {
	if !cmd.Demo {
		return nil
	}
	if err := demo.Load(ctx, d, c.Data); err != nil {
		return fmt.Errorf("loading the demo: %w", err)
	}
	return demo.Greet(os.Stdout, "http://"+at.String(), c.Data)
}

// The times that a client may take; the handlers bound their own.
const (
	readHeaderWithin = 5 * time.Second
	readWithin       = 20 * time.Second
	writeWithin      = 30 * time.Second
	idleAtMost       = 2 * time.Minute
	drainWithin      = 10 * time.Second
)

// serve answers requests and runs the worker until ctx ends or the database is
// gone, then lets what is running finish, and be chained.
func serve(ctx context.Context, listener net.Listener, db *database, anchor string, log *slog.Logger) error {
	d := db.desk()
	key, err := d.Secret(ctx, "cursors")
	if err != nil {
		return fmt.Errorf("reading the key of cursors: %w", err)
	}
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	worked := make(chan struct{})
	go func() {
		defer close(worked)
		worker.Run(working, db.clerk(), anchor, log)
	}()
	denials := worker.NewDenials(db.clerk(), log, time.Now)
	go denials.Run(context.WithoutCancel(ctx))
	server := &http.Server{
		Handler: handlers.New(d, log, []byte(key), onward.OpenAPI, denials.Note).Handler(), ReadHeaderTimeout: readHeaderWithin,
		ReadTimeout: readWithin, WriteTimeout: writeWithin, IdleTimeout: idleAtMost, ErrorLog: slog.NewLogLogger(handlers.ServerLog(log), slog.LevelWarn),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	log.InfoContext(ctx, "serving", "address", listener.Addr().String())
	var failed error
	select {
	case <-ctx.Done():
	case failed = <-ended:
	case err := <-db.gone():
		failed = fmt.Errorf("the embedded database ended by itself: %w", err)
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainWithin)
	defer cancel()
	failed = errors.Join(failed, server.Shutdown(drain))
	denials.Close(drain)
	stop()
	<-worked
	return failed
}
