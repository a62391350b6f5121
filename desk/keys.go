package desk

import (
	"context"
	"fmt"
	"slices"

	"onward/models"
)

// rewrapped is how many data keys are wrapped anew in one transaction.
const rewrapped = 500

// KeyUses lists the key-encryption keys, and how many data keys are under each.
func (d *Desk) KeyUses(ctx context.Context) (uses []models.KeyUse, err error) {
	err = d.read(ctx, models.Actor{}, func(tx *models.Tx) error {
		uses, err = tx.KeyUses()
		return err
	})
	return uses, err
}

// RotateKeys adds a key-encryption key and wraps every data key by it, in many
// short transactions, while others work. Where a rotation was interrupted it
// adds none, but goes on with that one. progress hears how many are done.
func (d *Desk) RotateKeys(ctx context.Context, add func() error, progress func(done, of int64)) error {
	older, err := d.startRotation(ctx, add)
	if err != nil {
		return err
	}
	var done, all int64
	for _, use := range older {
		all += use.DataKeys
	}
	for _, use := range older {
		for n := -1; n != 0; {
			err := d.write(ctx, models.Actor{}, func(_ context.Context, tx *models.Tx) error {
				n, err = tx.Rewrap(use.KEK, rewrapped)
				return err
			})
			if err != nil {
				return fmt.Errorf("%d of %d data keys are wrapped by the new key (rotate again to go on): %w", done, all, err)
			}
			done += int64(n)
			progress(done, all)
		}
	}
	return nil
}

// startRotation sees to it that whatever is wrapped from now on is under a key
// that the older data keys are not under, and gives the keys that these are under.
func (d *Desk) startRotation(ctx context.Context, add func() error) (older []models.KeyUse, err error) {
	err = d.write(ctx, models.Actor{}, func(_ context.Context, tx *models.Tx) error {
		if err := tx.StopWrapping(); err != nil {
			return err
		}
		uses, err := tx.KeyUses()
		if err != nil {
			return err
		}
		older = slices.DeleteFunc(slices.Clone(uses), func(u models.KeyUse) bool { return u.Wraps || u.DataKeys == 0 })
		if len(older) > 0 { // another rotation left them
			return nil
		}
		older = uses
		return add()
	})
	return older, err
}

// RetireKeys drops the older key-encryption keys, and gives their names. It
// refuses while any data key is under one of them.
func (d *Desk) RetireKeys(ctx context.Context, drop func(names ...string) error) (names []string, err error) {
	err = d.write(ctx, models.Actor{}, func(_ context.Context, tx *models.Tx) error {
		if err := tx.StopWrapping(); err != nil {
			return err
		}
		uses, err := tx.KeyUses()
		if err != nil {
			return err
		}
		names = nil
		for _, u := range uses {
			if !u.Wraps && u.DataKeys > 0 {
				return fmt.Errorf("%d data keys are still under key %s: rotate first", u.DataKeys, u.KEK)
			}
			if !u.Wraps {
				names = append(names, u.KEK)
			}
		}
		if len(names) == 0 {
			return nil
		}
		return drop(names...)
	})
	return names, err
}
