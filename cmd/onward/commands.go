package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"onward/models"
	"onward/worker"
)

type workerCmd struct{}

// Run runs the clock and the relay until it is told to stop.
func (*workerCmd) Run(ctx context.Context, c *Config) error {
	log := c.logger()
	db, err := c.ready(ctx, log)
	if err != nil {
		return err
	}
	log.InfoContext(ctx, "the clock and the relay run")
	worker.Run(ctx, db.clerk(), c.anchor(), log)
	return db.stop()
}

type migrateCmd struct{}

// Run brings the database up to date.
func (*migrateCmd) Run(ctx context.Context, c *Config) error {
	db, err := c.open(ctx, c.logger())
	if err != nil {
		return err
	}
	applied, err := db.migrate(ctx)
	if err == nil {
		fmt.Printf("%d migrations applied; the database is up to date\n", applied)
	}
	return errors.Join(err, db.stop())
}

type tokenCmd struct {
	User         string        `xor:"whose" help:"Id of the user whom the token speaks for."`
	FirstAdmin   string        `xor:"whose" help:"In an empty network: role or name of its first admin, who is made with an organisation and a default desk."`
	Organisation string        `default:"Onward" help:"With --first-admin: the organisation that runs the network."`
	Name         string        `default:"command line" help:"What the token is for."`
	Lasts        time.Duration `default:"2160h" help:"How long it is valid; a year at most."`
}

// Run makes a token and prints it, once.
func (cmd *tokenCmd) Run(ctx context.Context, c *Config) error {
	db, err := c.ready(ctx, c.logger())
	if err != nil {
		return err
	}
	d := db.desk()
	var token string
	user, bad := uuid.Parse(cmd.User)
	switch {
	case cmd.FirstAdmin != "":
		token, err = d.Found(ctx, cmd.Organisation, cmd.FirstAdmin)
	case bad != nil:
		err = errors.New("say whose: --user with a user's id, or --first-admin in an empty network")
	default:
		expires := time.Now().Add(cmd.Lasts)
		token, _, err = d.IssueToken(ctx, models.Actor{Roles: []string{models.RoleAdmin}}, user, cmd.Name, &expires, nil)
	}
	if err == nil {
		fmt.Println(token)
	}
	return errors.Join(err, db.stop())
}
