package desk

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"hash/crc32"
	"math/big"
	"strings"
	"time"

	"github.com/google/uuid"

	"onward/fault"
	"onward/models"
)

// A token reads onw_ + 43 signs of base 62 (256 random bits) + 6 signs of
// base 62 (CRC-32 of what precedes), so that a scanner for leaked secrets can
// tell one, and a mistyped one never reaches the database.
const (
	tokenPrefix = "onw_"
	tokenRandom = 43
	tokenSum    = 6
)

func newToken() (string, []byte) {
	var random [32]byte
	if _, err := rand.Read(random[:]); err != nil {
		panic(err) // crypto/rand never returns this
	}
	body := tokenPrefix + base62(new(big.Int).SetBytes(random[:]), tokenRandom)
	token := body + checksum(body)
	hash := sha256.Sum256([]byte(token))
	return token, hash[:]
}

func checksum(body string) string {
	return base62(new(big.Int).SetUint64(uint64(crc32.ChecksumIEEE([]byte(body)))), tokenSum)
}

func base62(n *big.Int, width int) string {
	text := n.Text(62)
	return strings.Repeat("0", max(0, width-len(text))) + text
}

// wellFormed reports whether a text could be a token.
func wellFormed(token string) bool {
	body := len(token) - tokenSum
	return len(token) == len(tokenPrefix)+tokenRandom+tokenSum && strings.HasPrefix(token, tokenPrefix) && checksum(token[:body]) == token[body:]
}

// lastUseGrain is how exactly the last use of a token is kept.
const lastUseGrain = time.Minute

// Authenticate finds who a bearer token speaks for.
//
// Errors: unauthenticated, for whatever reason.
func (d *Desk) Authenticate(ctx context.Context, token string) (models.Actor, error) {
	hash := TokenHash(token)
	if hash == nil {
		return models.Actor{}, unknownToken
	}
	var t models.Token
	var u models.User
	err := d.read(ctx, models.Actor{}, func(tx *models.Tx) (err error) {
		t, u, err = tx.Bearer(hash, d.now())
		return err
	})
	if fault.Is(err, fault.CodeNotFound) {
		return models.Actor{}, unknownToken
	}
	if err != nil {
		return models.Actor{}, err
	}
	if t.LastUsedAt == nil || d.now().Sub(*t.LastUsedAt) > lastUseGrain {
		err = d.write(ctx, models.Actor{}, func(_ context.Context, tx *models.Tx) error { return tx.Used(t.ID, d.now()) })
	}
	return u.Actor(t.ID), err
}

var unknownToken = fault.New(fault.Unauthenticated, fault.CodeUnauthenticated, "The token is not valid, or no longer.")

const (
	tokenLasts   = 90 * 24 * time.Hour
	tokenLongest = 366 * 24 * time.Hour
)

// IssueToken makes a token for a user, or for the caller if user is Nil, and
// returns it: it can't be had again.
//
// Errors: wrong_role, when another's token is asked by who may not; invalid.
func (d *Desk) IssueToken(ctx context.Context, a models.Actor, user uuid.UUID, name string, expires *time.Time, faulty []fault.Field) (token string, row models.Token, err error) {
	err = d.write(ctx, a, func(_ context.Context, tx *models.Tx) error {
		now := d.now()
		if user == uuid.Nil {
			user = a.UserID
		}
		if user != a.UserID && !a.Has(models.RoleAdmin) {
			return fault.New(fault.Forbidden, fault.CodeWrongRole, "Only an admin makes tokens for others.")
		}
		row = models.Token{ID: models.NewID(), UserID: user, Name: name, CreatedAt: now, ExpiresAt: now.Add(tokenLasts)}
		if expires != nil {
			row.ExpiresAt = *expires
		}
		if !row.ExpiresAt.After(now) || row.ExpiresAt.After(now.Add(tokenLongest)) {
			faulty = append(faulty, fault.Field{Pointer: "/expires_at", Code: "out_of_range", Detail: "A token expires in the future, and within a year."})
		}
		owner, err := models.Lock[models.User](tx, user) // so that nobody rises meanwhile
		if fault.Is(err, fault.CodeNotFound) {
			faulty = append(faulty, fault.Field{Pointer: "/user_id", Code: "unknown_user", Detail: "There is no such user."})
		} else if err != nil {
			return err
		} else if err := mayManage(a, owner); user != a.UserID && err != nil {
			return err
		}
		if len(faulty) > 0 {
			return fault.Values(faulty...)
		}
		if user == a.UserID && a.TokenID != uuid.Nil {
			maker, err := tx.GetToken(a.TokenID)
			if err != nil {
				return err
			}
			if maker.RevokedAt != nil {
				return unknownToken // revoked since it let the caller in
			}
			row.MadeWith = &maker.ID
		}
		token, row.Hash = newToken()
		return tx.AddToken(&row)
	})
	if err != nil {
		return "", models.Token{}, err
	}
	return token, row, nil
}

// mayManage refuses an admin of one desk who would act for, or make, somebody
// of another organisation, or somebody more powerful: through a partner of
// another organisation it would read the cases of every desk.
func mayManage(a models.Actor, u models.User) error {
	if a.Network() || u.OrganisationID == a.OrganisationID && !u.Powerful() {
		return nil
	}
	return fault.New(fault.Forbidden, fault.CodeWrongRole, "An admin of a desk manages people of its own organisation, and no admins or auditors; the network's admins manage everyone.")
}

// Tokens lists the caller's own tokens.
func (d *Desk) Tokens(ctx context.Context, a models.Actor, s models.Slice) (list []models.Token, next *models.Position, err error) {
	err = d.read(ctx, a, func(tx *models.Tx) error {
		list, next, err = tx.Tokens(a.UserID, s)
		return err
	})
	return list, next, err
}

// RevokeToken ends a token, effective at once: the caller's own, or, for an
// admin who manages that user, another's. With the offspring, all that its
// user made with it end too, and theirs: what to do with a stolen one. Without,
// they last: that is how one token takes the place of another.
//
// Errors: not_found.
func (d *Desk) RevokeToken(ctx context.Context, a models.Actor, id uuid.UUID, offspring bool) error {
	return d.write(ctx, a, func(_ context.Context, tx *models.Tx) error {
		t, err := tx.GetToken(id)
		if err != nil {
			return err
		}
		if t.UserID != a.UserID {
			owner, err := tx.GetUser(t.UserID)
			if err != nil {
				return fmt.Errorf("finding a token's owner: %w", err)
			}
			if !a.Has(models.RoleAdmin) || mayManage(a, owner) != nil {
				return fault.Absent()
			}
		}
		if offspring {
			if _, err := models.Lock[models.User](tx, t.UserID); err != nil { // so that none is made meanwhile
				return err
			}
			if err := tx.RevokeMadeWith(id, d.now()); err != nil {
				return err
			}
			if t.RevokedAt != nil {
				return nil
			}
		}
		return tx.RevokeToken(id, d.now())
	})
}
