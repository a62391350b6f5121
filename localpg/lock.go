//go:build linux

package localpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
)

// lock is held from before the first look at the data until PostgreSQL has
// ended. The kernel lets go of it when the program dies, however it dies.
type lock struct{ file *os.File }

// tryLock takes the lock without waiting. It returns nil and the holder's own
// words if another program has it.
func tryLock(path string) (l *lock, holder string, err error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, "", fmt.Errorf("localpg: the data folder can't be written: %w", err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		l := &lock{file}
		return l, "", l.sign()
	}
	defer file.Close()
	if !errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, "", fmt.Errorf("localpg: locking %s: %w", path, err)
	}
	text, _ := os.ReadFile(path)
	return nil, strings.TrimSpace(string(text)), nil
}

// sign writes who we are, for the sentence that another program prints.
func (l *lock) sign() error {
	text := fmt.Sprintf("process %d (%s), since %s\n", os.Getpid(), os.Args[0], time.Now().UTC().Format(time.RFC3339))
	err := l.file.Truncate(0)
	if err == nil {
		_, err = l.file.WriteAt([]byte(text), 0)
	}
	if err != nil {
		l.release()
		return fmt.Errorf("localpg: signing the lock %s: %w", l.file.Name(), err)
	}
	return nil
}

func (l *lock) release() { l.file.Close() }

// startLimit is how long another program may take to bring its server up
// before we say that it holds the data: initdb on a cold, slow disk.
const startLimit = 30 * time.Second

// acquire takes the lock, or finds the ready server of the program that has
// it. Exactly one of the two results is set if err is nil.
func acquire(ctx context.Context, c Config, h home) (*lock, *pidfile, error) {
	begun := time.Now()
	for {
		l, holder, err := tryLock(h.lock())
		if err != nil || l != nil {
			return l, nil, err
		}
		waited := time.Since(begun)
		if waited >= c.Wait {
			if p, err := readPidfile(h.data()); err == nil && p.ready() && livesIn(fmt.Sprintf("/proc/%d", p.pid), h.data()) {
				return nil, &p, nil
			}
		}
		if waited >= max(c.Wait, startLimit) {
			return nil, nil, fmt.Errorf("localpg: the data in %s is held by %s, whose server is not ready: stop that program first", h.data(), holder)
		}
		select {
		case <-ctx.Done():
			return nil, nil, fmt.Errorf("localpg: waiting for the data in %s, which is held by %s: %w", h.data(), holder, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}
