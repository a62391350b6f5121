package desk_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/desk"
	"onward/keys"
	"onward/localpg"
	"onward/models"
	"onward/models/modelstest"
)

// process is one of several that work on the same database with the same file
// of keys.
type process struct {
	t    *testing.T
	db   *models.DB
	desk *desk.Desk
	ring *keys.Ring
}

// processes starts one for each role of the database, on one with new keys.
func processes(t *testing.T, roles ...string) []process {
	t.Helper()
	dsn, path := modelstest.Migrated(t), filepath.Join(t.TempDir(), "keys.json")
	if err := keys.Make(path); err != nil {
		t.Fatal(err)
	}
	all := make([]process, len(roles))
	for i, role := range roles {
		ring, err := keys.Load(t.Context(), keys.Config{File: path})
		if err != nil {
			t.Fatal(err)
		}
		db, err := models.Open(modelstest.As(role, dsn), ring)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		all[i] = process{t, db, desk.New(db, time.Now), ring}
	}
	return all
}

// write makes requests in one transaction, each with a text, and does
// something before that ends.
func (p process) write(n int, before func()) (ids []uuid.UUID) {
	p.t.Helper()
	err := p.db.InTx(p.t.Context(), models.Actor{}, time.Now(), func(_ context.Context, tx *models.Tx) error {
		for range n {
			id := models.NewID()
			ids = append(ids, id)
			if err := tx.MakeKey(id, time.Now()); err != nil {
				return err
			}
		}
		before()
		return tx.Seal(ids[0], ids[0], models.Words{"narrative": "told to " + ids[0].String()})
	})
	if err != nil {
		p.t.Error(err)
	}
	return ids
}

// read sees that the first request of some says what was written.
func (p process) read(ids []uuid.UUID) {
	p.t.Helper()
	err := p.db.Read(p.t.Context(), models.Actor{}, time.Now(), func(_ context.Context, tx *models.Tx) error {
		said, err := tx.Unseal(ids[0], ids[0])
		if err == nil && said[ids[0]]["narrative"] != "told to "+ids[0].String() {
			err = fmt.Errorf("it says %v", said)
		}
		return err
	})
	if err != nil {
		p.t.Error(err)
	}
}

func (p process) add() error { return p.ring.Apply(keys.AddKey) }

func (p process) rotate(progress func(done, of int64)) error {
	return p.desk.RotateKeys(p.t.Context(), p.add, progress)
}

func (p process) retire() ([]string, error) {
	return p.desk.RetireKeys(p.t.Context(), func(names ...string) error { return p.ring.Apply(keys.DropKeys(names...)) })
}

// under gives the number of data keys under the current key, under older ones,
// and the number of keys.
func (p process) under() (current, older int64, names int) {
	p.t.Helper()
	uses, err := p.desk.KeyUses(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	for _, u := range uses {
		if u.Wraps {
			current += u.DataKeys
		} else {
			older += u.DataKeys
		}
	}
	return current, older, len(uses)
}

func nothing(int64, int64) {}

// Requests are written and read by one process while another rotates and
// retires, again and again. Nothing fails, and nothing is lost.
func TestRotationWhileOthersWork(t *testing.T) {
	t.Parallel()
	all := processes(t, localpg.Migrate, localpg.Migrate)
	serving, rotating := all[0], all[1]
	over := make(chan struct{})
	var work sync.WaitGroup
	var mu sync.Mutex
	var written [][]uuid.UUID
	for range 4 {
		work.Go(func() {
			for {
				select {
				case <-over:
					return
				default:
				}
				ids := serving.write(1, func() {})
				serving.read(ids)
				mu.Lock()
				written = append(written, ids)
				serving.read(written[0])
				mu.Unlock()
			}
		})
	}
	retired := 0
	for range 20 {
		if err := rotating.rotate(nothing); err != nil {
			t.Error(err)
		}
		names, err := rotating.retire()
		if err != nil {
			t.Error(err)
		}
		retired += len(names)
	}
	close(over)
	work.Wait()
	current, older, names := rotating.under()
	if retired != 20 || names != 1 || older != 0 || current != int64(len(written)) {
		t.Errorf("%d keys retired, %d left; %d requests under the current one, %d under others, %d written", retired, names, current, older, len(written))
	}
	for _, ids := range written {
		rotating.read(ids)
	}
}

// What was wrapped by the old key, but not committed yet, when a rotation
// begins, is brought under the new one too.
func TestRotationWaitsForWhoWraps(t *testing.T) {
	t.Parallel()
	all := processes(t, localpg.Migrate, localpg.Migrate)
	serving, rotating := all[0], all[1]
	serving.write(1, func() {})
	ended := make(chan error, 1)
	late := serving.write(1, func() {
		go func() { ended <- rotating.rotate(nothing) }()
		select {
		case err := <-ended:
			t.Error("it did not wait")
			ended <- err
		case <-time.After(300 * time.Millisecond):
		}
	})
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if current, older, _ := rotating.under(); current != 2 || older != 0 {
		t.Errorf("%d under the new key, %d under the old", current, older)
	}
	if _, err := rotating.retire(); err != nil {
		t.Error(err)
	}
	serving.read(late)
}

// A rotation that was interrupted, after any of its steps, goes on with the
// key that it made.
func TestRotationGoesOn(t *testing.T) {
	t.Parallel()
	p := processes(t, localpg.Migrate)[0]
	ids := p.write(1300, func() {})
	power := errors.New("the power failed")
	if err := p.desk.RotateKeys(t.Context(), func() error { return errors.Join(p.add(), power) }, nothing); !errors.Is(err, power) {
		t.Fatal(err)
	}
	made := p.ring.Current()
	step := 0
	for { // each time it gets as far as one batch
		ctx, stop := context.WithCancel(t.Context())
		var at, of int64
		err := p.desk.RotateKeys(ctx, func() error { return errors.New("it makes another key") }, func(done, all int64) {
			at, of = done, all
			stop()
		})
		stop()
		step++
		if err == nil {
			t.Fatal("it was not interrupted")
		}
		if !strings.Contains(err.Error(), fmt.Sprintf("%d of %d data keys", at, of)) {
			t.Fatal(err)
		}
		p.read(ids)
		current, older, names := p.under()
		if current+older != 1300 || current != min(int64(step)*500, 1300) || names != 2 || p.ring.Current() != made {
			t.Fatalf("after step %d: %d and %d under %d keys", step, current, older, names)
		}
		if older == 0 {
			break
		}
		if _, err := p.retire(); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%d data keys are still under", older)) {
			t.Errorf("a key that is in use was retired: %v", err)
		}
	}
	if step != 3 {
		t.Errorf("it took %d steps", step)
	}
	names, err := p.retire()
	if err != nil || len(names) != 1 || names[0] == made {
		t.Errorf("%v, %v", names, err)
	}
	if names, err := p.retire(); err != nil || len(names) != 0 {
		t.Errorf("there is nothing more to retire, but %v, %v", names, err)
	}
	p.read(ids)
}
