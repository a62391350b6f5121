package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"onward/desk"
	"onward/models"
	"onward/worker"
)

type verifyCmd struct {
	Anchor []string `sep:"none" placeholder:"FILE" help:"File with heads of the chain that another node kept, or an earlier copy of one; instead of the one under --data."`
	Head   []string `sep:"none" placeholder:"N:HEX" help:"A head of the chain, from the program's log: its number, a colon, its hash."`
}

// Run holds every record against its log, and the log against its chain; it
// fails when one disagrees.
func (cmd *verifyCmd) Run(ctx context.Context, c *Config) error {
	anchors, err := cmd.anchors(c) // before the chain is read, which may grow meanwhile
	if err != nil {
		return err
	}
	db, err := c.ready(ctx, c.logger())
	if err != nil {
		return err
	}
	return errors.Join(verify(ctx, db.clerk(), anchors), db.stop())
}

func verify(ctx context.Context, d *desk.Desk, anchors []models.Anchor) error {
	records, events, wrong, err := d.Verify(ctx)
	if err != nil {
		return err
	}
	proof, err := d.Prove(ctx, anchors)
	if err != nil {
		return err
	}
	for _, w := range wrong {
		fmt.Printf("%s %s: %s\n", w.Workflow, w.RecordID, w.Fault)
	}
	for _, w := range proof.Wrong {
		fmt.Println(w)
	}
	if found := len(wrong) + len(proof.Wrong); found > 0 {
		return fmt.Errorf("%d disagreements between records, log and chain; docs/operations.md says what to do", found)
	}
	fmt.Printf("%d records, %d events: every record's state agrees with its log\n", records, events)
	fmt.Printf("%d events are chained, %d wait: the log is as it was chained; its head is %s\n", proof.Head.N, proof.Waiting, proof.Head)
	if len(anchors) == 0 {
		fmt.Println("no head was kept outside of the database: a tail that was cut off would not show (--anchor, --head)")
	} else {
		fmt.Printf("the chain passes through all %d heads that were kept outside of the database\n", len(anchors))
	}
	return nil
}

// anchors reads the heads that the chain has to pass through.
func (cmd *verifyCmd) anchors(c *Config) (all []models.Anchor, err error) {
	files := cmd.Anchor
	if len(files)+len(cmd.Head) == 0 {
		files = []string{c.anchor()}
	}
	for _, file := range files {
		kept, err := worker.Anchors(file)
		if err != nil && (len(cmd.Anchor) > 0 || !errors.Is(err, fs.ErrNotExist)) {
			return nil, err
		}
		all = append(all, kept...)
	}
	for _, text := range cmd.Head {
		head, err := models.ParseHead(text)
		if err != nil {
			return nil, err
		}
		all = append(all, models.Anchor{Head: head})
	}
	return all, nil
}
