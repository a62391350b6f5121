package worker

import (
	"context"
	"encoding/hex"
	"errors"
	"log/slog"
	"time"

	"onward/desk"
	"onward/models"
)

const (
	poll     = 250 * time.Millisecond // how often it looks for what was committed
	slowest  = 5 * time.Second        // how often at least, when it fails again and again
	tell     = time.Minute            // how often the head is told, at most
	farewell = 5 * time.Second        // how long the last batch may take
)

// relay chains the log, and tells the chain's head outside of the database: in
// the program's own log, and in a file.
type relay struct {
	desk   *desk.Desk
	anchor string
	log    *slog.Logger

	mark   models.Mark
	told   int64 // the head that was told last
	toldAt time.Time
}

// run chains until the context ends, and then what is left. What goes wrong is
// logged and tried again, ever more slowly.
func (r *relay) run(ctx context.Context) {
	for wait := poll; ; {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
			defer cancel()
			if err := errors.Join(r.chain(last), r.tell(last)); err != nil {
				r.log.ErrorContext(last, "the relay failed at the end", "error", err.Error())
			}
			return
		case <-time.After(wait):
		}
		err := r.chain(ctx)
		if time.Since(r.toldAt) >= tell {
			err = errors.Join(err, r.tell(ctx))
		}
		wait = poll
		if err != nil && ctx.Err() == nil {
			wait = min(2*wait, slowest)
			r.log.ErrorContext(ctx, "the relay failed; it tries again", "error", err.Error())
		}
	}
}

// chain chains what was committed, batch after batch.
func (r *relay) chain(ctx context.Context) (err error) {
	for more := true; more && err == nil; more = r.mark.More {
		r.mark, err = r.desk.Chain(ctx, r.mark)
	}
	return err
}

// tell tells the head, if it has moved.
func (r *relay) tell(ctx context.Context) error {
	if r.mark.N == r.told {
		return nil
	}
	r.toldAt = time.Now()
	r.log.InfoContext(ctx, "the log's head", "n", r.mark.N, "hash", hex.EncodeToString(r.mark.Hash))
	err := r.drop(ctx, models.Anchor{Head: r.mark.Head, At: r.toldAt})
	if err == nil {
		r.told = r.mark.N
	}
	return err
}
