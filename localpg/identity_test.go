//go:build linux

package localpg

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can do this")
	}
}

func owner(t *testing.T, path string) int {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return int(info.Sys().(*syscall.Stat_t).Uid)
}

// As root, the postmaster is another user with no way back.
func TestRootDropsRoot(t *testing.T) {
	needRoot(t)
	s := start(t, Config{Dir: madeFolder(t)})
	if uid := owner(t, s.Data()); uid == 0 {
		t.Error("the data belongs to root")
	}
	status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(s.PID()), "status"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(status), "\n") {
		if strings.HasPrefix(line, "Uid:") && strings.Contains(line, "\t0") {
			t.Errorf("the postmaster has %s", line)
		}
		if caps, ok := strings.CutPrefix(line, "CapEff:"); ok && strings.Trim(caps, "\t0") != "" {
			t.Errorf("the postmaster has %s", line)
		}
	}
}

// closedFolder is one that only root can enter.
func closedFolder(t *testing.T) string {
	t.Helper()
	needRoot(t)
	dir, err := os.MkdirTemp("/root", "localpg-test-") // 0700, below a 0700
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func TestFolderOnlyForRoot(t *testing.T) {
	dir := closedFolder(t)
	if exec.Command("unshare", "-U", "true").Run() != nil {
		t.Skip("no user namespaces here")
	}
	var log notes
	c := Config{Dir: dir, Durable: true, Log: log.logger()}
	first := start(t, c)
	if !strings.HasPrefix(first.Data(), dir) {
		t.Errorf("the data is in %s", first.Data())
	}
	wantWords(t, log.String(), "runs in a user namespace")
	if _, err := connect(t, first, Migrate, Database).Exec(t.Context(), "CREATE TABLE kept AS SELECT 1 AS n"); err != nil {
		t.Fatal(err)
	}
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	second := start(t, c)
	if got := one[int](t, connect(t, second, Migrate, Database), "SELECT n FROM kept"); got != 1 {
		t.Errorf("n is %d", got)
	}
}

// A killed program under /root: the signal crosses the namespace.
func TestKilledProgramInNamespace(t *testing.T) {
	dir := closedFolder(t)
	p := startProgram(t, dir)
	last := p.kill(t, p.rows(t, 20))
	waitGone(t, p.postmaster)
	s := start(t, Config{Dir: dir, Durable: true})
	if got := one[int](t, connect(t, s, Migrate, Database), "SELECT count(*)::int FROM acknowledged"); got < last {
		t.Errorf("%d rows, %d were acknowledged", got, last)
	}
}

// Without user namespaces the data goes elsewhere, and the log says so.
func TestFolderOnlyForRootWithoutNamespaces(t *testing.T) {
	dir := closedFolder(t)
	withoutNamespaces(t)
	var log notes
	c := Config{Dir: dir, Log: log.logger()}
	first := start(t, c)
	if !strings.HasPrefix(first.Data(), spare) {
		t.Errorf("the data is in %s", first.Data())
	}
	wantWords(t, log.String(), "level=WARN", "kept in another folder", dir, spare)
	_ = first.Stop()
	if second := start(t, c); second.Data() != first.Data() {
		t.Errorf("the second start uses %s, the first used %s", second.Data(), first.Data())
	} else {
		_ = second.Stop()
	}
	namespaceFlags = syscall.CLONE_NEWUSER // now the folder would do, but the data is elsewhere
	if third := start(t, c); third.Data() != first.Data() {
		t.Errorf("the third start uses %s, the first used %s", third.Data(), first.Data())
	}
}

// withoutNamespaces makes the kernel refuse user namespaces for one test.
func withoutNamespaces(t *testing.T) {
	t.Helper()
	oldSpare, oldFlags := spare, namespaceFlags
	t.Cleanup(func() { spare, namespaceFlags = oldSpare, oldFlags })
	spare = filepath.Join(openFolder(t), "spare")
	namespaceFlags |= syscall.CLONE_FS // it takes no such pair
}

// Data that can't be reached is not replaced by an empty cluster elsewhere.
func TestDataThatCannotBeReached(t *testing.T) {
	dir := closedFolder(t)
	if out, err := exec.Command("cp", "-a", madeFolder(t)+"/.", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	withoutNamespaces(t)
	wantWords(t, startError(t, Config{Dir: dir}), dir, "PostgreSQL can't run there", "permission denied")
}

// Data that an ordinary user made is run as that user, also by root; and root
// attaches to that user's server.
func TestRootKeepsTheOwner(t *testing.T) {
	needRoot(t)
	const uid = 54321 // has no name here
	dir := madeFolder(t)
	c := Config{Dir: dir}
	_ = filepath.WalkDir(dir, func(path string, _ os.DirEntry, _ error) error { return os.Lchown(path, uid, uid) })
	if got := owner(t, filepath.Join("/proc", strconv.Itoa(start(t, c).PID()))); got != uid {
		t.Errorf("the postmaster runs as %d", got)
	}
}

// In a container even root may not read another user's /proc/PID/cwd.
func TestOrphanByCommandLine(t *testing.T) {
	proc := t.TempDir()
	files := map[string]string{"comm": "postgres\n", "cmdline": "/usr/lib/postgresql/15/bin/postgres\x00-D\x00/data/pg15\x00-c\x00port=5432\x00"}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(proc, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if !livesIn(proc, "/data/pg15") || livesIn(proc, "/data/pg1") || livesIn(proc, "/other") {
		t.Error("the command line is misread")
	}
	if err := os.WriteFile(filepath.Join(proc, "comm"), []byte("less\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if livesIn(proc, "/data/pg15") {
		t.Error("a process that isn't PostgreSQL would be ended")
	}
}
