package keys_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"onward/keys"
)

// made is the path of a file of new keys.
func made(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "new", "keys.json")
	if err := keys.Make(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func load(t *testing.T, c keys.Config) *keys.Ring {
	t.Helper()
	ring, err := keys.Load(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

var owner = []byte("request 1")

func wrap(t *testing.T, ring *keys.Ring, key []byte) []byte {
	t.Helper()
	wrapped, err := ring.Wrap(t.Context(), key, owner)
	if err != nil {
		t.Fatal(err)
	}
	return wrapped
}

func unwraps(t *testing.T, ring *keys.Ring, wrapped, key []byte) {
	t.Helper()
	if got, err := ring.Unwrap(t.Context(), wrapped, owner); err != nil || !bytes.Equal(got, key) {
		t.Errorf("unwrapped it is %x, not %x (%v)", got, key, err)
	}
}

func text(t *testing.T, path string) string {
	t.Helper()
	stored, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(stored)
}

// The file and the environment hold the same ring, across starts.
func TestLoadedAgainItUnwraps(t *testing.T) {
	path, key := made(t), keys.NewDataKey()
	first := load(t, keys.Config{File: path})
	wrapped := wrap(t, first, key)
	if bytes.Contains(wrapped, key) || keys.Under(wrapped) != first.Current() {
		t.Errorf("wrapped under %s, not %s", keys.Under(wrapped), first.Current())
	}
	stored := text(t, path)
	for name, c := range map[string]keys.Config{
		"file":               {File: path},
		"environment":        {Env: stored},
		"environment, coded": {Env: base64.StdEncoding.EncodeToString([]byte(stored)) + "\n", File: "not there"},
	} {
		ring := load(t, c)
		unwraps(t, ring, wrapped, key)
		if !bytes.Equal(ring.Blind("reports"), first.Blind("reports")) {
			t.Errorf("%s: another blind index", name)
		}
	}
}

func TestWrappedBelongsToOne(t *testing.T) {
	ring := keys.Ephemeral()
	wrapped := wrap(t, ring, keys.NewDataKey())
	if _, err := ring.Unwrap(t.Context(), wrapped, []byte("request 2")); err == nil {
		t.Error("moved to another request, it unwraps")
	}
	wrapped[len(wrapped)-1] ^= 1
	if _, err := ring.Unwrap(t.Context(), wrapped, owner); err == nil {
		t.Error("altered, it unwraps")
	}
	for _, odd := range [][]byte{nil, {1}, []byte("vault:v1:abc"), wrap(t, keys.Ephemeral(), nil)} {
		if _, err := ring.Unwrap(t.Context(), odd, owner); err == nil || !strings.Contains(err.Error(), "ONWARD_KEYS doesn't hold") {
			t.Errorf("%q: %v", odd, err)
		}
	}
}

func TestBlindIsOnePerPurposeAndRing(t *testing.T) {
	ring := keys.Ephemeral()
	a, b, other := ring.Blind("reports"), ring.Blind("phones"), keys.Ephemeral().Blind("reports")
	if len(a) != 32 || bytes.Equal(a, b) || bytes.Equal(a, other) || !bytes.Equal(a, ring.Blind("reports")) {
		t.Errorf("%x, %x, %x", a, b, other)
	}
}

// Keys that are there are never written over, by whoever comes second.
func TestMakeOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	var done sync.WaitGroup
	failed := make(chan error, 8)
	for range cap(failed) {
		done.Go(func() { failed <- keys.Make(path) })
	}
	done.Wait()
	close(failed)
	first := 0
	for err := range failed {
		if err == nil {
			first++
		} else if !errors.Is(err, fs.ErrExist) {
			t.Error(err)
		}
	}
	if first != 1 {
		t.Errorf("%d of 8 made the keys", first)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("in the folder: %v, %v", left, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("its mode is %v, %v", info.Mode(), err)
	}
}

func TestLoadRefusesWithASentence(t *testing.T) {
	path := made(t)
	stored := text(t, path)
	_, secret, _ := strings.Cut(stored, `"value": "`)
	secret = secret[:20]
	write := func(name, stored string, mode fs.FileMode) string {
		path := filepath.Join(t.TempDir(), name)
		if err := errors.Join(os.WriteFile(path, []byte(stored), mode), os.Chmod(path, mode)); err != nil {
			t.Fatal(err)
		}
		return path
	}
	gone := filepath.Join(t.TempDir(), "keys.json")
	for name, tc := range map[string]struct {
		c    keys.Config
		want string
	}{
		"no file":           {keys.Config{File: gone}, "keys are not at " + gone + ": put the file back from its backup"},
		"for the group":     {keys.Config{File: write("g", stored, 0o640)}, "its mode is 0640"},
		"for everybody":     {keys.Config{File: write("o", stored, 0o604)}, "chmod 600"},
		"half a file":       {keys.Config{File: write("half", stored[:len(stored)/2], 0o600)}, "not a ring of keys"},
		"empty":             {keys.Config{File: write("empty", "", 0o600)}, "not a ring of keys"},
		"an odd key":        {keys.Config{File: write("odd", strings.Replace(stored, secret, "!"+secret[1:], 1), 0o600)}, "not a ring of keys"},
		"one keyset":        {keys.Config{Env: `{"wrapping": {}}`}, "ONWARD_KEYS: this is not a ring of keys"},
		"swapped keysets":   {keys.Config{Env: strings.NewReplacer("wrapping", "blind_index", "blind_index", "wrapping").Replace(stored)}, "of another kind"},
		"a folder":          {keys.Config{File: filepath.Dir(path)}, "reading the keys"},
		"not base64, JSON?": {keys.Config{Env: "secret"}, "ONWARD_KEYS"},
	} {
		_, err := keys.Load(t.Context(), tc.c)
		if err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", name, err)
		}
		if errors.Is(err, fs.ErrNotExist) != (name == "no file") {
			t.Errorf("%s: only a missing file is a missing file: %v", name, err)
		}
	}
}

// While the keys are away, what was read before can be read and nothing new is
// written that nobody could read after the next start.
func TestFileGoneWhileItRuns(t *testing.T) {
	path, key := made(t), keys.NewDataKey()
	ring := load(t, keys.Config{File: path})
	wrapped := wrap(t, ring, key)
	if err := os.Rename(path, path+".moved"); err != nil {
		t.Fatal(err)
	}
	unwraps(t, ring, wrapped, key)
	if _, err := ring.Wrap(t.Context(), key, owner); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it wraps (%v)", err)
	}
	if err := keys.Make(path); err != nil {
		t.Fatal(err)
	}
	if _, err := ring.Wrap(t.Context(), key, owner); err == nil || !strings.Contains(err.Error(), "another installation") {
		t.Errorf("it takes keys that are not its own (%v)", err)
	}
	if err := os.Rename(path+".moved", path); err != nil {
		t.Fatal(err)
	}
	wrap(t, ring, key)
}
