// Onward takes in training requests and case referrals, routes them through a
// validated state machine, and assigns them to partner organisations.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // the time zones of desks, wherever this runs

	"github.com/alecthomas/kong"
)

func main() {
	if err := execute(); err != nil {
		fmt.Fprintln(os.Stderr, "onward:", err)
		os.Exit(1)
	}
}

// execute runs the command that the command line names, until it ends or is
// told to stop.
func execute() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c Config
	cli := kong.Parse(&c, kong.Name("onward"), kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Description("Takes in training requests and case referrals, routes them through a validated state machine, and assigns them to partner organisations."))
	cli.BindTo(ctx, (*context.Context)(nil))
	if err := cli.Run(&c); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}
