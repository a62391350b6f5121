package models

import (
	"fmt"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm/clause"

	"onward/keys"
)

// DataKey is a row of data_keys: the key under which what was written of one
// request is sealed, wrapped by a key that is not in the database.
type DataKey struct {
	RequestID uuid.UUID `gorm:"primaryKey"`
	Wrapped   []byte
	KEK       string
	CreatedAt time.Time `gorm:"autoCreateTime:false"`
}

// SealedText is a row of sealed_texts: what somebody wrote, as member of a
// case, an event, a consent or an assignment of a request.
type SealedText struct {
	RequestID uuid.UUID
	Of        uuid.UUID
	Member    string
	Sealed    []byte
}

// Words are texts by the member that they are the text of.
type Words map[string]string

// MakeKey makes the data key of a new request.
func (tx *Tx) MakeKey(request uuid.UUID, at time.Time) error {
	if err := tx.wrapping(); err != nil {
		return err
	}
	key := keys.NewDataKey()
	row, err := tx.wrap(request, key, at)
	if err != nil {
		return err
	}
	tx.opened[request] = key
	return tx.insert(&row)
}

func (tx *Tx) wrap(request uuid.UUID, key []byte, at time.Time) (DataKey, error) {
	wrapped, err := tx.ring.Wrap(tx.ctx(), key, keyBound(request))
	return DataKey{RequestID: request, Wrapped: wrapped, KEK: keys.Under(wrapped), CreatedAt: at}, err
}

// Seal keeps some words of a request, in place of what the same members said
// before; an empty text leaves nothing.
func (tx *Tx) Seal(request, of uuid.UUID, words Words) error {
	if len(words) == 0 {
		return nil
	}
	var rows []SealedText
	var gone []string
	for member, text := range words {
		if text == "" {
			gone = append(gone, member)
			continue
		}
		row := SealedText{RequestID: request, Of: of, Member: member}
		key, err := tx.key(request)
		if err == nil {
			row.Sealed, err = keys.Seal(key, []byte(text), row.bound())
		}
		if err != nil {
			return fmt.Errorf("sealing %s: %w", member, err)
		}
		rows = append(rows, row)
	}
	if len(gone) > 0 {
		if err := tx.g.Where("request_id = ? AND of = ? AND member IN ?", request, of, gone).Delete(&SealedText{}).Error; err != nil {
			return err
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return tx.g.Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "request_id"}, {Name: "of"}, {Name: "member"}},
		DoUpdates: clause.AssignmentColumns([]string{"sealed"}),
	}).Create(&rows).Error
}

// Unseal reads what was written of one case, event, consent or assignment of
// a request, or of several.
func (tx *Tx) Unseal(request uuid.UUID, of ...uuid.UUID) (map[uuid.UUID]Words, error) {
	var rows []SealedText
	if err := tx.g.Where("request_id = ? AND of IN ?", request, of).Find(&rows).Error; err != nil {
		return nil, err
	}
	said := make(map[uuid.UUID]Words, len(of))
	for _, id := range of {
		said[id] = Words{}
	}
	for _, row := range rows {
		text, err := tx.open(row)
		if err != nil {
			return nil, err
		}
		said[row.Of][row.Member] = text
	}
	return said, nil
}

// Shred destroys what was written of a request, and the key that opens it, so
// that no copy of the sealed text opens either.
func (tx *Tx) Shred(request uuid.UUID) error {
	delete(tx.opened, request)
	if err := tx.g.Where("request_id = ?", request).Delete(&SealedText{}).Error; err != nil {
		return err
	}
	return tx.g.Where("request_id = ?", request).Delete(&DataKey{}).Error
}

func (tx *Tx) open(t SealedText) (string, error) {
	key, err := tx.key(t.RequestID)
	if err != nil {
		return "", err
	}
	text, err := keys.Open(key, t.Sealed, t.bound())
	if err != nil {
		return "", fmt.Errorf("opening the %s of %s: %w", t.Member, t.Of, err)
	}
	return string(text), nil
}

// key unwraps the data key of a request, once a transaction.
func (tx *Tx) key(request uuid.UUID) ([]byte, error) {
	if key, ok := tx.opened[request]; ok {
		return key, nil
	}
	var row DataKey
	if err := tx.g.Where("request_id = ?", request).Take(&row).Error; err != nil {
		return nil, fmt.Errorf("finding the data key of %s: %w", request, err)
	}
	key, err := tx.ring.Unwrap(tx.ctx(), row.Wrapped, keyBound(request))
	if err != nil {
		return nil, fmt.Errorf("unwrapping the data key of %s: %w", request, err)
	}
	tx.opened[request] = key
	return key, nil
}

// bound is what a sealed text is bound to: its place.
func (t SealedText) bound() []byte {
	return fmt.Appendf(nil, "onward sealed_texts %s %s %s", t.RequestID, t.Of, t.Member)
}

// keyBound is what a wrapped data key is bound to.
func keyBound(request uuid.UUID) []byte { return fmt.Appendf(nil, "onward data_keys %s", request) }
