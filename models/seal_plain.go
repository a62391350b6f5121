package models

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/pressly/goose/v3"
	"gorm.io/gorm"
)

// sealPlain is migration 7, between the SQL that makes the tables for sealed
// texts and the SQL that drops those of plain ones: it seals what a database
// of an earlier version holds.
func (db *DB) sealPlain() *goose.Migration {
	return goose.NewGoMigration(7, &goose.GoFunc{RunTx: func(ctx context.Context, sqlTx *sql.Tx) error {
		g := db.g.WithContext(ctx)
		g.Statement.ConnPool = sqlTx
		return sealAll(&Tx{g: g.Session(&gorm.Session{}), ring: db.ring, opened: map[uuid.UUID][]byte{}})
	}}, nil)
}

// sealAll seals what is plain in the tables of a transaction.
func sealAll(tx *Tx) error {
	var plain []struct {
		RequestID, Of uuid.UUID
		Member, Text  string
	}
	if err := tx.g.Raw(plainTexts).Scan(&plain).Error; err != nil {
		return fmt.Errorf("reading what is not sealed yet: %w", err)
	}
	for _, p := range plain {
		if _, made := tx.opened[p.RequestID]; !made {
			if err := tx.MakeKey(p.RequestID, time.Now()); err != nil {
				return err
			}
		}
		if p.Member == "" {
			continue
		}
		if err := tx.Seal(p.RequestID, p.Of, Words{p.Member: p.Text}); err != nil {
			return err
		}
	}
	return nil
}

// plainTexts finds what was kept unsealed, and the requests that it belongs to: one
// without texts has a row with an empty member.
const plainTexts = `SELECT id AS request_id, id AS of, '' AS member, '' AS text FROM training_requests
UNION ALL
SELECT id, id, '', '' FROM case_referrals
UNION ALL
SELECT referral_id, referral_id, member, text
FROM referral_texts, LATERAL (VALUES
    ('narrative', narrative), ('actions_taken', actions_taken), ('safe_method', safe_method), ('safe_times', safe_times),
    ('contact', CASE WHEN contact_prohibited THEN 'prohibited' WHEN contact THEN 'allowed' END)) AS t (member, text)
WHERE text <> ''
UNION ALL
SELECT e.request_id, e.id, t.member, t.text FROM event_texts t JOIN events e ON e.id = t.event_id
UNION ALL
SELECT referral_id, id, member, text
FROM consents, LATERAL (VALUES ('reason', reason), ('approval_note', approval_note)) AS t (member, text)
WHERE text <> ''
UNION ALL
SELECT request_id, id, 'message', message FROM assignments WHERE message <> ''
ORDER BY request_id`
