//go:build linux

package localpg

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

const (
	port       = "5432"              // only names the socket; nothing listens on TCP
	socketName = "/.s.PGSQL." + port // PostgreSQL's own
	socketMax  = 107                 // sockaddr_un.sun_path, less the final zero byte
)

// socketDir makes the folder of the socket. It is not in the data folder,
// whose path may be too long for a socket, but the same for the same data.
//
// The folder is 0700, and it is the whole lock on the door: pg_hba.conf says
// "trust" for the socket and "reject" for everything else. So only PostgreSQL's
// own user and root can connect, both of whom could read the data folder
// anyway. "peer" would not be stricter, and would refuse root, as which this
// program may run while PostgreSQL runs as somebody else.
func socketDir(h home) (string, error) {
	name := fmt.Sprintf("onward-%d-%s", os.Getuid(), digest(h.data()))
	var last error
	for _, base := range socketBases() {
		dir := filepath.Join(base, name)
		if len(dir)+len(socketName) > socketMax {
			last = fmt.Errorf("localpg: the path %s is too long for a socket", dir)
			continue
		}
		sweep(base)
		if last = prepareSocketDir(dir, h.user); last == nil {
			return dir, nil
		}
	}
	return "", last
}

// socketBases are the folders to try: only root can write to /run, where no
// other user can have taken the name.
func socketBases() []string {
	if os.Geteuid() == 0 {
		return []string{"/run", "/tmp", os.TempDir()}
	}
	return []string{"/tmp", os.TempDir()}
}

// prepareSocketDir makes dir, empty, for id alone. It refuses a folder that
// somebody else put there.
func prepareSocketDir(dir string, id identity) error {
	// Nothing listens there: the caller holds the lock on the data.
	for _, left := range []string{socketName, socketName + ".lock"} {
		_ = os.Remove(dir + left)
	}
	_ = os.Remove(dir)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return fmt.Errorf("localpg: making the socket folder: %w; if another user made it, have it removed", err)
	}
	if err := id.give(dir); err != nil {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("localpg: looking at the socket folder: %w", err)
	}
	owner := int(info.Sys().(*syscall.Stat_t).Uid)
	if !info.IsDir() || info.Mode().Perm() != 0o700 || owner != id.uid {
		return fmt.Errorf("localpg: the socket folder %s is not a folder of user %s that only it can enter", dir, strconv.Itoa(id.uid))
	}
	return nil
}

// sweep removes what killed programs left in base: PostgreSQL takes its socket
// along, but not the folder. An empty one is in use only for the moment before
// its server is up.
func sweep(base string) {
	dirs, _ := filepath.Glob(filepath.Join(base, fmt.Sprintf("onward-%d-*", os.Getuid())))
	for _, dir := range dirs {
		if info, err := os.Lstat(dir); err == nil && time.Since(info.ModTime()) > time.Hour {
			_ = os.Remove(dir) // fails if it isn't empty, and should
		}
	}
}

func removeSocketDir(dir string) {
	_ = os.Remove(dir + socketName)
	_ = os.Remove(dir + socketName + ".lock")
	_ = os.Remove(dir)
}
