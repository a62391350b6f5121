//go:build linux

package localpg

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// notes is a log that a test can read while PostgreSQL writes to it.
type notes struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (n *notes) Write(p []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.buf.Write(p)
}

func (n *notes) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.buf.String()
}

func (n *notes) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(n, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// openFolder is a temporary folder that other users can enter; t.TempDir is
// closed to them.
func openFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "localpg-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// seed is a cluster that was made once and is never started again.
var seed = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("/tmp", "localpg-seed-")
	if err != nil {
		return "", err
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		return "", err
	}
	s, err := Start(context.Background(), Config{Dir: dir, Durable: true})
	if err != nil {
		return dir, err
	}
	return dir, s.Stop()
})

// madeFolder is a folder with a cluster in it: a copy of the seed, which is
// quicker than initdb.
func madeFolder(t *testing.T) string {
	t.Helper()
	from, err := seed()
	if err != nil {
		t.Fatal(err)
	}
	dir := openFolder(t)
	if out, err := exec.Command("cp", "-a", from+"/.", dir).CombinedOutput(); err != nil {
		t.Fatalf("copying a cluster: %v: %s", err, out)
	}
	return dir
}

func start(t *testing.T, c Config) *Server {
	t.Helper()
	s, err := Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Stop() })
	return s
}

func startError(t *testing.T, c Config) string {
	t.Helper()
	s, err := Start(t.Context(), c)
	if err == nil {
		_ = s.Stop()
		t.Fatal("Start succeeded")
	}
	return err.Error()
}

func connect(t *testing.T, s *Server, role, database string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.DSN(role, database))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func one[T any](t *testing.T, conn *pgx.Conn, query string, args ...any) T {
	t.Helper()
	var v T
	if err := conn.QueryRow(t.Context(), query, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

func mode(t *testing.T, path string) os.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}

func TestFirstAndSecondStart(t *testing.T) {
	dir := openFolder(t)
	c := Config{Dir: filepath.Join(dir, "var"), Durable: true, Settings: map[string]string{"max_connections": "33"}}

	first := start(t, c)
	conn := connect(t, first, Migrate, Database)
	if one[bool](t, conn, "SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls FROM pg_roles WHERE rolname = current_user") {
		t.Error("the service's role has more rights than it needs")
	}
	if got := one[string](t, conn, "SELECT pg_get_userbyid(datdba)||' '||pg_encoding_to_char(encoding)||' '||datcollate FROM pg_database WHERE datname = current_database()"); got != "onward_owner UTF8 C.UTF-8" {
		t.Errorf("database is %q", got)
	}
	for name, want := range map[string]string{
		"data_checksums": "on", "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on",
		"listen_addresses": "", "max_connections": "33", "TimeZone": "UTC",
	} {
		if got := one[string](t, conn, "SELECT current_setting($1)", name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if _, err := conn.Exec(t.Context(), "CREATE TABLE kept AS SELECT 'Ґанок'::text AS word"); err != nil {
		t.Fatal(err)
	}
	if got := one[string](t, conn, "SELECT lower(word) FROM kept"); got != "ґанок" {
		t.Errorf("lower gives %q", got)
	}
	if m := mode(t, first.Data()); m != 0o700 {
		t.Errorf("data folder has mode %o", m)
	}
	if m := mode(t, first.socket); m != 0o700 {
		t.Errorf("socket folder has mode %o", m)
	}
	if n := len(first.socket + socketName); n > socketMax {
		t.Errorf("socket path has %d bytes", n)
	}
	if cwd, _ := os.Readlink("/proc/self/cwd"); cwd == first.Data() {
		t.Error("the program's own working folder moved")
	}
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := first.Stop(); err != nil {
		t.Fatalf("second Stop: %v", err)
	}
	if alive(first.PID()) {
		t.Error("the postmaster lives after Stop")
	}
	if _, err := os.Stat(first.socket); !os.IsNotExist(err) {
		t.Errorf("the socket folder is still there: %v", err)
	}
	select {
	case err := <-first.Exited():
		t.Errorf("Exited speaks after Stop: %v", err)
	default:
	}

	second := start(t, c)
	if got := one[string](t, connect(t, second, Migrate, Database), "SELECT word FROM kept"); got != "Ґанок" {
		t.Errorf("after a restart the word is %q", got)
	}
}

func TestNotDurable(t *testing.T) {
	conn := connect(t, start(t, Config{Dir: madeFolder(t)}), Migrate, Database)
	for _, name := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		if got := one[string](t, conn, "SELECT current_setting($1)", name); got != "off" {
			t.Errorf("%s is %q", name, got)
		}
	}
}

func TestLongAndOddPath(t *testing.T) {
	dir := filepath.Join(openFolder(t), strings.Repeat("so deep that no socket fits in it/", 5), "it's \"here\"")
	connect(t, start(t, Config{Dir: dir}), Migrate, Database)
}

func TestExited(t *testing.T) {
	var log notes
	s := start(t, Config{Dir: madeFolder(t), Durable: true, Log: log.logger()})
	if err := syscall.Kill(s.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-s.Exited():
		if !strings.Contains(err.Error(), "ended by itself") {
			t.Errorf("Exited says %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("Exited is silent")
	}
	if err := s.Stop(); err != nil {
		t.Errorf("Stop after the end: %v", err)
	}
}

// A killed postmaster leaves its sessions behind for a moment, and its pid
// file: the next start gets past both.
func TestStartAfterKilledPostmaster(t *testing.T) {
	c := Config{Dir: madeFolder(t), Durable: true}
	first := start(t, c)
	conn := connect(t, first, Migrate, Database)
	_, _ = conn.Exec(t.Context(), "CREATE TABLE kept (n int)")
	go func() { _, _ = conn.Exec(context.Background(), "SELECT pg_sleep(60)") }() // a session that doesn't notice by itself
	time.Sleep(100 * time.Millisecond)
	_ = syscall.Kill(first.PID(), syscall.SIGKILL)
	<-first.Exited()
	_ = first.Stop()
	second := start(t, c)
	if got := one[int](t, connect(t, second, Migrate, Database), "SELECT count(*)::int FROM kept"); got != 0 {
		t.Errorf("%d rows", got)
	}
}

// The pid in a stale pid file may by now be that of some other process of
// PostgreSQL's user; PostgreSQL alone would take it for a postmaster.
func TestStalePidfile(t *testing.T) {
	c := Config{Dir: madeFolder(t)}
	first := start(t, c)
	file := filepath.Join(first.Data(), "postmaster.pid")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_ = first.Stop()

	who := ownerOf(owner(t, first.Data()))
	other := exec.Command("sleep", "60")
	if os.Geteuid() == 0 {
		other.SysProcAttr = &who.attr
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Process.Kill(); _ = other.Wait() })
	_, rest, _ := strings.Cut(string(text), "\n")
	stale := fmt.Sprintf("%d\n%s", other.Process.Pid, rest)
	if err := os.WriteFile(file, []byte(stale), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := who.give(file); err != nil {
		t.Fatal(err)
	}
	connect(t, start(t, c), Migrate, Database)
	if !alive(other.Process.Pid) {
		t.Error("the other process was ended")
	}
}

func TestHalfMadeClusterIsReplaced(t *testing.T) {
	dir := openFolder(t)
	ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
	defer cancel()
	if _, err := Start(ctx, Config{Dir: dir}); err == nil {
		t.Skip("initdb was faster than the deadline")
	}
	if left, _ := filepath.Glob(dir + "/pg[0-9]*[0-9]"); len(left) > 0 {
		t.Fatalf("an interrupted initdb left %v", left)
	}
	if left, _ := filepath.Glob(dir + "/*.new"); len(left) > 0 {
		t.Errorf("an interrupted initdb left %v", left)
	}
	// As if the program had been killed, too.
	_ = os.MkdirAll(filepath.Join(dataIn(t, dir)+".new", "base"), 0o700)
	connect(t, start(t, Config{Dir: dir}), Migrate, Database)
}

// Trust is only for those who can enter the socket folder, and nothing
// listens on TCP.
func TestOnlyTheSocket(t *testing.T) {
	s := start(t, Config{Dir: madeFolder(t)})
	conn := connect(t, s, Superuser, Database)
	rules := one[string](t, conn, "SELECT string_agg(DISTINCT type||' '||auth_method, ',' ORDER BY type||' '||auth_method) FROM pg_hba_file_rules")
	if rules != "host reject,local trust" {
		t.Errorf("pg_hba.conf says %s", rules)
	}
	if got := one[string](t, conn, "SHOW unix_socket_directories"); got != s.socket {
		t.Errorf("socket folder is %s, want %s", got, s.socket)
	}
}

// A refused row holds people's data, and a refusal's own words can quote it:
// neither reaches the log.
func TestLogHasNoData(t *testing.T) {
	var log notes
	s := start(t, Config{Dir: madeFolder(t), Log: log.logger()})
	conn := connect(t, s, Migrate, Database)
	_, _ = conn.Exec(t.Context(), "CREATE TABLE people (email text UNIQUE, age int CHECK (age > 0))")
	_, _ = conn.Exec(t.Context(), "INSERT INTO people VALUES ('olena@example.org', 1)")
	for _, refused := range []string{
		"INSERT INTO people VALUES ('olena@example.org', 1)", "INSERT INTO people VALUES ('olena2@example.org', -1)",
		"SELECT cast('olena3@example.org' AS int)", "DO $$ BEGIN RAISE WARNING 'olena4@example.org'; PERFORM 1 / 0; END $$",
	} {
		if _, err := conn.Exec(t.Context(), refused); err == nil {
			t.Fatalf("%s: nothing was refused", refused)
		}
	}
	_ = s.Stop()
	if !strings.Contains(log.String(), "ready to accept connections") {
		t.Errorf("the log lacks PostgreSQL's messages: %s", log.String())
	}
	if strings.Contains(log.String(), "olena") {
		t.Errorf("the log has people's data: %s", log.String())
	}
}

// A folder that somebody else put in the socket's place is not used.
func TestSocketFolderIsOurs(t *testing.T) {
	dir := filepath.Join(openFolder(t), "socket")
	me := asSelf()
	if err := prepareSocketDir(dir, me); err != nil {
		t.Fatal(err)
	}
	if err := prepareSocketDir(dir, me); err != nil {
		t.Fatalf("after an earlier run: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "theirs"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := prepareSocketDir(dir, me); err == nil {
		t.Error("a folder with something else in it was taken")
	}
}

func TestSweep(t *testing.T) {
	base := openFolder(t)
	dir := func(name string, age time.Duration) string {
		path := filepath.Join(base, fmt.Sprintf("onward-%d-%s", os.Getuid(), name))
		if err := os.MkdirAll(path, 0o700); err != nil {
			t.Fatal(err)
		}
		if name == "used" {
			if err := os.WriteFile(path+socketName, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		then := time.Now().Add(-age)
		if err := os.Chtimes(path, then, then); err != nil {
			t.Fatal(err)
		}
		return path
	}
	stale, starting, used := dir("stale", 2*time.Hour), dir("starting", 0), dir("used", 2*time.Hour)
	sweep(base)
	for path, want := range map[string]bool{stale: false, starting: true, used: true} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s: kept is %v", path, err == nil)
		}
	}
}
