package keys

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strconv"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// set is the content of a ring at one moment. It never changes.
type set struct {
	file    fs.FileInfo // what it was read from, where that was a file
	handle  *keyset.Handle
	aead    tink.AEAD
	current string
	names   []string // of the keys that can unwrap, the current one among them
	blind   *keyset.Handle
	prf     *prf.Set
}

// text is a ring as it is stored: two keysets of Tink, in its own JSON.
type text struct {
	Wrapping json.RawMessage `json:"wrapping"`
	Blind    json.RawMessage `json:"blind_index"`
}

// makeSet makes a set of new keys.
func makeSet() (*set, error) {
	wrapping, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	blind, err := keyset.NewHandle(prf.HKDFSHA256PRFKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	return newSet(wrapping, blind)
}

func newSet(wrapping, blind *keyset.Handle) (*set, error) {
	s := set{handle: wrapping, blind: blind}
	var err error
	if s.aead, err = aead.New(wrapping); err != nil {
		return nil, fmt.Errorf("the wrapping keys are of another kind: %w", err)
	}
	if s.prf, err = prf.NewPRFSet(blind); err != nil {
		return nil, fmt.Errorf("the secret of blind indexes is of another kind: %w", err)
	}
	if _, err = s.prf.ComputePrimaryPRF(nil, blindSize); err != nil {
		return nil, fmt.Errorf("the secret of blind indexes can't be used: %w", err)
	}
	for _, key := range wrapping.KeysetInfo().GetKeyInfo() {
		s.names = append(s.names, name(key.GetKeyId()))
	}
	s.current = name(wrapping.KeysetInfo().GetPrimaryKeyId())
	return &s, nil
}

// blindSize is that of what a ring derives, in bytes.
const blindSize = 32

func (s *set) derive(purpose string) []byte {
	secret, err := s.prf.ComputePrimaryPRF([]byte(purpose), blindSize)
	if err != nil {
		panic(err) // newSet has tried it
	}
	return secret
}

func (s *set) mark() string { return hex.EncodeToString(s.derive("mark")) }

// name is how a key is called in the database: the id that its file gives it.
func name(id uint32) string { return strconv.FormatUint(uint64(id), 10) }

var errText = errors.New("this is not a ring of keys")

// parse reads a stored ring. Its errors quote nothing of the text.
func parse(stored []byte) (*set, error) {
	var t text
	if json.Unmarshal(stored, &t) != nil {
		return nil, errText
	}
	wrapping, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(t.Wrapping)))
	if err != nil {
		return nil, errText
	}
	blind, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(t.Blind)))
	if err != nil {
		return nil, errText
	}
	return newSet(wrapping, blind)
}

// store is the reverse of parse.
func (s *set) store() ([]byte, error) {
	var wrapping, blind bytes.Buffer
	if err := insecurecleartextkeyset.Write(s.handle, keyset.NewJSONWriter(&wrapping)); err != nil {
		return nil, fmt.Errorf("storing the keys: %w", err)
	}
	if err := insecurecleartextkeyset.Write(s.blind, keyset.NewJSONWriter(&blind)); err != nil {
		return nil, fmt.Errorf("storing the keys: %w", err)
	}
	stored, err := json.MarshalIndent(text{wrapping.Bytes(), blind.Bytes()}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("storing the keys: %w", err)
	}
	return append(stored, '\n'), nil
}
