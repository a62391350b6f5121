package worker

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"onward/models"
)

// heads is how many heads a file keeps.
const heads = 1000

// drop adds a head to the file. It adds nothing to a file whose last head the
// chain does not pass through: that would bury the proof.
func (r *relay) drop(ctx context.Context, a models.Anchor) error {
	kept, err := Anchors(r.anchor)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(kept) > 0 {
		last := kept[len(kept)-1]
		holds, err := r.desk.Passes(ctx, last.Head)
		switch {
		case err != nil:
			return err
		case !holds:
			return fmt.Errorf("the chain does not pass through %s, the last head in %s: "+
				"it was changed, or the file is another database's; run onward verify", last, r.anchor)
		case last.N >= a.N:
			return nil
		}
	}
	return write(r.anchor, append(thin(kept), a))
}

// thin makes room in a full file: every second head of the older half goes, but
// never the first. What is long ago is known ever more coarsely.
func thin(kept []models.Anchor) []models.Anchor {
	if len(kept) < heads {
		return kept
	}
	var thinned []models.Anchor
	for i, a := range kept {
		if i%2 == 0 || i >= len(kept)/2 {
			thinned = append(thinned, a)
		}
	}
	return thinned
}

// Anchors reads the heads that a file keeps, one a line: time, number, hash.
func Anchors(path string) ([]models.Anchor, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading heads of the chain: %w", err)
	}
	var all []models.Anchor
	for line := range strings.Lines(string(text)) {
		at, head, _ := strings.Cut(strings.TrimSpace(line), " ")
		when, err := time.Parse(time.RFC3339, at)
		which, bad := models.ParseHead(strings.Replace(head, " ", ":", 1))
		if err = errors.Join(err, bad); err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", path, len(all)+1, err)
		}
		all = append(all, models.Anchor{Head: which, At: when})
	}
	return all, nil
}

// write replaces the file, so that a crash leaves the old one or the new one.
func write(path string, all []models.Anchor) error {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o755); err != nil { //nolint:gosec // PostgreSQL, as another user, may have its home in it
		return fmt.Errorf("making the folder of the chain's heads: %w", err)
	}
	file, err := os.CreateTemp(folder, filepath.Base(path)+"-*") // 0600
	if err != nil {
		return fmt.Errorf("keeping a head of the chain: %w", err)
	}
	defer func() { _ = os.Remove(file.Name()) }() // gone already when all went well
	var text bytes.Buffer
	for _, a := range all {
		fmt.Fprintf(&text, "%s %d %s\n", a.At.UTC().Format(time.RFC3339), a.N, hex.EncodeToString(a.Hash))
	}
	_, err = file.Write(text.Bytes())
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = errors.Join(os.Rename(file.Name(), path), syncFolder(folder))
	}
	if err != nil {
		return fmt.Errorf("keeping a head of the chain: %w", err)
	}
	return nil
}

// syncFolder makes a new name last.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
