package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"onward/desk"
	"onward/keys"
)

type keysCmd struct {
	List   keysListCmd   `cmd:"" help:"List the keys, and how many requests are under each."`
	Rotate keysRotateCmd `cmd:"" help:"Make a new key and bring every request under it; goes on where one was interrupted."`
	Retire keysRetireCmd `cmd:"" help:"Drop the older keys; refused while any request is under one."`
}

// keep opens the database as its owner, for no other role wraps a key anew.
func (c *Config) keep(ctx context.Context, do func(*desk.Desk, *keys.Ring) error) error {
	d, err := c.open(ctx, c.logger())
	if err != nil {
		return err
	}
	db, err := d.enter(ctx, d.at.migrate)
	if err != nil {
		return errors.Join(err, d.stop())
	}
	if _, err = db.Migrate(ctx); err == nil { // which also asks whether these are its keys
		err = do(desk.New(db, time.Now), d.ring)
	}
	return errors.Join(err, db.Close(), d.stop())
}

type keysListCmd struct{}

// Run lists the key-encryption keys.
func (*keysListCmd) Run(ctx context.Context, c *Config) error {
	return c.keep(ctx, func(d *desk.Desk, _ *keys.Ring) error {
		uses, err := d.KeyUses(ctx)
		table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		for _, u := range uses {
			does := "unwraps"
			if u.Wraps {
				does = "wraps"
			}
			fmt.Fprintf(table, "%s\t%s\t%d requests\n", u.KEK, does, u.DataKeys)
		}
		return errors.Join(err, table.Flush())
	})
}

type keysRotateCmd struct {
	Print bool `help:"Change nothing, but print the keys with one more, for ONWARD_KEYS or for other machines."`
}

// Run rotates the key-encryption key, while the service may go on serving.
func (cmd *keysRotateCmd) Run(ctx context.Context, c *Config) error {
	return c.keep(ctx, func(d *desk.Desk, ring *keys.Ring) error {
		if cmd.Print {
			return printed(ring, keys.AddKey)
		}
		said := time.Now()
		err := d.RotateKeys(ctx, func() error { return ring.Apply(keys.AddKey) }, func(done, all int64) {
			if time.Since(said) >= time.Second {
				said = time.Now()
				fmt.Printf("%d of %d\n", done, all)
			}
		})
		if err == nil {
			fmt.Printf("every request is under key %s; back up the keys now\n", ring.Current())
		}
		return err
	})
}

type keysRetireCmd struct {
	Print bool `help:"Change nothing, but print the keys without the older ones, for ONWARD_KEYS or for other machines."`
}

// Run drops the keys that nothing is under.
func (cmd *keysRetireCmd) Run(ctx context.Context, c *Config) error {
	return c.keep(ctx, func(d *desk.Desk, ring *keys.Ring) error {
		names, err := d.RetireKeys(ctx, func(names ...string) error {
			if cmd.Print {
				return printed(ring, keys.DropKeys(names...))
			}
			return ring.Apply(keys.DropKeys(names...))
		})
		if err == nil && !cmd.Print {
			fmt.Printf("%d keys retired %v\n", len(names), names)
		}
		return err
	})
}

// printed prints the keys as they would be after a change.
func printed(ring *keys.Ring, change keys.Change) error {
	text, err := ring.Text(change)
	if err == nil {
		fmt.Print(text)
	}
	return err
}
