package keys

import (
	"errors"
	"fmt"
	"slices"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
)

// Change is what is to be done to the key-encryption keys of a ring.
type Change func(*set) (*set, error)

// AddKey makes a key that wraps from then on; the others only unwrap.
func AddKey(s *set) (*set, error) {
	m := keyset.NewManagerFromHandle(s.handle)
	id, err := m.Add(aead.AES256GCMKeyTemplate())
	if err == nil {
		err = m.SetPrimary(id)
	}
	return s.with(m, err)
}

// DropKeys drops keys for good, never the current one. What is still wrapped
// by them is lost.
func DropKeys(names ...string) Change {
	return func(s *set) (*set, error) {
		m := keyset.NewManagerFromHandle(s.handle)
		var err error
		for _, key := range s.handle.KeysetInfo().GetKeyInfo() {
			if slices.Contains(names, name(key.GetKeyId())) {
				err = errors.Join(err, m.Delete(key.GetKeyId()))
			}
		}
		return s.with(m, err)
	}
}

// with is the set with other key-encryption keys.
func (s *set) with(m *keyset.Manager, err error) (*set, error) {
	if err != nil {
		return nil, fmt.Errorf("changing the keys: %w", err)
	}
	wrapping, err := m.Handle()
	if err != nil {
		return nil, fmt.Errorf("changing the keys: %w", err)
	}
	return newSet(wrapping, s.blind)
}

// Apply changes the file of the ring. When it returns, the change is on the
// disk, and every process that follows that file wraps accordingly.
func (r *Ring) Apply(c Change) error {
	if r.path == "" {
		return errors.New("the keys are those of ONWARD_KEYS, which can't be changed from here: set it to what --print prints, on every node at once")
	}
	return locked(r.path, func() error {
		s, err := r.fresh()
		if err != nil {
			return err
		}
		if s, err = c(s); err != nil {
			return err
		}
		if err := replace(r.path, s); err != nil {
			return err
		}
		_, err = r.fresh()
		return err
	})
}

// Text is the file of the ring as it would be after a change.
func (r *Ring) Text(c Change) (string, error) {
	s, err := r.fresh()
	if err != nil {
		return "", err
	}
	if s, err = c(s); err != nil {
		return "", err
	}
	stored, err := s.store()
	return string(stored), err
}
