package models

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"onward/models/queries"
)

// Head is how far a chain has come: the number of its last link, and that
// link's hash, which stands for every event before it.
type Head struct {
	N    int64
	Hash []byte
}

func (h Head) String() string { return strconv.FormatInt(h.N, 10) + ":" + hex.EncodeToString(h.Hash) }

// ParseHead reads what Head.String writes.
func ParseHead(text string) (Head, error) {
	number, hash, _ := strings.Cut(text, ":")
	n, err := strconv.ParseInt(number, 10, 64)
	sum, bad := hex.DecodeString(hash)
	if err != nil || bad != nil || n < 1 || len(sum) != 32 {
		return Head{}, fmt.Errorf("%q is no head of a chain: it is written as its number, a colon, and 64 hexadecimal digits", text)
	}
	return Head{n, sum}, nil
}

// Anchor is a head that was kept outside of the database.
type Anchor struct {
	Head
	At time.Time // when; zero where nobody knows
}

func (a Anchor) String() string {
	if a.At.IsZero() {
		return a.Head.String()
	}
	return a.Head.String() + " (anchored at " + a.At.UTC().Format(time.RFC3339) + ")"
}

// Mark is where a relay stood after a batch: at which head, and below which
// transaction everything was chained. The zero Mark knows nothing.
type Mark struct {
	Head
	More  bool   // there was more than one batch may take
	below string // an xid8
}

// The ends of what an xid8 can be.
const firstXID, lastXID = "0", "18446744073709551615"

// Chain appends to the chain what the log has and the chain lacks, in the order
// of the log, at most so many events. The caller sees to it that nobody else
// does so now; the keys of the table would let one of two through.
//
// That the chain lacks an event is looked up in the chain itself: a late commit
// is never passed over, and nothing is chained twice. The mark only spares the
// search: what the transactions below it wrote has been chained. They are counted
// by the cluster, and in a database that was restored into another one nothing
// follows from their ids; but then the chain does not pass through the mark, and
// the whole log is searched, as it is for a program that was just started.
func (tx *Tx) Chain(since Mark, most int) (Mark, error) {
	var now struct {
		Head         `gorm:"embedded"`
		Below, Until string
	}
	if err := tx.g.Raw(queries.ChainHead).Scan(&now).Error; err != nil {
		return since, err
	}
	known, err := tx.Holds(since.Head)
	if err != nil {
		return since, err
	}
	from, until := since.below, now.Until
	if !known || from == firstXID {
		from, until = firstXID, lastXID
	}
	var positions []int64
	err = tx.g.Raw(queries.Unchained, map[string]any{"from": from, "until": until, "most": most}).Scan(&positions).Error
	if err != nil {
		return since, err
	}
	mark := Mark{now.Head, len(positions) == most, now.Below}
	if mark.More {
		mark.below = from
	}
	mark.Head, err = tx.link(now.Head, positions)
	return mark, err
}

// End gives the chain's head as it stands; number 0 when there is no link.
func (tx *Tx) End() (h Head, err error) {
	err = tx.g.Table("chain").Order("n DESC").Limit(1).Scan(&h).Error
	return h, err
}

// Holds reports whether the chain passes through a head.
func (tx *Tx) Holds(h Head) (bool, error) {
	var links int64
	err := tx.g.Table("chain").Where("n = ? AND hash = ?", h.N, h.Hash).Count(&links).Error
	return links > 0, err
}

// link chains events, one after the other, and gives the new head.
func (tx *Tx) link(head Head, positions []int64) (Head, error) {
	if len(positions) == 0 {
		return head, nil
	}
	entries, err := tx.entries(positions)
	if err != nil {
		return head, err
	}
	type link struct {
		N        int64  `json:"n"`
		Position int64  `json:"event_position"`
		Hash     string `json:"hash"`
	}
	links := make([]link, len(entries))
	for i, e := range entries {
		head = Head{head.N + 1, e.HashAfter(head.Hash)}
		links[i] = link{head.N, e.Position, hex.EncodeToString(head.Hash)}
	}
	text, err := json.Marshal(links)
	if err != nil {
		return head, fmt.Errorf("writing links of the chain: %w", err)
	}
	return head, tx.g.Exec(queries.Link, map[string]any{"links": string(text)}).Error
}

// entries reads events by position, in the order of the log.
func (tx *Tx) entries(positions []int64) (entries []Entry, err error) {
	list := strings.Trim(strings.ReplaceAll(fmt.Sprint(positions), " ", ","), "[]")
	err = tx.g.Raw(queries.Entries, map[string]any{"positions": "{" + list + "}"}).Scan(&entries).Error
	return entries, err
}

// Link is one link of the chain, with the event that it holds; nil when that
// event is gone.
type Link struct {
	N             int64
	EventPosition int64
	Hash          []byte
	Entry         *Entry `gorm:"-"`
}

// Links reads the chain after a link, in order.
func (tx *Tx) Links(after int64, limit int) ([]Link, error) {
	var links []Link
	if err := tx.g.Table("chain").Where("n > ?", after).Order("n").Limit(limit).Find(&links).Error; err != nil {
		return nil, err
	}
	positions := make([]int64, len(links))
	for i, l := range links {
		positions[i] = l.EventPosition
	}
	entries, err := tx.entries(positions)
	at := make(map[int64]*Entry, len(entries))
	for i := range entries {
		at[entries[i].Position] = &entries[i]
	}
	for i := range links {
		links[i].Entry = at[links[i].EventPosition]
	}
	return links, err
}

// Unchained counts the events that no link holds, and gives the first that was
// passed over: from before a moment, though one behind it in the log is chained.
func (tx *Tx) Unchained(before time.Time) (waiting int64, passedOver *Entry, err error) {
	var found struct {
		Waiting    int64
		PassedOver *int64
	}
	err = tx.g.Raw(queries.Overdue, map[string]any{"before": before}).Scan(&found).Error
	if err != nil || found.PassedOver == nil {
		return found.Waiting, nil, err
	}
	entries, err := tx.entries([]int64{*found.PassedOver})
	if err != nil || len(entries) == 0 {
		return found.Waiting, nil, err
	}
	return found.Waiting, &entries[0], nil
}

// ReferenceOf gives the reference of the request that an event is about; empty
// when that is gone.
func (tx *Tx) ReferenceOf(e *Entry) (reference string, err error) {
	err = tx.g.Raw(queries.ReferenceOf, map[string]any{"id": e.RequestID}).Scan(&reference).Error
	return reference, err
}
