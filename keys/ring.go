// Package keys holds the keys that are not in the database. The database has
// a data key for each request, but only wrapped by a key of the ring: whoever
// has the database alone, or a copy of it, can read nothing that is sealed.
package keys

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/tink-crypto/tink-go/v2/core/cryptofmt"
)

// Ring holds the key-encryption keys, which wrap data keys: one that wraps
// now, and older ones that still unwrap. Beside them it holds one secret for
// blind indexes. It is safe for concurrent use.
type Ring struct {
	path string // of the file that it follows; empty where the keys came from elsewhere
	held atomic.Pointer[set]
}

// Config says where the keys are.
type Config struct {
	File string // read, unless Env has them
	Env  string // the text of such a file, plain or in base64
}

// Load reads the ring. Where there is no file, the error is fs.ErrNotExist:
// whether that is a new installation or a loss is for the caller to find out
// (see Make).
func Load(_ context.Context, c Config) (*Ring, error) {
	var r Ring
	var s *set
	var err error
	if c.Env == "" {
		r.path = c.File
		s, err = read(c.File)
	} else if s, err = parse(plain(c.Env)); err != nil {
		err = fmt.Errorf("reading the keys of %s: %w", r.source(), err)
	}
	if err != nil {
		return nil, err
	}
	r.held.Store(s)
	return &r, nil
}

// plain is a text that may be in base64, as secrets often are, without it.
func plain(value string) []byte {
	value = strings.TrimSpace(value)
	if decoded, err := base64.StdEncoding.DecodeString(value); err == nil {
		return decoded
	}
	return []byte(value)
}

// Ephemeral makes a ring that ends with the process, for tests and nothing
// else.
func Ephemeral() *Ring {
	s, err := makeSet()
	if err != nil {
		panic(err) // no chance, file or setting can bring that about
	}
	var r Ring
	r.held.Store(s)
	return &r
}

// Wrap encrypts a data key under the current key-encryption key. bound is what
// the data key belongs to: it must be the same for Unwrap.
//
// It fails while the file of the keys is away: what nobody could read after
// the next start is not written either.
func (r *Ring) Wrap(_ context.Context, key, bound []byte) (wrapped []byte, err error) {
	s, err := r.fresh()
	if err == nil {
		wrapped, err = s.aead.Encrypt(key, bound)
	}
	if err != nil {
		return nil, fmt.Errorf("wrapping a data key: %w", err)
	}
	return wrapped, nil
}

// Unwrap decrypts what Wrap made. A key-encryption key that the ring doesn't
// know may have come to the file since: it looks there once.
func (r *Ring) Unwrap(_ context.Context, wrapped, bound []byte) (key []byte, err error) {
	s, under := r.held.Load(), Under(wrapped)
	if !slices.Contains(s.names, under) {
		if s, err = r.fresh(); err != nil {
			return nil, fmt.Errorf("unwrapping a data key: %w", err)
		}
	}
	if !slices.Contains(s.names, under) {
		return nil, fmt.Errorf("unwrapping a data key: it is under key %s, which %s doesn't hold: %w", under, r.source(), ErrUnknownKey)
	}
	if key, err = s.aead.Decrypt(wrapped, bound); err != nil {
		return nil, fmt.Errorf("unwrapping a data key: it was altered, or belongs to another record: %w", err)
	}
	return key, nil
}

// ErrUnknownKey says that something is wrapped by a key that the ring lacks.
var ErrUnknownKey = errors.New("put that key back from a backup")

// Under names the key-encryption key that wrapped a data key. Kept beside it,
// the name lets a rotation find what is still under an older key.
func Under(wrapped []byte) string {
	if len(wrapped) < cryptofmt.TinkPrefixSize || wrapped[0] != cryptofmt.TinkStartByte {
		return "unknown"
	}
	return name(binary.BigEndian.Uint32(wrapped[1:]))
}

// Current names the key-encryption key that wraps now.
func (r *Ring) Current() string { return r.held.Load().current }

// Blind derives 32 bytes for a purpose, always the same ones: the secret
// behind them never rotates.
func (r *Ring) Blind(purpose string) []byte { return r.held.Load().derive(purpose) }

// Mark tells this ring from any other, and nothing of its keys; it stays the
// same when they rotate.
func (r *Ring) Mark() string { return r.held.Load().mark() }

// Names lists the key-encryption keys, of which Current is one.
func (r *Ring) Names() ([]string, error) {
	s, err := r.fresh()
	if err != nil {
		return nil, err
	}
	return slices.Clone(s.names), nil
}

// fresh is what the ring holds, read again if its file has changed.
func (r *Ring) fresh() (*set, error) {
	s := r.held.Load()
	if r.path == "" {
		return s, nil
	}
	now, err := os.Stat(r.path)
	if err != nil {
		return nil, lost(r.path, err)
	}
	if os.SameFile(s.file, now) && s.file.ModTime().Equal(now.ModTime()) {
		return s, nil
	}
	next, err := read(r.path)
	if err != nil {
		return nil, err
	}
	if next.mark() != s.mark() {
		return nil, fmt.Errorf("%s holds the keys of another installation: put the right ones back", r.path)
	}
	r.held.Store(next)
	return next, nil
}

// source names where the keys came from.
func (r *Ring) source() string {
	if r.path == "" {
		return "ONWARD_KEYS"
	}
	return r.path
}
