package keys

import (
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"
)

const dataKeySize = 32

// NewDataKey makes the key of one request: 32 random bytes.
func NewDataKey() []byte {
	key := make([]byte, dataKeySize)
	_, _ = rand.Read(key) // never fails: it ends the program instead
	return key
}

// Seal encrypts with AES-256-GCM under a nonce of its own. bound is what the
// text belongs to: it must be the same for Open.
func Seal(dataKey, plaintext, bound []byte) ([]byte, error) {
	gcm, err := newGCM(dataKey)
	if err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	sealed, err := gcm.Encrypt(plaintext, bound)
	if err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	return sealed, nil
}

// Open decrypts what Seal made. It fails for what was altered, was moved to
// another place, or is under another key.
func Open(dataKey, sealed, bound []byte) ([]byte, error) {
	gcm, err := newGCM(dataKey)
	if err != nil {
		return nil, fmt.Errorf("opening what is sealed: %w", err)
	}
	plaintext, err := gcm.Decrypt(sealed, bound)
	if err != nil {
		return nil, fmt.Errorf("opening what is sealed: it was altered, or belongs elsewhere: %w", err)
	}
	return plaintext, nil
}

func newGCM(dataKey []byte) (*subtle.AESGCM, error) {
	if len(dataKey) != dataKeySize {
		return nil, errors.New("a data key has 32 bytes")
	}
	return subtle.NewAESGCM(dataKey)
}
