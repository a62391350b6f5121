//go:build linux

package modelstest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// slots is far above the number of packages that go test runs at once.
const slots = 64

// takeSlot locks the first free slot and returns its folder. The lock's file
// stays open, and so the slot taken, until the process ends: hence a bare
// descriptor, which no garbage collector closes.
func takeSlot() (string, error) {
	base, err := slotBase()
	if err != nil {
		return "", err
	}
	for n := range slots {
		dir := filepath.Join(base, "slot-"+strconv.Itoa(n))
		lock, err := syscall.Open(dir+".lock", syscall.O_RDWR|syscall.O_CREAT|syscall.O_CLOEXEC, 0o600)
		if err != nil {
			return "", fmt.Errorf("opening the lock of a slot: %w", err)
		}
		err = syscall.Flock(lock, syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return dir, nil
		}
		_ = syscall.Close(lock)
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return "", fmt.Errorf("locking %s: %w", dir, err)
		}
	}
	return "", fmt.Errorf("all %d slots in %s are taken", slots, base)
}

// slotBase makes the folder of this user's slots. Other users may enter it,
// since PostgreSQL runs as one of them when the tests run as root; but it must
// be ours, for anybody can make a folder in a temporary folder.
func slotBase() (string, error) {
	base := filepath.Join(os.TempDir(), "onward-test-"+strconv.Itoa(os.Getuid()))
	if err := os.Mkdir(base, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return "", fmt.Errorf("making the folder of test clusters: %w", err)
	}
	info, err := os.Lstat(base)
	if err != nil {
		return "", fmt.Errorf("looking at the folder of test clusters: %w", err)
	}
	if !info.IsDir() || int(info.Sys().(*syscall.Stat_t).Uid) != os.Getuid() {
		return "", fmt.Errorf("%s is not a folder of this user: have it removed", base)
	}
	return base, nil
}
