package keys_test

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"onward/keys"
)

func apply(t *testing.T, ring *keys.Ring, c keys.Change) {
	t.Helper()
	if err := ring.Apply(c); err != nil {
		t.Fatal(err)
	}
}

// Another process adds a key and drops the old one: a ring that is in use
// follows, without a restart.
func TestRunningRingFollowsItsFile(t *testing.T) {
	path, key := made(t), keys.NewDataKey()
	running, other := load(t, keys.Config{File: path}), load(t, keys.Config{File: path})
	mark, blind, first := running.Mark(), running.Blind("reports"), running.Current()
	old := wrap(t, running, key)

	apply(t, other, keys.AddKey)
	second := other.Current()
	if second == first {
		t.Fatal("no new key wraps")
	}
	unwraps(t, running, wrap(t, other, key), key) // an unknown key
	unwraps(t, running, old, key)
	if under := keys.Under(wrap(t, running, key)); under != second {
		t.Errorf("it wraps under %s, not %s", under, second)
	}
	if names, err := running.Names(); err != nil || len(names) != 2 || !slices.Contains(names, first) || !slices.Contains(names, second) {
		t.Errorf("%v, %v", names, err)
	}

	third := load(t, keys.Config{File: path})
	apply(t, other, keys.AddKey)
	if under := keys.Under(wrap(t, third, key)); under != other.Current() { // without meeting an unknown one
		t.Errorf("it wraps under %s, not %s", under, other.Current())
	}
	apply(t, other, keys.DropKeys(first, second))
	wrap(t, running, key)
	if _, err := running.Unwrap(t.Context(), old, owner); err == nil || !strings.Contains(err.Error(), "under key "+first+", which "+path+" doesn't hold") {
		t.Errorf("a dropped key: %v", err)
	}
	if running.Mark() != mark || !slices.Equal(running.Blind("reports"), blind) {
		t.Error("the blind index is another")
	}
}

func TestCurrentKeyIsNeverDropped(t *testing.T) {
	ring := load(t, keys.Config{File: made(t)})
	if err := ring.Apply(keys.DropKeys(ring.Current())); err == nil {
		t.Error("it was dropped")
	}
	wrap(t, ring, keys.NewDataKey())
}

// Many who add a key at once add as many, and each file in between is whole.
func TestChangesComeOneAfterAnother(t *testing.T) {
	path, key := made(t), keys.NewDataKey()
	wrapped := wrap(t, load(t, keys.Config{File: path}), key)
	var done sync.WaitGroup
	for range 8 {
		ring := load(t, keys.Config{File: path})
		done.Go(func() {
			if err := ring.Apply(keys.AddKey); err != nil {
				t.Error(err)
			}
		})
		done.Go(func() { unwraps(t, load(t, keys.Config{File: path}), wrapped, key) })
	}
	done.Wait()
	if names, err := load(t, keys.Config{File: path}).Names(); err != nil || len(names) != 9 {
		t.Errorf("%d keys, %v", len(names), err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("in the folder: %v, %v", left, err)
	}
}

// What can't be changed from here is printed, to be put there by hand.
func TestEnvironmentIsPrinted(t *testing.T) {
	path, key := made(t), keys.NewDataKey()
	ring := load(t, keys.Config{Env: text(t, path)})
	if err := ring.Apply(keys.AddKey); err == nil || !strings.Contains(err.Error(), "--print") {
		t.Errorf("it changed what it can't change (%v)", err)
	}
	printed, err := ring.Text(keys.AddKey)
	if err != nil {
		t.Fatal(err)
	}
	next := load(t, keys.Config{Env: base64.StdEncoding.EncodeToString([]byte(printed))})
	unwraps(t, next, wrap(t, ring, key), key)
	if next.Current() == ring.Current() || next.Mark() != ring.Mark() {
		t.Errorf("%s and %s, %s and %s", ring.Current(), next.Current(), ring.Mark(), next.Mark())
	}
}
