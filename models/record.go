package models

import (
	"crypto/rand"
	"encoding/base32"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm/clause"

	"onward/workflow"
)

// Record is what both kinds of request have in common.
type Record struct {
	ID             uuid.UUID `gorm:"primaryKey"`
	Reference      string
	State          workflow.State
	Version        int
	DeskID         uuid.UUID
	OwnerID        uuid.UUID
	OrganisationID uuid.UUID // of the owner
	Round          int       // grows with each reopening: earlier assignments no longer count
	CreatedAt      time.Time `gorm:"autoCreateTime:false"`
	UpdatedAt      time.Time `gorm:"autoUpdateTime:false"`
	DueAt          *time.Time
	AskedAt        *time.Time
	HeldUntil      *time.Time
	Outcome        string
	Reason         string // the code of the one given last
}

// Request is a record of either kind, whole.
type Request interface {
	Moving
	// Head is the part that both kinds share.
	Head() *Record
	// Flow is the workflow that moves it.
	Flow() *workflow.Workflow
	// CountryCode is the country that it concerns.
	CountryCode() string
	// Asked is what routing looks at.
	Asked() workflow.Asked
}

// Head is the record itself.
func (r *Record) Head() *Record { return r }

// crockford is Douglas Crockford's base 32: no I, L, O, U to misread.
var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// NewReference makes a short random reference to say on the phone: TR-7KQ4-M2XD.
func NewReference(kind string) string {
	var random [5]byte
	if _, err := rand.Read(random[:]); err != nil {
		panic(err) // the system has no randomness left; crypto/rand never returns this
	}
	prefix := "CR-"
	if kind == workflow.Training.Name {
		prefix = "TR-"
	}
	code := crockford.EncodeToString(random[:])
	return prefix + code[:4] + "-" + code[4:]
}

// NewID makes a UUIDv7.
func NewID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

// LockRequest reads a request for update, so that nothing else moves it until
// the transaction ends. Errors: not_found.
func (tx *Tx) LockRequest(kind string, id uuid.UUID) (Request, error) {
	return tx.request(kind, id, clause.Locking{Strength: "UPDATE"})
}

// GetRequest reads a request, for the eyes of nobody yet. Errors: not_found.
func (tx *Tx) GetRequest(kind string, id uuid.UUID) (Request, error) {
	return tx.request(kind, id)
}

func (tx *Tx) request(kind string, id uuid.UUID, clauses ...clause.Expression) (Request, error) {
	query := tx.g.Clauses(clauses...).Where("id = ?", id)
	if kind == workflow.Training.Name {
		var t Training
		err := one(query.Take(&t).Error)
		return &t, err
	}
	var r Referral
	err := one(query.Take(&r).Error)
	return &r, err
}

// Insert writes a new request; its event is Advance's.
func (tx *Tx) insert(row any) error {
	return tx.g.Omit(clause.Associations).Create(row).Error
}
