package models

import (
	"strings"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm/clause"

	"onward/models/queries"
)

// Denial is a row of denials: an attempt that was refused.
type Denial struct {
	ID             uuid.UUID `gorm:"primaryKey"`
	At             time.Time
	ActorID        *uuid.UUID
	OrganisationID *uuid.UUID
	TokenID        *uuid.UUID
	Method         string
	Route          string
	Target         *uuid.UUID
	Existed        bool
	Action         string
	Status         int
	Code           string
	RequestID      string

	Among     string `gorm:"-"` // the collection of a target that the path does not name
	TokenHash []byte `gorm:"-"` // of the token that was refused, until Recognise finds whose it was
}

// Collection is what the path names the target in: case-referrals for
// /v1/case-referrals/:id/events.
func (d Denial) Collection() string {
	if d.Among != "" {
		return d.Among
	}
	segments := strings.Split(d.Route, "/")
	for i := len(segments) - 1; i > 0; i-- {
		if strings.HasPrefix(segments[i], ":") {
			return segments[i-1]
		}
	}
	return ""
}

// Recognise fills in what only the database knows of attempts: whether their
// targets exist, and whose the tokens were that had ended.
func (tx *Tx) Recognise(all []Denial) error {
	var ids []uuid.UUID
	var hashes [][]byte
	for _, d := range all {
		if d.Target != nil {
			ids = append(ids, *d.Target)
		}
		if d.TokenHash != nil {
			hashes = append(hashes, d.TokenHash)
		}
	}
	there, err := tx.targets(ids)
	if err != nil {
		return err
	}
	owners, err := tx.ownersOf(hashes)
	if err != nil {
		return err
	}
	for i := range all {
		d := &all[i]
		d.Existed = d.Target != nil && there[target{d.Collection(), *d.Target}]
		if o, ok := owners[string(d.TokenHash)]; ok {
			d.TokenID, d.ActorID, d.OrganisationID = &o.ID, &o.UserID, &o.OrganisationID
		}
	}
	return nil
}

type target struct {
	Collection string
	ID         uuid.UUID
}

func (tx *Tx) targets(ids []uuid.UUID) (map[target]bool, error) {
	there := map[target]bool{}
	if len(ids) == 0 {
		return there, nil
	}
	var found []target
	err := tx.g.Raw(queries.Targets, map[string]any{"ids": uuidArray(ids)}).Scan(&found).Error
	for _, t := range found {
		there[t] = true
	}
	return there, err
}

type tokenOwner struct {
	ID, UserID, OrganisationID uuid.UUID
	Hash                       []byte
}

func (tx *Tx) ownersOf(hashes [][]byte) (map[string]tokenOwner, error) {
	owners := map[string]tokenOwner{}
	if len(hashes) == 0 {
		return owners, nil
	}
	var found []tokenOwner
	err := tx.g.Table("tokens").Joins("JOIN users ON users.id = tokens.user_id").Where("tokens.hash IN ?", hashes).
		Select("tokens.id, tokens.user_id, tokens.hash, users.organisation_id").Scan(&found).Error
	for _, o := range found {
		owners[string(o.Hash)] = o
	}
	return owners, err
}

// RecordDenials writes rows; one that is there already stays as it is, so that
// a batch whose fate nobody knows can be written again.
func (tx *Tx) RecordDenials(rows []Denial) error {
	return tx.g.Clauses(clause.OnConflict{DoNothing: true}).Create(&rows).Error
}

// DenialFilter narrows the list of denials. Zero values don't.
type DenialFilter struct {
	Actor        uuid.UUID
	Code         string
	Since, Until time.Time // Until itself is outside
}

// Denials lists denials, the latest first.
func (tx *Tx) Denials(f DenialFilter, s Slice) ([]Denial, *Position, error) {
	query := tx.g.Model(&Denial{})
	if f.Actor != uuid.Nil {
		query = query.Where("actor_id = ?", f.Actor)
	}
	if f.Code != "" {
		query = query.Where("code = ?", f.Code)
	}
	if !f.Since.IsZero() {
		query = query.Where("at >= ?", f.Since)
	}
	if !f.Until.IsZero() {
		query = query.Where("at < ?", f.Until)
	}
	var rows []Denial
	err := slice(query, s).Find(&rows).Error
	page, next := cut(rows, s, func(d Denial) Position { return Position{orders[s.Order].key(d.At, d.At, nil), d.ID.String()} })
	return page, next, err
}

// ForgetDenials deletes those that are older than 400 days, by the database's
// own clock: its trigger lets no younger one go.
func (tx *Tx) ForgetDenials() error {
	return tx.g.Where("at < now() - interval '400 days'").Delete(&Denial{}).Error
}
