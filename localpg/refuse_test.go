//go:build linux

package localpg

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func wantWords(t *testing.T, sentence string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(sentence, word) {
			t.Errorf("%q does not say %q", sentence, word)
		}
	}
	if strings.Contains(sentence, "%!") {
		t.Errorf("%q is badly formatted", sentence)
	}
}

// dataIn is the data folder that Start would use in dir.
func dataIn(t *testing.T, dir string) string {
	t.Helper()
	b, err := findBinaries("", dir)
	if err != nil {
		t.Fatal(err)
	}
	return home{dir: dir, bin: b}.data()
}

// Two in one program are two holders, as two programs would be.
func TestSecondStartAttaches(t *testing.T) {
	c := Config{Dir: madeFolder(t), Wait: 50 * time.Millisecond}
	first := start(t, c)
	second := start(t, c)
	if first.Attached() || !second.Attached() || second.PID() != first.PID() || second.Version() != first.Version() {
		t.Fatalf("first %+v, second %+v", first, second)
	}
	connect(t, second, Migrate, Database)
	if err := second.Stop(); err != nil {
		t.Fatal(err)
	}
	connect(t, first, Migrate, Database) // an attached Stop leaves it alone

	third := start(t, c)
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-third.Exited():
		wantWords(t, err.Error(), "another program", "has ended")
	case <-time.After(10 * time.Second):
		t.Error("Exited of an attached server is silent")
	}
}

// A program that lets go within Wait is succeeded, not attached to.
func TestSecondStartSucceedsTheFirst(t *testing.T) {
	c := Config{Dir: madeFolder(t)}
	first := start(t, c)
	time.AfterFunc(300*time.Millisecond, func() { _ = first.Stop() })
	if second := start(t, c); second.Attached() {
		t.Error("attached to a server that was about to stop")
	}
}

func TestHolderIsNamed(t *testing.T) {
	dir := madeFolder(t)
	data := dataIn(t, dir)
	l, _, err := tryLock(data + ".lock")
	if err != nil || l == nil {
		t.Fatal(l, err)
	}
	defer l.release()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err = Start(ctx, Config{Dir: dir})
	if err == nil {
		t.Fatal("Start succeeded")
	}
	wantWords(t, err.Error(), data, "held by process", filepath.Base(os.Args[0]))
}

func TestNoBinaries(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	old := places
	places = []string{"~cache/onward/postgresql/*/bin"}
	t.Cleanup(func() { places = old })
	wantWords(t, startError(t, Config{Dir: t.TempDir()}), "PostgreSQL", "was not found", "scripts/postgresql.sh")
	wantWords(t, startError(t, Config{Dir: t.TempDir(), Bin: t.TempDir()}), "no usable PostgreSQL", "has no initdb", "scripts/postgresql.sh")
}

// fakeBinaries is an installation that only says its version.
func fakeBinaries(t *testing.T, version string) string {
	t.Helper()
	dir := openFolder(t)
	for _, name := range []string{"initdb", "postgres"} {
		script := "#!/bin/sh\necho 'postgres (PostgreSQL) " + version + "'\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestTooOld(t *testing.T) {
	wantWords(t, startError(t, Config{Dir: t.TempDir(), Bin: fakeBinaries(t, "13.22 (Debian)")}), "version 13", "15 or later")
}

func TestBinariesOfAnotherVersion(t *testing.T) {
	dir := madeFolder(t)
	sentence := startError(t, Config{Dir: dir, Bin: fakeBinaries(t, "99.1")})
	wantWords(t, sentence, dir, "holds data of PostgreSQL", "only version 99")
}

func TestDataOfAnotherVersion(t *testing.T) {
	dir := madeFolder(t)
	if err := os.WriteFile(filepath.Join(dataIn(t, dir), "PG_VERSION"), []byte("14\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	wantWords(t, startError(t, Config{Dir: dir}), "was made by PostgreSQL 14", "pg14")
}

func TestNotADataFolder(t *testing.T) {
	dir := openFolder(t)
	if err := os.Mkdir(dataIn(t, dir), 0o700); err != nil {
		t.Fatal(err)
	}
	wantWords(t, startError(t, Config{Dir: dir}), "is not a PostgreSQL data folder")
}

func TestFolderIsAFile(t *testing.T) {
	file := filepath.Join(openFolder(t), "var")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wantWords(t, startError(t, Config{Dir: file}), "can't be made", file)
	wantWords(t, startError(t, Config{}), "no data folder is configured")
}

func TestFolderIsReadOnly(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root can write anywhere; this is for an ordinary user")
	}
	dir := openFolder(t)
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	wantWords(t, startError(t, Config{Dir: dir}), "can't be written", "permission denied")
	wantWords(t, startError(t, Config{Dir: filepath.Join(dir, "var")}), "can't be made", "permission denied")
}

// PostgreSQL's own reason reaches the reader.
func TestPostgresRefuses(t *testing.T) {
	c := Config{Dir: madeFolder(t), Settings: map[string]string{"max_connections": "many"}}
	wantWords(t, startError(t, c), "did not start", "max_connections")
	c.Settings = nil
	connect(t, start(t, c), Migrate, Database) // the failure let go of lock and socket
}

// The script must find what the program finds.
func TestScriptKnowsThePlaces(t *testing.T) {
	script, err := os.ReadFile("../scripts/postgresql.sh")
	if err != nil {
		t.Fatal(err)
	}
	for _, place := range places {
		place = strings.Replace(place, "~cache", "$cache", 1)
		if !slices.Contains(strings.Fields(string(script)), place) {
			t.Errorf("scripts/postgresql.sh doesn't look in %s", place)
		}
	}
	if out, err := exec.Command("sh", "../scripts/postgresql.sh").CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("with PostgreSQL there, the script says %q, %v", out, err)
	}
}
