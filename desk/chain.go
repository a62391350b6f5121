package desk

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"onward/models"
)

const (
	election = 0x6f6e77617264 // the advisory lock of the node that chains: "onward"
	atOnce   = 5000           // links that are written, or read, at once
	mayWait  = time.Minute    // how long an event may be unchained before it was passed over
)

// Chain chains what was committed since a mark, unless another node does so at
// this moment, and returns where the chain stands.
func (d *Desk) Chain(ctx context.Context, since models.Mark) (models.Mark, error) {
	mark := since
	mark.More = false // another node sees to it
	err := d.write(ctx, models.Actor{}, func(_ context.Context, tx *models.Tx) error {
		elected, err := tx.TryKey(election)
		if err == nil && elected {
			mark, err = tx.Chain(since, atOnce)
		}
		return err
	})
	if err != nil {
		return since, err
	}
	return mark, nil
}

// Passes reports whether the chain passes through a head.
func (d *Desk) Passes(ctx context.Context, h models.Head) (holds bool, err error) {
	err = d.read(ctx, models.Actor{}, func(tx *models.Tx) error {
		holds, err = tx.Holds(h)
		return err
	})
	return holds, err
}

// Proof is what the chain shows of the log.
type Proof struct {
	Head    models.Head
	Waiting int64    // events that are not chained yet
	Wrong   []string // of each kind of fault the first; none: the log is as it was chained
}

// Prove recomputes the chain over the log, and holds it against heads that were
// kept elsewhere, the earliest first.
func (d *Desk) Prove(ctx context.Context, anchors []models.Anchor) (p Proof, err error) {
	err = d.read(ctx, models.Actor{}, func(tx *models.Tx) error {
		end, err := tx.End()
		if err != nil {
			return err
		}
		broken, err := recompute(tx)
		if err != nil {
			return err
		}
		adrift, err := moor(tx, end, anchors)
		if err != nil {
			return err
		}
		waiting, passed, err := d.passedOver(tx)
		p = Proof{end, waiting, slices.DeleteFunc([]string{broken, adrift, passed}, func(wrong string) bool { return wrong == "" })}
		return err
	})
	return p, err
}

// recompute walks the chain and says what is wrong with the first link that
// does not hold its event.
func recompute(tx *models.Tx) (wrong string, err error) {
	var before models.Head
	for {
		links, err := tx.Links(before.N, atOnce)
		if err != nil || len(links) == 0 {
			return "", err
		}
		for _, l := range links {
			switch {
			case l.N != before.N+1:
				return fmt.Sprintf("link %d: it is missing from the chain", before.N+1), nil
			case l.Entry == nil:
				return fmt.Sprintf("link %d: the event that it holds, at position %d, is gone", l.N, l.EventPosition), nil
			case !bytes.Equal(l.Hash, l.Entry.HashAfter(before.Hash)):
				event, err := name(tx, l.Entry)
				return fmt.Sprintf("link %d: %s is not what was chained", l.N, event), err
			}
			before = models.Head{N: l.N, Hash: l.Hash}
		}
	}
}

// moor says which head the chain does not pass through, though it once did.
func moor(tx *models.Tx, end models.Head, anchors []models.Anchor) (wrong string, err error) {
	var good int64
	for _, a := range anchors {
		holds, err := tx.Holds(a.Head)
		if err != nil {
			return "", err
		}
		if holds {
			good = a.N
			continue
		}
		wrong = fmt.Sprintf("link %d: the chain does not pass through %s; it was made anew from link %d at the earliest", a.N, a, good+1)
		if a.N > end.N {
			wrong = fmt.Sprintf("link %d: the chain ends at link %d, but it went on to %s; its tail was cut off", end.N+1, end.N, a)
		}
		if good == 0 {
			wrong += ", or this anchor is another database's"
		}
		return wrong, nil
	}
	return "", nil
}

// passedOver counts the events that are not chained yet, and says which of them
// should have been.
func (d *Desk) passedOver(tx *models.Tx) (waiting int64, wrong string, err error) {
	waiting, first, err := tx.Unchained(d.now().Add(-mayWait))
	if err != nil || first == nil {
		return waiting, "", err
	}
	event, err := name(tx, first)
	return waiting, fmt.Sprintf("no link: %s was never chained, but events behind it are", event), err
}

// name says which event this is, and whose.
func name(tx *models.Tx, e *models.Entry) (string, error) {
	record, err := tx.ReferenceOf(e)
	if record == "" {
		record = e.Workflow + " " + e.RecordID
	}
	return fmt.Sprintf("event %s, %s of %s at position %d,", e.ID, e.Name, record, e.Position), err
}
