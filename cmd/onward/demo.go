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

	"onward/demo"
)

type demoCmd struct{}

// Run plays the scenario on the service that runs at the address; where none
// does, on one of its own, for as long as the play lasts.
func (*demoCmd) Run(ctx context.Context, c *Config) error {
	if base := "http://" + c.Addr; answers(ctx, base) {
		people, err := demo.People(c.Data)
		if err != nil {
			return fmt.Errorf("a service runs at %s, but its demo's tokens are not under %s (was it started with --demo, and with this ONWARD_DATA?): %w", base, c.Data, err)
		}
		return demo.Play(ctx, os.Stdout, base, people, demo.Options{})
	}
	return c.playAlone(ctx)
}

// answers reports whether a service runs there.
func answers(ctx context.Context, base string) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/readyz", nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	return response.Body.Close() == nil && response.StatusCode == http.StatusOK
}

// playAlone serves on a free port of the loopback interface while it plays.
func (c *Config) playAlone(ctx context.Context) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("finding a free port: %w", err)
	}
	c.Reading.widen()
	db, err := c.ready(ctx, log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	if err := demo.Load(ctx, db.desk(), c.Data); err != nil {
		return errors.Join(fmt.Errorf("loading the demo: %w", err), listener.Close(), db.stop())
	}
	people, err := demo.People(c.Data)
	if err != nil {
		return errors.Join(err, listener.Close(), db.stop())
	}
	serving, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- serve(serving, listener, db, c.anchor(), log) }()
	err = demo.Play(ctx, os.Stdout, "http://"+listener.Addr().String(), people, demo.Options{})
	stop()
	return errors.Join(err, <-ended, db.stop())
}
