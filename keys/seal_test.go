package keys_test

import (
	"bytes"
	"slices"
	"testing"

	"onward/keys"
)

func TestSealedOpensOnlyWhereItBelongs(t *testing.T) {
	key, text, place := keys.NewDataKey(), []byte("Where she sleeps tonight"), []byte("request 1, member needs")
	sealed, err := keys.Seal(key, text, place)
	if err != nil {
		t.Fatal(err)
	}
	if opened, err := keys.Open(key, sealed, place); err != nil || !bytes.Equal(opened, text) {
		t.Fatalf("%q, %v", opened, err)
	}
	if bytes.Contains(sealed, text) {
		t.Error("the text can be read")
	}
	if again, err := keys.Seal(key, text, place); err != nil || bytes.Equal(again, sealed) {
		t.Errorf("the same text twice looks the same (%v)", err)
	}
	for i := range sealed {
		altered := slices.Clone(sealed)
		altered[i] ^= 1
		if _, err := keys.Open(key, altered, place); err == nil {
			t.Errorf("byte %d was altered, and it opens", i)
		}
	}
	for name, tc := range map[string]struct{ key, sealed, place []byte }{
		"another key":    {keys.NewDataKey(), sealed, place},
		"a shorter key":  {key[:16], sealed, place},
		"no key":         {nil, sealed, place},
		"another place":  {key, sealed, []byte("request 2, member needs")},
		"no place":       {key, sealed, nil},
		"cut off":        {key, sealed[:len(sealed)-1], place},
		"nothing at all": {key, nil, place},
	} {
		if _, err := keys.Open(tc.key, tc.sealed, tc.place); err == nil {
			t.Errorf("%s: it opens", name)
		}
	}
	if _, err := keys.Seal(key[:16], text, place); err == nil {
		t.Error("half a key seals")
	}
}

func TestDataKeysDiffer(t *testing.T) {
	if a, b := keys.NewDataKey(), keys.NewDataKey(); len(a) != 32 || bytes.Equal(a, b) {
		t.Errorf("%x, %x", a, b)
	}
}
