package desk

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/google/uuid"

	"onward/fault"
	"onward/models"
)

// Once does something at most once for a caller's Idempotency-Key, in the
// transaction of its effect, and gives the first reply again to who asks
// again. An empty key is none. fingerprint tells what was asked; do gives the
// reply to keep; now, where it is given, takes off a kept reply what the caller
// may no longer see. What a kept reply shows of cases is read once more.
//
// A reply is kept sealed under a key that follows from the Idempotency-Key
// itself, of which only a hash is kept: who has the database alone can't read
// it (draft-ietf-httpapi-idempotency-key-header).
//
// Errors: those of do, which keep nothing; idempotency_key_reused;
// idempotency_key_in_flight.
func (d *Desk) Once(ctx context.Context, a models.Actor, key string, fingerprint [32]byte, do func(context.Context) ([]byte, error), now ...func(context.Context, []byte) ([]byte, error)) (reply []byte, replayed bool, err error) {
	err = d.write(ctx, a, func(ctx context.Context, tx *models.Tx) error {
		replayed = false
		if key == "" {
			reply, err = do(ctx)
			return err
		}
		name := sha256.Sum256([]byte(a.UserID.String() + "\x00" + key))
		kept, err := d.again(tx, name, sealFor(a.UserID, key), fingerprint)
		if err != nil {
			return err
		}
		if replayed = kept != nil; replayed {
			reply, err = replay(ctx, tx, kept, now)
			return err
		}
		if reply, err = do(ctx); err != nil {
			return err
		}
		return tx.KeepKey(&models.IdempotencyKey{
			Key: name[:], Fingerprint: fingerprint[:], Reply: sealFor(a.UserID, key).Seal(nil, nil, reply, fingerprint[:]), Shown: tx.Shown(), CreatedAt: d.now(),
		})
	})
	return reply, replayed, err
}

// replay gives a kept reply again. Where now looks anew at what the caller may
// see, that look is what it has read.
func replay(ctx context.Context, tx *models.Tx, kept *models.IdempotencyKey, now []func(context.Context, []byte) ([]byte, error)) ([]byte, error) {
	if len(now) > 0 {
		return now[0](ctx, kept.Reply)
	}
	for _, s := range kept.Shown {
		tx.Show(s)
	}
	return kept.Reply, nil
}

// again finds the first reply to a key, opened; nil if there is none.
func (d *Desk) again(tx *models.Tx, name [32]byte, seal cipher.AEAD, fingerprint [32]byte) (*models.IdempotencyKey, error) {
	free, err := tx.TryKey(int64(binary.BigEndian.Uint64(name[:8]))) //nolint:gosec // any 64 bits of the hash will do
	if err != nil {
		return nil, err
	}
	if !free {
		no := fault.New(fault.Conflict, fault.CodeKeyInFlight, "The first request with this Idempotency-Key is still running.")
		no.RetryAfter = time.Second
		return nil, no
	}
	kept, err := tx.KeyUsed(name[:], d.now().Add(-KeysLast))
	if err != nil || kept == nil {
		return nil, err
	}
	if [32]byte(kept.Fingerprint) != fingerprint {
		return nil, fault.New(fault.Invalid, fault.CodeKeyReused, "This Idempotency-Key was used for another request.")
	}
	if kept.Reply, err = seal.Open(nil, nil, kept.Reply, fingerprint[:]); err != nil {
		return nil, fmt.Errorf("opening a kept reply: %w", err)
	}
	return kept, nil
}

// sealFor makes the cipher of one caller's one key: AES-256-GCM under
// HKDF-SHA-256 (RFC 5869).
func sealFor(caller uuid.UUID, key string) cipher.AEAD {
	secret, err := hkdf.Key(sha256.New, []byte(key), caller[:], "onward idempotency reply", 32)
	if err != nil {
		panic(err) // 32 bytes are within HKDF's bounds
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		panic(err) // 32 bytes are a key of AES
	}
	seal, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // AES has the block size of GCM
	}
	return seal
}
