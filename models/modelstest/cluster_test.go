//go:build linux

package modelstest

import (
	"bufio"
	"context"
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"onward/localpg"
)

// helper makes a copy of this test binary act as another package's tests.
const helper = "MODELSTEST_TEST_PROCESS"

func TestMain(m *testing.M) {
	if os.Getenv(helper) != "" {
		otherProcess()
	}
	os.Exit(m.Run())
}

// otherProcess uses the cluster as tests do, leaves a database behind, says
// where it is, and waits to be told how to end.
func otherProcess() {
	s, err := shared()
	if err == nil {
		err = exec(context.Background(), s, "CREATE DATABASE "+testPrefix+"left", "CREATE DATABASE "+buildingPrefix+"left")
	}
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	fmt.Println(s.PID(), s.Data())
	_, _ = os.Stdin.Read(make([]byte, 1))
	os.Exit(0)
}

type process struct {
	cmd        *osexec.Cmd
	postmaster int
	data       string
	finish     func()
}

func startProcess(t *testing.T, tmp string) process {
	t.Helper()
	cmd := osexec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), helper+"=1", "TMPDIR="+tmp)
	stdin, _ := cmd.StdinPipe()
	stdout, _ := cmd.StdoutPipe()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(stdout).ReadString('\n')
	pid, data, ok := strings.Cut(strings.TrimSpace(line), " ")
	postmaster, convErr := strconv.Atoi(pid)
	if err != nil || !ok || convErr != nil {
		t.Fatalf("the process says %q, %v", line, err)
	}
	return process{cmd, postmaster, data, func() { _ = stdin.Close() }}
}

// waitGone waits for a process to end; one that nobody collects counts too.
func waitGone(t *testing.T, pid int) {
	t.Helper()
	for begun := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
		if time.Since(begun) > 10*time.Second {
			t.Fatalf("process %d is still there after 10 s", pid)
		}
	}
}

func openFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "modelstest-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// However a test process ends, its PostgreSQL goes with it; the next process
// gets the same slot, and finds nothing that a killed test left there.
func TestProcessesShareSlots(t *testing.T) {
	tmp := openFolder(t)
	first := startProcess(t, tmp)
	second := startProcess(t, tmp)
	if first.data == second.data || first.postmaster == second.postmaster {
		t.Fatalf("two processes at once use %s and %s", first.data, second.data)
	}
	if err := first.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.cmd.Wait()
	waitGone(t, first.postmaster)
	second.finish()
	if err := second.cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	waitGone(t, second.postmaster)

	// It makes the leftovers itself: that would fail if they were still there.
	third := startProcess(t, tmp)
	if third.data != first.data {
		t.Errorf("the third process uses %s, not %s", third.data, first.data)
	}
	third.finish()
	_ = third.cmd.Wait()
	waitGone(t, third.postmaster)
}

// A cluster that a power cut broke is replaced.
func TestBrokenSlotIsReplaced(t *testing.T) {
	tmp := openFolder(t)
	first := startProcess(t, tmp)
	first.finish()
	_ = first.cmd.Wait()
	waitGone(t, first.postmaster)
	if err := os.Truncate(filepath.Join(first.data, "global", "pg_control"), 10); err != nil {
		t.Fatal(err)
	}
	second := startProcess(t, tmp)
	second.finish()
	_ = second.cmd.Wait()
	waitGone(t, second.postmaster)
}

func TestSlotBaseIsOurs(t *testing.T) {
	tmp := openFolder(t)
	t.Setenv("TMPDIR", tmp)
	if err := os.Symlink("/etc", filepath.Join(tmp, "onward-test-"+strconv.Itoa(os.Getuid()))); err != nil {
		t.Fatal(err)
	}
	if base, err := slotBase(); err == nil {
		t.Errorf("took %s", base)
	}
}

func TestDurable(t *testing.T) {
	c := Durable(t)
	dsn := c.DSN(localpg.Migrate, localpg.Database)
	ctx := t.Context()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	var fsync string
	if err := conn.QueryRow(ctx, "SHOW fsync").Scan(&fsync); err != nil || fsync != "on" {
		t.Fatalf("fsync is %q, %v", fsync, err)
	}
	if _, err := conn.Exec(ctx, "CREATE TABLE kept AS SELECT 1 AS n"); err != nil {
		t.Fatal(err)
	}
	for _, again := range []func(){func() { c.Crash(t); c.Restart(t) }, func() { c.Restart(t) }} {
		again()
		if c.DSN(localpg.Migrate, localpg.Database) != dsn {
			t.Error("the DSN has changed")
		}
		conn, err := pgx.Connect(ctx, dsn)
		if err != nil {
			t.Fatal(err)
		}
		var n int
		if err := conn.QueryRow(ctx, "SELECT n FROM kept").Scan(&n); err != nil || n != 1 {
			t.Errorf("n is %d, %v", n, err)
		}
		_ = conn.Close(ctx)
	}
	// The config is enough for another process, once this one has let go.
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(c.Config().Dir); err != nil || info.Sys().(*syscall.Stat_t).Uid != uint32(os.Getuid()) {
		t.Errorf("the folder: %v", err)
	}
}
