//go:build linux

package localpg

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// launch starts cmd so that it gets the signal death when this program dies,
// and never outlives it. The channel has the result of Wait.
//
// The kernel ties that signal to the thread that forked, not to the process:
// so the goroutine keeps its thread until the child has ended.
func launch(cmd *exec.Cmd, death syscall.Signal) (<-chan error, error) {
	cmd.SysProcAttr.Pdeathsig = death
	// A group of its own: Ctrl-C in a terminal is for the program, which
	// finishes its requests before it stops its database.
	cmd.SysProcAttr.Setpgid = true
	cmd.WaitDelay = time.Second // sessions may hold stderr a little longer
	started, ended := make(chan error), make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			ended <- cmd.Wait()
		}
	}()
	return ended, <-started
}

// run runs a program to its end, or until ctx ends.
func run(ctx context.Context, cmd *exec.Cmd) error {
	out := &output{log: discard}
	cmd.Stderr = out
	ended, err := launch(cmd, syscall.SIGKILL)
	if err != nil {
		return fmt.Errorf("starting %s: %w", cmd.Path, err)
	}
	select {
	case err = <-ended:
	case <-ctx.Done():
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		<-ended
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("%s: %w: %s", cmd.Path, err, out.tail())
	}
	return nil
}
