//go:build linux

package localpg

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// helper names the data folder for a copy of this test binary that acts as
// the program.
const helper = "LOCALPG_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if dir := os.Getenv(helper); dir != "" {
		program(dir)
	}
	code := m.Run()
	if dir, _ := seed(); dir != "" {
		_ = os.RemoveAll(dir)
	}
	os.Exit(code)
}

// program starts a server, says who it is, and commits rows until it is
// killed. It prints each number after PostgreSQL has acknowledged it.
func program(dir string) {
	ctx := context.Background()
	s, err := Start(ctx, Config{Dir: dir, Durable: true})
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	conn, err := pgx.Connect(ctx, s.DSN(Migrate, Database))
	if err == nil {
		_, err = conn.Exec(ctx, "CREATE TABLE IF NOT EXISTS acknowledged (n bigint GENERATED ALWAYS AS IDENTITY)")
	}
	fmt.Println("postmaster", s.PID(), s.Attached())
	for err == nil {
		var n int64
		if err = conn.QueryRow(ctx, "INSERT INTO acknowledged DEFAULT VALUES RETURNING n").Scan(&n); err == nil {
			fmt.Println("row", n)
		}
	}
	fmt.Println("error", err)
	os.Exit(1)
}

// running is a program that a test started.
type running struct {
	cmd        *exec.Cmd
	lines      *bufio.Scanner
	postmaster int
	attached   bool
}

func startProgram(t *testing.T, dir string) *running {
	t.Helper()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), helper+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	p := &running{cmd: cmd, lines: bufio.NewScanner(out)}
	words := p.line(t)
	if words[0] != "postmaster" {
		t.Fatalf("the program says %v", words)
	}
	p.postmaster, _ = strconv.Atoi(words[1])
	p.attached = words[2] == "true"
	return p
}

func (p *running) line(t *testing.T) []string {
	t.Helper()
	if !p.lines.Scan() {
		t.Fatalf("the program ended: %v", p.cmd.Wait())
	}
	return strings.Fields(p.lines.Text())
}

// rows waits for count more rows and returns the number of the last.
func (p *running) rows(t *testing.T, count int) (last int) {
	t.Helper()
	for range count {
		words := p.line(t)
		if words[0] != "row" {
			t.Fatalf("the program says %v", words)
		}
		last, _ = strconv.Atoi(words[1])
	}
	return last
}

// kill kills the program and returns the last row that it had printed.
func (p *running) kill(t *testing.T, last int) int {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for p.lines.Scan() {
		if n, ok := strings.CutPrefix(p.lines.Text(), "row "); ok {
			if n, err := strconv.Atoi(n); err == nil {
				last = n
			}
		}
	}
	_ = p.cmd.Wait()
	return last
}

// postmasters counts those that run on the data folder.
func postmasters(data string) int { return len(eldest(inhabitants(data))) }

// The program is killed again and again while it writes, at times together
// with its postmaster: no acknowledged row is lost, and there is never more
// than one postmaster.
func TestKilledProgramLosesNothing(t *testing.T) {
	dir := madeFolder(t)
	data := dataIn(t, dir)
	acknowledged := 0
	for round := range 6 {
		p := startProgram(t, dir)
		if p.attached {
			t.Fatalf("round %d: attached to an orphan", round)
		}
		if n := postmasters(data); n != 1 {
			t.Fatalf("round %d: %d postmasters", round, n)
		}
		last := p.rows(t, 50)
		if round%3 == 2 {
			_ = syscall.Kill(p.postmaster, syscall.SIGKILL)
		}
		acknowledged = max(acknowledged, p.kill(t, last))
	}
	s := start(t, Config{Dir: dir, Durable: true})
	if s.Attached() {
		t.Fatal("attached to an orphan")
	}
	conn := connect(t, s, Migrate, Database)
	if got := one[int](t, conn, "SELECT max(n)::int FROM acknowledged"); got < acknowledged {
		t.Errorf("row %d was acknowledged, the last one there is %d", acknowledged, got)
	}
	// Identity numbers may skip after a crash; so count what was printed.
	if got := one[int](t, conn, "SELECT count(*)::int FROM acknowledged"); got < 6*50 {
		t.Errorf("%d rows are there, at least %d were acknowledged", got, 6*50)
	}
	if n := postmasters(data); n != 1 {
		t.Errorf("%d postmasters", n)
	}
}

// Without a next start, too, the postmaster of a killed program goes away.
func TestKilledProgramLeavesNoPostmaster(t *testing.T) {
	dir := madeFolder(t)
	p := startProgram(t, dir)
	p.kill(t, p.rows(t, 1))
	waitGone(t, p.postmaster)
	start(t, Config{Dir: dir, Durable: true})
}

// waitGone waits for a postmaster to end by itself.
func waitGone(t *testing.T, pid int) {
	t.Helper()
	for begun := time.Now(); alive(pid); time.Sleep(10 * time.Millisecond) {
		if time.Since(begun) > 10*time.Second {
			t.Fatal("the postmaster outlived its program by 10 s")
		}
	}
}

// An orphan that got no signal (the kernel forgets it in rare cases, such as
// a change of credentials) is ended by the next start.
func TestOrphanIsEvicted(t *testing.T) {
	var log notes
	c := Config{Dir: madeFolder(t), Durable: true, Log: log.logger()}
	first := start(t, c)
	conn := connect(t, first, Migrate, Database)
	if _, err := conn.Exec(t.Context(), "CREATE TABLE kept AS SELECT 1 AS n"); err != nil {
		t.Fatal(err)
	}
	first.lock.release() // what death does to the lock, while the postmaster lives on
	second := start(t, c)
	if second.Attached() || second.PID() == first.PID() || alive(first.PID()) {
		t.Fatalf("the orphan %d is still there beside %d", first.PID(), second.PID())
	}
	if !strings.Contains(log.String(), "earlier run left behind") {
		t.Errorf("the log doesn't say so: %s", log.String())
	}
	if got := one[int](t, connect(t, second, Migrate, Database), "SELECT n FROM kept"); got != 1 {
		t.Errorf("n is %d", got)
	}
}
