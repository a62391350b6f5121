package worker

import (
	"context"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"onward/desk"
	"onward/fault"
	"onward/models"
)

// Denials writes refused attempts down behind the requests' backs: a request
// waits for nothing, and its time does not tell whether what it asked for is
// there. Where more is refused than can be written, the latest are dropped and
// counted.
type Denials struct {
	desk    *desk.Desk
	log     *slog.Logger
	now     func() time.Time
	waiting chan models.Denial
	dropped atomic.Int64
	crowd   crowd
	closing chan struct{} // closed by Close
	ended   chan struct{} // closed by Run
}

const (
	waitingAtMost = 4096
	batchAtMost   = 200
	batchWithin   = 200 * time.Millisecond
	writtenWithin = 5 * time.Second
	writtenAnew   = time.Second // after the database was away
	reported      = time.Minute // how often the log tells of what was dropped
)

// NewDenials makes one; Run makes it write.
func NewDenials(d *desk.Desk, log *slog.Logger, now func() time.Time) *Denials {
	return &Denials{
		desk: d, log: log, now: now, crowd: crowd{},
		waiting: make(chan models.Denial, waitingAtMost), closing: make(chan struct{}), ended: make(chan struct{}),
	}
}

// Note takes an attempt, and never waits. It can be called at any time, after
// Close too.
func (w *Denials) Note(attempt models.Denial) {
	attempt.ID, attempt.At = models.NewID(), w.now().UTC()
	select {
	case w.waiting <- attempt:
	default:
		w.dropped.Add(1)
	}
}

// Run writes until Close is called and nothing waits any more.
func (w *Denials) Run(ctx context.Context) {
	defer close(w.ended)
	reports := time.NewTicker(reported)
	defer reports.Stop()
	for {
		select {
		case first := <-w.waiting:
			w.write(ctx, w.gather(first))
		case <-reports.C:
			w.report(ctx)
		case <-w.closing:
			for len(w.waiting) > 0 {
				w.write(ctx, w.gather(<-w.waiting))
			}
			w.report(ctx)
			return
		}
	}
}

// Close ends Run once everything that waits is written, or ctx ends.
func (w *Denials) Close(ctx context.Context) {
	close(w.closing)
	select {
	case <-w.ended:
	case <-ctx.Done():
		w.log.WarnContext(ctx, "denials were not written before the end", "denials", len(w.waiting))
	}
}

// gather waits a moment for more, so that many are written at once.
func (w *Denials) gather(first models.Denial) []models.Denial {
	batch := []models.Denial{first}
	enough := time.After(batchWithin)
	for len(batch) < batchAtMost {
		select {
		case next := <-w.waiting:
			batch = append(batch, next)
		case <-enough:
			return batch
		case <-w.closing:
			for len(batch) < batchAtMost && len(w.waiting) > 0 {
				batch = append(batch, <-w.waiting)
			}
			return batch
		}
	}
	return batch
}

func (w *Denials) write(ctx context.Context, batch []models.Denial) {
	all := len(batch)
	err := w.insist(ctx, func(ctx context.Context) error { return w.desk.Recognise(ctx, batch) })
	if err == nil {
		batch = slices.DeleteFunc(batch, func(d models.Denial) bool { return !w.keeps(ctx, d) })
		all = len(batch)
	}
	if err == nil && all > 0 {
		err = w.insist(ctx, func(ctx context.Context) error { return w.desk.RecordDenials(ctx, batch) })
	}
	if err != nil {
		w.dropped.Add(int64(all))
		w.log.ErrorContext(ctx, "denials could not be written", "denials", all, "error", err.Error())
	}
}

// keeps reports whether an attempt is worth a row. Who holds no token of ours
// writes none, and what touches nothing is bounded, so that nobody can fill the
// table.
func (w *Denials) keeps(ctx context.Context, d models.Denial) bool {
	if d.TokenHash != nil && d.TokenID == nil {
		return false
	}
	kept, many := w.crowd.add(d)
	if many {
		w.log.WarnContext(ctx, "somebody is refused again and again", "actor", d.ActorID.String(), "refusals", tooMany, "within", tooManyWithin.String())
	}
	if !kept {
		w.dropped.Add(1)
	}
	return kept
}

// insist does it again while the database is away, until Close.
func (w *Denials) insist(ctx context.Context, do func(context.Context) error) error {
	for {
		err := within(ctx, do)
		if !fault.Is(err, fault.CodeUnavailable) {
			return err
		}
		select {
		case <-w.closing:
			return within(ctx, do)
		case <-time.After(writtenAnew):
		}
	}
}

func within(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, writtenWithin)
	defer cancel()
	return do(ctx)
}

// report says how many attempts have no row.
func (w *Denials) report(ctx context.Context) {
	if n := w.dropped.Swap(0); n > 0 {
		w.log.WarnContext(ctx, "more was refused than is written down", "dropped", n)
	}
}
