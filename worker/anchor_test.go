package worker

import (
	"bytes"
	"path/filepath"
	"testing"
	"time"

	"onward/models"
)

// A file of heads has an end, however long it is written: it keeps the first
// and the latest, and ever fewer of those between.
func TestTheFileOfHeadsIsBounded(t *testing.T) {
	t.Parallel()
	var kept []models.Anchor
	start := time.Date(2012, 3, 29, 12, 0, 0, 0, time.UTC)
	const minutes = 100_000
	for n := range minutes {
		kept = append(thin(kept), models.Anchor{Head: models.Head{N: int64(n + 1), Hash: bytes.Repeat([]byte{byte(n)}, 32)}, At: start.Add(time.Duration(n) * time.Minute)})
		if len(kept) > heads {
			t.Fatalf("%d heads are kept", len(kept))
		}
	}
	if kept[0].N != 1 || kept[len(kept)-1].N != minutes || kept[len(kept)-heads/4].N != minutes-heads/4+1 {
		t.Errorf("it keeps %d to %d", kept[0].N, kept[len(kept)-1].N)
	}
	file := filepath.Join(t.TempDir(), "heads")
	if err := write(file, kept); err != nil {
		t.Fatal(err)
	}
	read, err := Anchors(file)
	if err != nil || len(read) != len(kept) {
		t.Fatalf("%d of %d are read: %v", len(read), len(kept), err)
	}
	for i := range kept {
		if read[i].String() != kept[i].String() {
			t.Errorf("%s was written, and %s read", kept[i], read[i])
		}
	}
}
