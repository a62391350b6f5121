package keys

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Make writes a file of new keys, for nobody but its owner to read; it is on
// the disk when Make returns. Where there is a file already, that one stays
// and the error is fs.ErrExist.
func Make(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("making keys: %w", err)
	}
	return locked(path, func() error {
		if _, err := os.Lstat(path); err == nil {
			return fmt.Errorf("making keys: %s is there already: %w", path, fs.ErrExist)
		}
		s, err := makeSet()
		if err != nil {
			return err
		}
		return replace(path, s)
	})
}

// read reads a file of keys that nobody but its owner can read.
func read(path string) (*set, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, lost(path, err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("reading the keys: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("reading the keys: others can read or change %s (its mode is %04o): find out who did, then chmod 600 it", path, info.Mode().Perm())
	}
	stored, err := io.ReadAll(file)
	if err != nil {
		return nil, fmt.Errorf("reading the keys: %w", err)
	}
	s, err := parse(stored)
	if err != nil {
		return nil, fmt.Errorf("reading the keys: %s: %w", path, err)
	}
	s.file = info
	return s, nil
}

func lost(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the keys are not at %s: put the file back from its backup; without it nobody can read what is sealed in the database: %w", path, err)
	}
	return fmt.Errorf("reading the keys: %w", err)
}

// replace puts a file of keys in the place of the one that is there: whole or
// not at all, and for good.
func replace(path string, s *set) error {
	stored, err := s.store()
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".keys-*") // 0600
	if err != nil {
		return fmt.Errorf("writing the keys: %w", err)
	}
	_, err = file.Write(stored)
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("writing the keys: %w", errors.Join(err, os.Remove(file.Name())))
	}
	return nil
}

// locked runs do while no other process writes keys in that folder.
func locked(path string, do func() error) error {
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("reaching the folder of the keys: %w", err)
	}
	defer folder.Close() // lets go of the lock
	if err := syscall.Flock(int(folder.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("locking the folder of the keys: %w", err)
	}
	if err := do(); err != nil {
		return err
	}
	return folder.Sync() // what was renamed stays so
}
