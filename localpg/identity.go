//go:build linux

package localpg

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"strings"
	"syscall"
)

// nobody is the user id that has a name on every Linux, and which nothing
// owns: PostgreSQL sees itself as it inside a user namespace.
const nobody = 65534

// namespaceFlags is a variable so that a test can make the kernel refuse.
var namespaceFlags uintptr = syscall.CLONE_NEWUSER

// identity is the user as which PostgreSQL runs. It refuses to be root.
type identity struct {
	name     string // for sentences
	uid, gid int    // the owner of its files, seen from outside
	attr     syscall.SysProcAttr
}

// isolated reports whether it runs in a user namespace.
func (id identity) isolated() bool { return id.attr.Cloneflags&syscall.CLONE_NEWUSER != 0 }

// asSelf runs PostgreSQL as the user of this program.
func asSelf() identity {
	return identity{name: "this user", uid: os.Getuid(), gid: os.Getgid()}
}

// asUser runs PostgreSQL as another user, which only root can do.
func asUser(name string, uid, gid int) identity {
	return identity{name: name, uid: uid, gid: gid, attr: syscall.SysProcAttr{
		Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)},
	}}
}

// asNamespace runs PostgreSQL in a user namespace where this program's own
// user is called nobody. Outside it is still that user (root without any of
// root's capabilities), so it can enter folders that only root may enter.
func asNamespace() identity {
	uid, gid := os.Getuid(), os.Getgid()
	return identity{name: "a user namespace", uid: uid, gid: gid, attr: syscall.SysProcAttr{
		Cloneflags:  namespaceFlags,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: nobody, HostID: uid, Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: nobody, HostID: gid, Size: 1}},
	}}
}

// identities lists who could run PostgreSQL, best first. owner is the uid of
// data that exists already, or -1: PostgreSQL accepts only its owner.
func identities(owner int) []identity {
	if os.Geteuid() != 0 {
		// initdb wants a name for the user, and a container may give none.
		if _, err := user.LookupId(strconv.Itoa(os.Getuid())); err != nil {
			return []identity{asNamespace(), asSelf()}
		}
		return []identity{asSelf()}
	}
	switch {
	case owner == 0:
		return []identity{asNamespace()}
	case owner > 0:
		return []identity{ownerOf(owner)}
	}
	var ids []identity
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			uid, _ := strconv.Atoi(u.Uid)
			gid, _ := strconv.Atoi(u.Gid)
			ids = append(ids, asUser(name, uid, gid))
		}
	}
	return append(ids, asNamespace())
}

func ownerOf(uid int) identity {
	name, gid := "user "+strconv.Itoa(uid), uid
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		name = u.Username
		gid, _ = strconv.Atoi(u.Gid)
	}
	return asUser(name, uid, gid)
}

// choose returns the first identity that can run b and enter dir. It tries
// rather than reads mode bits, which know nothing of access lists, mounts and
// a container's limits.
func choose(ids []identity, b binaries, dir string) (identity, error) {
	var failures []error
	for _, id := range ids {
		cmd := id.command(b, "postgres", "--version")
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err == nil {
			return id, nil
		}
		failures = append(failures, fmt.Errorf("as %s: %w %s", id.name, err, strings.TrimSpace(string(out))))
	}
	return identity{}, errors.Join(failures...)
}

// command prepares one of PostgreSQL's programs to run as id. The working
// folder is /, since the program's own may be closed to id.
func (id identity) command(b binaries, program string, args ...string) *exec.Cmd {
	cmd := exec.Command(b.path(program), args...)
	cmd.Dir = "/"
	cmd.Env = b.environment()
	attr := id.attr
	cmd.SysProcAttr = &attr
	return cmd
}

// give makes id the owner of path. Only root may, and only root needs to.
func (id identity) give(path string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	if err := os.Lchown(path, id.uid, id.gid); err != nil {
		return fmt.Errorf("localpg: giving %s to %s: %w", path, id.name, err)
	}
	return nil
}
