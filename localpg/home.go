//go:build linux

package localpg

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// spare is where the data goes if PostgreSQL can't reach the chosen folder.
// A variable only so that a test need not write there.
var spare = "/var/lib/onward"

// home is the folder of one cluster, and who runs PostgreSQL in it.
type home struct {
	dir  string
	bin  binaries
	user identity
}

func (h home) data() string    { return filepath.Join(h.dir, "pg"+strconv.Itoa(h.bin.version)) }
func (h home) staging() string { return h.data() + ".new" }
func (h home) lock() string    { return h.data() + ".lock" }

// settle finds binaries, folder and user that go together.
func settle(c Config) (home, error) {
	dir, err := makeDir(c.Dir)
	if err != nil {
		return home{}, err
	}
	other := filepath.Join(spare, digest(dir))
	if os.Geteuid() != 0 {
		return inhabit(c, dir)
	}
	if len(dataVersions(dir)) == 0 && len(dataVersions(other)) > 0 {
		return settleElsewhere(c, dir, other)
	}
	h, err := inhabit(c, dir)
	// Where there is data, it must be that data or nothing.
	if !errors.Is(err, errClosed) || len(dataVersions(dir)) > 0 {
		return h, err
	}
	h, otherErr := settleElsewhere(c, dir, other)
	if otherErr != nil {
		return home{}, errors.Join(err, otherErr)
	}
	return h, nil
}

// settleElsewhere uses a folder of our own: the chosen one is closed to all
// but root, and this system has no user namespaces. It goes on being used
// when the chosen one opens, for it has the data.
func settleElsewhere(c Config, chosen, other string) (home, error) {
	if _, err := makeDir(other); err != nil {
		return home{}, err
	}
	h, err := inhabit(c, other)
	if err == nil {
		c.Log.Warn("PostgreSQL doesn't run as root, and can't enter the chosen data folder: the data is kept in another folder",
			"chosen", chosen, "used", other)
	}
	return h, err
}

// errClosed: there are binaries, but no user who can run them in the folder.
var errClosed = errors.New("PostgreSQL can't run there")

// inhabit picks binaries and user for dir.
func inhabit(c Config, dir string) (home, error) {
	bin, err := findBinaries(c.Bin, dir)
	if err != nil {
		return home{}, err
	}
	h := home{dir: dir, bin: bin}
	owner := -1
	if info, err := os.Stat(h.data()); err == nil {
		owner = int(info.Sys().(*syscall.Stat_t).Uid)
	}
	if owner >= 0 && os.Geteuid() != 0 && owner != os.Getuid() {
		return home{}, fmt.Errorf("localpg: the data in %s belongs to %s, and this program runs as another user: start it as that user, or choose another folder",
			h.data(), ownerOf(owner).name)
	}
	h.user, err = choose(identities(owner), bin, dir)
	if err != nil {
		return home{}, fmt.Errorf("localpg: the data folder is %s, but %w: %w", dir, errClosed, err)
	}
	if h.user.isolated() {
		c.Log.Info("PostgreSQL runs in a user namespace, because the data folder is closed to other users", "folder", dir)
	}
	return h, nil
}

// makeDir makes the folder and returns its real path: that is what
// /proc/PID/cwd shows, and what two programs must agree on. The folder can be
// entered by all, for PostgreSQL's user must pass; the data in it is 0700.
func makeDir(dir string) (string, error) {
	if dir == "" {
		return "", fmt.Errorf("localpg: no data folder is configured")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("localpg: the data folder %s can't be made: %w", dir, err)
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("localpg: finding the data folder %s: %w", dir, err)
	}
	abs, err = filepath.EvalSymlinks(abs)
	if err != nil {
		return "", fmt.Errorf("localpg: finding the data folder %s: %w", dir, err)
	}
	return abs, nil
}

// checkVersion refuses data whose version isn't that of its folder's name.
func (h home) checkVersion() error {
	text, err := os.ReadFile(filepath.Join(h.data(), "PG_VERSION"))
	if err != nil {
		return fmt.Errorf("localpg: %s is not a PostgreSQL data folder: %w; move it away, or choose another folder", h.data(), err)
	}
	if got := strings.TrimSpace(string(text)); got != strconv.Itoa(h.bin.version) {
		return fmt.Errorf("localpg: the data in %s was made by PostgreSQL %s, and the binaries in %s are version %d: move the data to the folder pg%s, or install PostgreSQL %s",
			h.data(), got, h.bin.dir, h.bin.version, got, got)
	}
	return nil
}

// digest is a short name for a path.
func digest(path string) string {
	sum := sha256.Sum256([]byte(path))
	return hex.EncodeToString(sum[:6])
}
