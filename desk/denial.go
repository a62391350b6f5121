package desk

import (
	"context"
	"crypto/sha256"

	"onward/models"
)

// TokenHash is by what a token is known; nil for a text that can't be one.
func TokenHash(token string) []byte {
	if !wellFormed(token) {
		return nil
	}
	hash := sha256.Sum256([]byte(token))
	return hash[:]
}

// Recognise fills in what only the database knows of refused attempts: whether
// their targets exist, and whose the tokens were that had ended.
func (d *Desk) Recognise(ctx context.Context, attempts []models.Denial) error {
	return d.read(ctx, models.Actor{}, func(tx *models.Tx) error { return tx.Recognise(attempts) })
}

// RecordDenials writes refused attempts down. To write one twice is to write
// it once.
func (d *Desk) RecordDenials(ctx context.Context, attempts []models.Denial) error {
	return d.write(ctx, models.Actor{}, func(_ context.Context, tx *models.Tx) error { return tx.RecordDenials(attempts) })
}

// Denials lists refused attempts, the latest first.
func (d *Desk) Denials(ctx context.Context, a models.Actor, f models.DenialFilter, s models.Slice) (list []models.Denial, next *models.Position, err error) {
	err = d.read(ctx, a, func(tx *models.Tx) error {
		list, next, err = tx.Denials(f, s)
		return err
	})
	return list, next, err
}
