//go:build linux

package localpg

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

// oldest is the first major version whose public schema isn't open to all
// roles, and which knows CREATE DATABASE … STRATEGY.
const oldest = 15

// install is what every "not found" sentence ends with.
const install = "install it with: scripts/postgresql.sh"

// places are the folders that may hold initdb and postgres, as glob patterns.
// scripts/postgresql.sh looks in the same ones; a test keeps the two equal.
// "~cache" stands for the user's cache folder.
var places = []string{
	"/usr/lib/postgresql/*/bin", // Debian and its family
	"/usr/pgsql-*/bin",          // the Red Hat family
	"/usr/libexec/postgresql*",  // Alpine
	"/usr/local/pgsql/bin",      // built by hand
	"/usr/local/lib/onward/postgresql/*/bin",
	"/usr/local/lib/onward/postgresql/usr/lib/postgresql/*/bin",
	"~cache/onward/postgresql/*/bin",
	"~cache/onward/postgresql/usr/lib/postgresql/*/bin",
}

// binaries is one installation of PostgreSQL.
type binaries struct {
	dir     string
	version int    // major
	libs    string // LD_LIBRARY_PATH for its programs, or ""
}

func (b binaries) path(program string) string { return filepath.Join(b.dir, program) }

// findBinaries returns the installation to use for home: the one that fits
// the data that is already there, or else the newest.
func findBinaries(bin, home string) (binaries, error) {
	found, err := installations(bin)
	if err != nil {
		return binaries{}, err
	}
	existing := dataVersions(home)
	for _, version := range existing {
		for _, b := range found {
			if b.version == version {
				return b, nil
			}
		}
	}
	if len(existing) > 0 {
		return binaries{}, fmt.Errorf("localpg: %s holds data of PostgreSQL %d, but only version %d was found (in %s): install PostgreSQL %d, or choose another folder",
			home, existing[0], found[0].version, found[0].dir, existing[0])
	}
	return found[0], nil
}

// installations lists what is usable, newest first; never an empty list
// without an error.
func installations(bin string) ([]binaries, error) {
	dirs := candidates()
	if bin != "" {
		dirs = []string{bin}
	}
	var found []binaries
	var last error
	for _, dir := range dirs {
		b, err := inspect(dir)
		if err != nil {
			last = err
			continue
		}
		found = append(found, b)
	}
	sort.SliceStable(found, func(i, j int) bool { return found[i].version > found[j].version })
	switch {
	case len(found) > 0:
		return found, nil
	case last != nil:
		return nil, fmt.Errorf("localpg: no usable PostgreSQL: %w; %s", last, install)
	}
	return nil, fmt.Errorf("localpg: PostgreSQL (initdb, postgres) was not found in the known places or on the PATH; %s", install)
}

// candidates lists the folders that hold an initdb and a postgres.
func candidates() []string {
	cache, _ := os.UserCacheDir()
	var dirs []string
	for _, place := range places {
		if strings.HasPrefix(place, "~cache") {
			if cache == "" {
				continue
			}
			place = cache + strings.TrimPrefix(place, "~cache")
		}
		matches, _ := filepath.Glob(place)
		for _, dir := range matches {
			if executable(filepath.Join(dir, "initdb")) && executable(filepath.Join(dir, "postgres")) {
				dirs = append(dirs, dir)
			}
		}
	}
	// initdb on the PATH may be a link: PostgreSQL's files lie beside its target.
	if initdb, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(initdb); err == nil && executable(filepath.Join(filepath.Dir(real), "postgres")) {
			dirs = append(dirs, filepath.Dir(real))
		}
	}
	return dirs
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

var versionLine = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// inspect asks the postgres in dir for its version.
func inspect(dir string) (binaries, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return binaries{}, fmt.Errorf("finding %s: %w", dir, err)
	}
	b := binaries{dir: dir, libs: libraries(dir)}
	if !executable(b.path("initdb")) {
		return b, fmt.Errorf("%s has no initdb", dir)
	}
	cmd := exec.Command(b.path("postgres"), "--version")
	cmd.Env = b.environment()
	out, err := cmd.CombinedOutput()
	if err != nil {
		return b, fmt.Errorf("%s does not run: %w: %s", b.path("postgres"), err, strings.TrimSpace(string(out)))
	}
	match := versionLine.FindSubmatch(out)
	if match == nil {
		return b, fmt.Errorf("%s does not say its version, but %q", b.path("postgres"), out)
	}
	b.version, _ = strconv.Atoi(string(match[1]))
	if b.version < oldest {
		return b, fmt.Errorf("%s is version %d, and %d or later is needed", b.path("postgres"), b.version, oldest)
	}
	return b, nil
}

// libraries returns the library folders of a tree that was unpacked from
// packages without being installed: there the loader doesn't look by itself.
func libraries(dir string) string {
	root, _, unpacked := strings.Cut(dir, "/usr/lib/postgresql/")
	if !unpacked || root == "" {
		return ""
	}
	usr, _ := filepath.Glob(root + "/usr/lib/*-linux-gnu*")
	lib, _ := filepath.Glob(root + "/lib/*-linux-gnu*")
	return strings.Join(append(usr, lib...), ":")
}

// environment is all that PostgreSQL's programs get to see: a PGDATA, PGPORT
// or LC_ALL of the caller must not change what they do.
func (b binaries) environment() []string {
	env := []string{"PATH=/usr/bin:/bin", "LANG=C.UTF-8"}
	if b.libs != "" {
		env = append(env, "LD_LIBRARY_PATH="+b.libs)
	}
	return env
}

// dataVersions lists the major versions of the clusters in home, newest first.
func dataVersions(home string) []int {
	files, _ := filepath.Glob(filepath.Join(home, "pg[0-9]*", "PG_VERSION"))
	var versions []int
	for _, file := range files {
		name := filepath.Base(filepath.Dir(file))
		if v, err := strconv.Atoi(strings.TrimPrefix(name, "pg")); err == nil {
			versions = append(versions, v)
		}
	}
	sort.Sort(sort.Reverse(sort.IntSlice(versions)))
	return versions
}
