// Package worker does what no request asks for: it makes the moves whose time
// has come, and chains the log. Any number of nodes can run it at once.
package worker

import (
	"context"
	"log/slog"
	"sync"

	"onward/desk"
)

// Run works until the context ends. The chain's head is kept in the file that
// anchor names.
func Run(ctx context.Context, d *desk.Desk, anchor string, log *slog.Logger) {
	var loops sync.WaitGroup
	loops.Go(func() { clock(ctx, d, log) })
	loops.Go(func() { (&relay{desk: d, anchor: anchor, log: log}).run(ctx) })
	loops.Wait()
}
