package models

import (
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"onward/fault"
	"onward/models/queries"
)

// UserFields is the twin of api.UserFields.
type UserFields struct {
	Name     string
	Roles    []string `gorm:"serializer:array"`
	Language string
	Active   bool
}

// User is a row of users: a person who may act.
type User struct {
	ID             uuid.UUID `gorm:"primaryKey"`
	Version        int
	OrganisationID uuid.UUID
	DeskID         *uuid.UUID
	UserFields
	CreatedAt time.Time `gorm:"autoCreateTime:false"`
	UpdatedAt time.Time `gorm:"autoUpdateTime:false"`
}

// Actor is the user as one who acts.
func (u User) Actor(token uuid.UUID) Actor {
	return Actor{UserID: u.ID, OrganisationID: u.OrganisationID, DeskID: u.DeskID, Roles: u.Roles, TokenID: token}
}

// Powerful reports whether the user administers or audits.
func (u User) Powerful() bool { return u.Actor(uuid.Nil).Has(RoleAdmin, RoleAuditor) }

// Governs reports whether somebody of an organisation administers or audits.
func (tx *Tx) Governs(organisation uuid.UUID) (bool, error) {
	var n int64
	err := tx.g.Model(&User{}).Where("organisation_id = ? AND roles && ARRAY['admin', 'auditor']", organisation).Limit(1).Count(&n).Error
	return n > 0, err
}

// GetUser reads one. Errors: not_found.
func (tx *Tx) GetUser(id uuid.UUID) (User, error) { return get[User](tx, id) }

// UserFilter narrows the list of users.
type UserFilter struct {
	Organisation uuid.UUID
	Role, Text   string
	Active       *bool
}

// Users lists the people of the network.
func (tx *Tx) Users(f UserFilter, s Slice) ([]User, *Position, error) {
	query := tx.g.Model(&User{})
	if f.Organisation != uuid.Nil {
		query = query.Where("organisation_id = ?", f.Organisation)
	}
	if f.Role != "" {
		query = query.Where("? = ANY (roles)", f.Role)
	}
	if f.Text != "" {
		query = query.Where("name ILIKE ?", like(f.Text))
	}
	if f.Active != nil {
		query = query.Where("active = ?", *f.Active)
	}
	var rows []User
	err := slice(query, s).Find(&rows).Error
	page, next := cut(rows, s, func(u User) Position { return created(u.CreatedAt, u.ID) })
	return page, next, err
}

// Token is a row of tokens. The token itself is nowhere; Hash is its SHA-256.
type Token struct {
	ID         uuid.UUID `gorm:"primaryKey"`
	UserID     uuid.UUID
	Name       string
	Hash       []byte
	CreatedAt  time.Time `gorm:"autoCreateTime:false"`
	ExpiresAt  time.Time
	LastUsedAt *time.Time
	RevokedAt  *time.Time
	MadeWith   *uuid.UUID // of the same user's tokens; nil: another's, or the command line
}

// AddToken writes a token.
func (tx *Tx) AddToken(t *Token) error { return tx.insert(t) }

// Bearer finds who a token's hash speaks for.
//
// Errors: not_found, for a token that is unknown, expired, revoked, or of a
// user or organisation that is no longer active: the caller can't tell which.
func (tx *Tx) Bearer(hash []byte, now time.Time) (Token, User, error) {
	var t Token
	var u User
	err := one(tx.g.Where("hash = ? AND revoked_at IS NULL AND expires_at > ?", hash, now).Take(&t).Error)
	if err != nil {
		return t, u, err
	}
	err = one(tx.g.Where("id = ? AND active", t.UserID).
		Where("EXISTS (SELECT FROM organisations o WHERE o.id = users.organisation_id AND o.active)").Take(&u).Error)
	return t, u, err
}

// Used notes when a token was last used.
func (tx *Tx) Used(token uuid.UUID, at time.Time) error {
	return tx.g.Model(&Token{}).Where("id = ?", token).Updates(map[string]any{"last_used_at": at}).Error
}

// GetToken reads one. Errors: not_found.
func (tx *Tx) GetToken(id uuid.UUID) (Token, error) {
	var t Token
	err := one(tx.g.Where("id = ?", id).Take(&t).Error)
	return t, err
}

// RevokeToken ends a token. Errors: not_found, when it has ended already.
func (tx *Tx) RevokeToken(id uuid.UUID, at time.Time) error {
	done := tx.g.Model(&Token{}).Where("id = ? AND revoked_at IS NULL", id).Updates(map[string]any{"revoked_at": at})
	if done.Error == nil && done.RowsAffected == 0 {
		return fault.Absent()
	}
	return done.Error
}

// RevokeMadeWith ends the tokens that were made with a token, and with those.
func (tx *Tx) RevokeMadeWith(token uuid.UUID, at time.Time) error {
	return tx.g.Exec(queries.RevokeMadeWith, map[string]any{"token": token, "at": at}).Error
}

// RevokeTokensOf ends all tokens of a user.
func (tx *Tx) RevokeTokensOf(user uuid.UUID, at time.Time) error {
	return tx.g.Model(&Token{}).Where("user_id = ? AND revoked_at IS NULL", user).Updates(map[string]any{"revoked_at": at}).Error
}

// Tokens lists a user's tokens.
func (tx *Tx) Tokens(user uuid.UUID, s Slice) ([]Token, *Position, error) {
	var rows []Token
	err := slice(tx.g.Where("user_id = ?", user), s).Find(&rows).Error
	page, next := cut(rows, s, func(t Token) Position { return created(t.CreatedAt, t.ID) })
	return page, next, err
}

// AnyUser reports whether the network has a user yet.
func (tx *Tx) AnyUser() (bool, error) {
	var u User
	err := tx.g.Select("id").Take(&u).Error
	if err == gorm.ErrRecordNotFound { //nolint:errorlint // Take returns it bare
		return false, nil
	}
	return err == nil, err
}
