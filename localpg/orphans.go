//go:build linux

package localpg

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// evict ends every PostgreSQL that still runs on folder, and waits until none
// does. Only the holder of the lock may call it: then whatever runs there is
// an orphan of a program that was killed, and not somebody's server.
func evict(ctx context.Context, c Config, folder string) error {
	begun := time.Now()
	signal := syscall.SIGINT // fast shutdown: ends sessions, writes a checkpoint
	for sent := syscall.Signal(0); ; {
		pids := inhabitants(folder)
		if len(pids) == 0 {
			return nil
		}
		switch waited := time.Since(begun); {
		case waited > 90*time.Second:
			return fmt.Errorf("localpg: a PostgreSQL of an earlier run (process %d) does not end on %s: end it by hand", pids[0], folder)
		case waited > 60*time.Second:
			signal = syscall.SIGQUIT // no checkpoint: the next start recovers from the log
		}
		if signal != sent {
			c.Log.Info("ending a PostgreSQL that an earlier run left behind", "process", pids[0], "data", folder)
			for _, pid := range eldest(pids) {
				_ = syscall.Kill(pid, signal) // gone by now is as good
			}
			sent = signal
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("localpg: waiting for an earlier PostgreSQL on %s to end: %w", folder, ctx.Err())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// inhabitants lists the PostgreSQL processes that run on folder. The pid file
// can't tell: its number may be another process's by now.
func inhabitants(folder string) []int {
	names, _ := filepath.Glob("/proc/[0-9]*")
	var pids []int
	for _, proc := range names {
		pid, err := strconv.Atoi(filepath.Base(proc))
		if err == nil && livesIn(proc, folder) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// livesIn reports whether the process is a PostgreSQL whose working folder is
// folder, or which was started on it: in a container even root may not read
// the working folder of another user's process.
func livesIn(proc, folder string) bool {
	name, _ := os.ReadFile(proc + "/comm")
	if strings.TrimSpace(string(name)) != "postgres" {
		return false
	}
	if cwd, err := os.Readlink(proc + "/cwd"); err == nil {
		return strings.TrimSuffix(cwd, " (deleted)") == folder
	}
	line, _ := os.ReadFile(proc + "/cmdline")
	args := bytes.Split(line, []byte{0})
	at := slices.IndexFunc(args, func(arg []byte) bool { return string(arg) == "-D" })
	return at >= 0 && at+1 < len(args) && string(args[at+1]) == folder
}

// eldest leaves out those whose parent is in the list too: a postmaster ends
// its children by itself, and in the right order.
func eldest(pids []int) []int {
	return slices.DeleteFunc(slices.Clone(pids), func(pid int) bool {
		state, parent := procStat(pid)
		return state == "" || slices.Contains(pids, parent) // one that has ended since is nobody's elder
	})
}

// procStat returns a process's state letter and its parent, or nothing if it
// is gone.
func procStat(pid int) (state string, parent int) {
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	// "12 (any (name) S 34 …": the name ends at the last parenthesis.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 2 {
		return "", 0
	}
	parent, _ = strconv.Atoi(fields[1])
	return fields[0], parent
}
