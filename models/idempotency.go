package models

import (
	"time"

	"gorm.io/gorm"
)

// IdempotencyKey is a row of idempotency_keys: the first reply to a request
// that came with a key, and what of cases it shows. Key is a hash; Reply is
// sealed.
type IdempotencyKey struct {
	Key         []byte `gorm:"primaryKey"`
	Fingerprint []byte
	Reply       []byte
	Shown       []Shown   `gorm:"serializer:json"`
	CreatedAt   time.Time `gorm:"autoCreateTime:false"`
}

// TryKey takes a key for the length of the transaction; false when another
// transaction holds it, that is, when the first request is still running.
func (tx *Tx) TryKey(lock int64) (bool, error) {
	var free bool
	err := tx.g.Raw("SELECT pg_try_advisory_xact_lock(?)", lock).Scan(&free).Error
	return free, err
}

// KeyUsed finds the first reply to a key; nil if there is none since then.
func (tx *Tx) KeyUsed(key []byte, since time.Time) (*IdempotencyKey, error) {
	var k []IdempotencyKey
	err := tx.g.Where("key = ? AND created_at > ?", key, since).Limit(1).Find(&k).Error
	if err != nil || len(k) == 0 {
		return nil, err
	}
	return &k[0], nil
}

// KeepKey keeps the reply to a key, in place of one that has grown too old.
func (tx *Tx) KeepKey(k *IdempotencyKey) error {
	if err := tx.g.Where("key = ?", k.Key).Delete(&IdempotencyKey{}).Error; err != nil {
		return err
	}
	return tx.insert(k)
}

// ForgetKeys deletes the keys that are older than a moment.
func (tx *Tx) ForgetKeys(before time.Time) error {
	return tx.g.Where("created_at < ?", before).Delete(&IdempotencyKey{}).Error
}

// Secret reads a secret that all nodes share.
func (tx *Tx) Secret(name string) (string, error) {
	var value string
	err := tx.g.Table("secrets").Where("name = ?", name).Pluck("value", &value).Error
	if value == "" && err == nil {
		err = gorm.ErrRecordNotFound
	}
	return value, err
}
