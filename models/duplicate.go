package models

import (
	"bytes"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm/clause"

	"onward/models/queries"
	"onward/workflow"
)

// MatchToken is a row of match_tokens: three traits of a person, made into
// what can be compared and not read.
type MatchToken struct {
	ReferralID uuid.UUID `gorm:"primaryKey"`
	Traits     string    `gorm:"primaryKey"` // which three
	Token      []byte
}

// Blind gives the 32 bytes under which tokens for a purpose are made. They
// follow from the keyring, and never are in the database.
func (db *DB) Blind(purpose string) []byte { return db.ring.Blind(purpose) }

// PutTokens gives a case these tokens instead of those that it has.
func (tx *Tx) PutTokens(referral uuid.UUID, tokens []MatchToken) error {
	if err := tx.DropTokens(referral, ""); err != nil || len(tokens) == 0 {
		return err
	}
	return tx.insert(&tokens)
}

// DropTokens takes away a case's tokens that a trait is part of; all of them
// where none is named.
func (tx *Tx) DropTokens(referral uuid.UUID, trait string) error {
	query := tx.g.Where("referral_id = ?", referral)
	if trait != "" {
		query = query.Where("? = ANY (string_to_array(traits, '+'))", trait)
	}
	return query.Delete(&MatchToken{}).Error
}

// DuplicateLink is a row of duplicate_links: what an admin decided of two
// cases.
type DuplicateLink struct {
	One, Other uuid.UUID `gorm:"primaryKey"` // in order
	Verdict    string
	DecidedBy  uuid.UUID
	DecidedAt  time.Time
}

// PutLink writes a verdict on two cases, in the place of an earlier one.
func (tx *Tx) PutLink(l DuplicateLink) error {
	if bytes.Compare(l.One[:], l.Other[:]) > 0 {
		l.One, l.Other = l.Other, l.One
	}
	return tx.g.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "one"}, {Name: "other"}}, UpdateAll: true}).Create(&l).Error
}

// DropLinks deletes what was decided of a case and others.
func (tx *Tx) DropLinks(referral uuid.UUID) error {
	return tx.g.Where("(one = @id OR other = @id)", map[string]any{"id": referral}).Delete(&DuplicateLink{}).Error
}

// LockPair locks two cases, as far as they are there, in id order.
func (tx *Tx) LockPair(one, other uuid.UUID) error {
	var locked []uuid.UUID
	return tx.g.Model(&Referral{}).Clauses(clause.Locking{Strength: "UPDATE"}).
		Where("id IN ?", []uuid.UUID{one, other}).Order("id").Pluck("id", &locked).Error
}

// At reports whether a case is at a desk, no draft, and not erased.
func (tx *Tx) At(referral, desk uuid.UUID) (bool, error) {
	var n int64
	err := tx.g.Model(&Referral{}).Where("id = ? AND desk_id = ? AND state <> ? AND erased_at IS NULL", referral, desk, workflow.Draft).Count(&n).Error
	return n > 0, err
}

// Duplicate is a case that may be of the same person as another.
type Duplicate struct {
	ID        uuid.UUID
	Reference string
	Shared    []string `gorm:"serializer:array"` // the traits of each token that both have
	Verdict   string   // empty: nobody decided yet
	DecidedBy *uuid.UUID
	DecidedAt *time.Time
}

// mostDuplicates is how many are told of one case at most.
const mostDuplicates = 100

// DuplicatesOf finds what may be of the same person as a case, at its desk.
func (tx *Tx) DuplicatesOf(referral uuid.UUID) ([]Duplicate, error) {
	found := []Duplicate{}
	err := tx.g.Raw(queries.Duplicates, map[string]any{"referral": referral, "limit": mostDuplicates}).Scan(&found).Error
	return found, err
}
