package models

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
)

// Entry is an event as a link of the chain holds it: every column of its row,
// as PostgreSQL writes it; the time in microseconds since 1970.
type Entry struct {
	Position                              int64
	XID                                   string `gorm:"column:xid"`
	ID, Workflow, RecordID, RequestID     string
	Seq, Name, FromState, Action, ToState string
	ActorID                               *string
	ActorRole                             string
	OrganisationID                        *string
	DeskID, At, Data                      string
}

// canonical is the text that is hashed: the columns in the order of the table,
// each behind its length in eight bytes, so that nothing can move from one into
// the next. One that is absent is a length of all ones. To change it would break
// every chain there is.
func (e *Entry) canonical() []byte {
	position := strconv.FormatInt(e.Position, 10)
	var text []byte
	for _, column := range []*string{
		&position, &e.XID, &e.ID, &e.Workflow, &e.RecordID, &e.RequestID, &e.Seq, &e.Name, &e.FromState, &e.Action, &e.ToState,
		e.ActorID, &e.ActorRole, e.OrganisationID, &e.DeskID, &e.At, &e.Data,
	} {
		if column == nil {
			text = binary.BigEndian.AppendUint64(text, ^uint64(0))
			continue
		}
		text = binary.BigEndian.AppendUint64(text, uint64(len(*column)))
		text = append(text, *column...)
	}
	return text
}

// HashAfter is the hash of the link that holds the event: SHA-256 over the
// hash of the link before it (of the first: nothing) and the event.
func (e *Entry) HashAfter(previous []byte) []byte {
	sum := sha256.New()
	sum.Write(previous)
	sum.Write(e.canonical())
	return sum.Sum(nil)
}
