package worker

import (
	"context"
	"log/slog"
	"time"

	"onward/desk"
)

const (
	tick   = 2 * time.Second // how late a deadline may be noticed
	forget = time.Hour       // how often what has grown too old is swept
)

// clock makes the clock's moves until the context ends. What goes wrong is
// logged and tried again at the next tick.
func clock(ctx context.Context, d *desk.Desk, log *slog.Logger) {
	ticks, sweeps := time.NewTicker(tick), time.NewTicker(forget)
	defer ticks.Stop()
	defer sweeps.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
			var made int
			if made, err = d.Tick(ctx); made > 0 {
				log.InfoContext(ctx, "the clock moved records", "moves", made)
			}
		case <-sweeps.C:
			err = d.Forget(ctx)
		}
		if err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "the clock failed; it tries again", "error", err.Error())
		}
	}
}
