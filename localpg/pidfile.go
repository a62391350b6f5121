//go:build linux

package localpg

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// pidfile is what a postmaster writes about itself: postmaster.pid.
type pidfile struct {
	pid    int    // line 1
	port   string // line 4
	socket string // line 5: the folder of its socket
	status string // line 8: starting, ready, stopping
}

func readPidfile(data string) (pidfile, error) {
	text, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return pidfile{}, fmt.Errorf("localpg: reading postmaster.pid: %w", err)
	}
	lines := strings.Split(string(text), "\n")
	if len(lines) < 8 { // it is written in steps
		return pidfile{}, errors.New("localpg: postmaster.pid is not complete yet")
	}
	pid, err := strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil || pid <= 0 {
		return pidfile{}, fmt.Errorf("localpg: postmaster.pid has no process id, but %q", lines[0])
	}
	return pidfile{
		pid:    pid,
		port:   strings.TrimSpace(lines[3]),
		socket: strings.TrimSpace(lines[4]),
		status: strings.TrimSpace(lines[7]),
	}, nil
}

func (p pidfile) ready() bool { return p.status == "ready" }

// alive reports whether a process exists, whoever owns it. A dead one that
// its parent has not collected yet doesn't count: some containers never do.
func alive(pid int) bool {
	if err := syscall.Kill(pid, 0); err != nil && !errors.Is(err, syscall.EPERM) {
		return false
	}
	state, _ := procStat(pid)
	return state != "Z"
}
