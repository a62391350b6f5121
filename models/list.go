package models

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"onward/workflow"
)

// Filter narrows a list. Zero values don't.
type Filter struct {
	Kind                        string
	States                      []string
	Desk, Organisation, Request uuid.UUID
	Urgency, Country, Text      string
	CreatedAfter, CreatedBefore time.Time
	DueBefore                   time.Time
	DueWithin                   time.Duration // of the queue, from now on
	Overdue                     *bool
	Submitted                   bool // of the queue: what nobody has taken yet
	Now                         time.Time
}

// Slice asks for one page of a list, in an order of Orders.
type Slice struct {
	Limit int
	Order string
	After *Position
}

// Position is where a page ended: the sort key of its last row, and its id.
type Position struct{ Key, ID string }

// order is one order of a list: an expression that is never null, and a
// direction. Ties go by id.
type order struct {
	by   string
	desc bool
	key  func(created, updated time.Time, due *time.Time) string
}

var orders = map[string]order{
	"created_at":  {"created_at", false, func(c, _ time.Time, _ *time.Time) string { return stamp(&c) }},
	"-created_at": {"created_at", true, func(c, _ time.Time, _ *time.Time) string { return stamp(&c) }},
	"-updated_at": {"updated_at", true, func(_, u time.Time, _ *time.Time) string { return stamp(&u) }},
	"due_at":      {"coalesce(due_at, 'infinity')", false, func(_, _ time.Time, d *time.Time) string { return stamp(d) }},
	"since":       {"since", false, func(c, _ time.Time, _ *time.Time) string { return stamp(&c) }},
	"-at":         {"at", true, func(c, _ time.Time, _ *time.Time) string { return stamp(&c) }},
	"respond_by":  {"respond_by", false, func(_, _ time.Time, d *time.Time) string { return stamp(d) }},
}

func stamp(t *time.Time) string {
	if t == nil {
		return "infinity"
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// slice puts the order and the page's limits on a query; it asks for one row
// more, which tells whether there is a next page.
func slice(query *gorm.DB, s Slice) *gorm.DB {
	o := orders[s.Order]
	way, sign := "ASC", ">"
	if o.desc {
		way, sign = "DESC", "<"
	}
	if s.After != nil {
		query = query.Where(fmt.Sprintf("(%s, id) %s (?::timestamptz, ?::uuid)", o.by, sign), s.After.Key, s.After.ID) // sql: of orders
	}
	return query.Order(fmt.Sprintf("%s %s, id %s", o.by, way, way)).Limit(s.Limit + 1) // sql: of orders
}

// cut takes the extra row off again and says where the next page starts.
func cut[T any](rows []T, s Slice, at func(T) Position) ([]T, *Position) {
	if len(rows) <= s.Limit {
		return rows, nil
	}
	next := at(rows[s.Limit-1])
	return rows[:s.Limit], &next
}

// Trainings lists the training requests that the caller may see.
func (tx *Tx) Trainings(a Actor, f Filter, s Slice) ([]*Training, *Position, error) {
	condition, args := visible(workflow.Training.Name, a, f.Now)
	query := f.records(tx.g.Where(condition, args...)) // sql: of visible
	if f.Text != "" {
		query = query.Where("(reference ILIKE @q OR title ILIKE @q OR origin_workshop ILIKE @q)", map[string]any{"q": like(f.Text)})
	}
	var rows []*Training
	err := slice(query, s).Find(&rows).Error
	page, next := cut(rows, s, func(t *Training) Position { return t.position(s) })
	return page, next, err
}

// Referrals lists the case referrals that the caller may see. A partner's
// search looks at references alone: it can't ask about what is withheld.
func (tx *Tx) Referrals(a Actor, f Filter, s Slice) ([]*Referral, *Position, error) {
	condition, args := visible(workflow.Referral.Name, a, f.Now)
	query := f.records(tx.g.Where(condition, args...)) // sql: of visible
	if f.Urgency != "" {
		query = query.Where("urgency = ?", f.Urgency)
	}
	if f.Text != "" {
		by := "reference ILIKE @q"
		if a.Has(RoleAdmin, RoleReferrer) && !a.Has(RolePartner) {
			by = "(reference ILIKE @q OR subject_code ILIKE @q OR summary ILIKE @q)"
		}
		query = query.Where(by, map[string]any{"q": like(f.Text)}) // sql: either of the two above
	}
	var rows []*Referral
	err := slice(query, s).Find(&rows).Error
	page, next := cut(rows, s, func(r *Referral) Position { return r.position(s) })
	return page, next, err
}

func (r *Record) position(s Slice) Position {
	return Position{orders[s.Order].key(r.CreatedAt, r.UpdatedAt, r.DueAt), r.ID.String()}
}

// Assignments lists the assignments that the caller may see.
func (tx *Tx) Assignments(a Actor, f Filter, s Slice) ([]*Assignment, *Position, error) {
	query := f.common(visibleAssignments(tx.g.Model(&Assignment{}), a))
	if f.Kind != "" {
		query = query.Where("kind = ?", f.Kind)
	}
	if f.Request != uuid.Nil {
		query = query.Where("request_id = ?", f.Request)
	}
	query = f.due(query, "CASE state WHEN 'offered' THEN respond_by END")
	var rows []*Assignment
	err := slice(query, s).Find(&rows).Error
	page, next := cut(rows, s, func(x *Assignment) Position {
		return Position{orders[s.Order].key(x.CreatedAt, x.UpdatedAt, &x.RespondBy), x.ID.String()}
	})
	return page, next, err
}

// records narrows a list of requests.
func (f Filter) records(query *gorm.DB) *gorm.DB {
	query = f.common(query)
	if f.Desk != uuid.Nil {
		query = query.Where("desk_id = ?", f.Desk)
	}
	if f.Country != "" {
		query = query.Where("country = ?", f.Country)
	}
	return f.due(query, "due_at")
}

func (f Filter) common(query *gorm.DB) *gorm.DB {
	if len(f.States) > 0 {
		query = query.Where("state IN ?", f.States)
	}
	if f.Organisation != uuid.Nil {
		query = query.Where("organisation_id = ?", f.Organisation)
	}
	if !f.CreatedAfter.IsZero() {
		query = query.Where("created_at > ?", f.CreatedAfter)
	}
	if !f.CreatedBefore.IsZero() {
		query = query.Where("created_at < ?", f.CreatedBefore)
	}
	return query
}

func (f Filter) due(query *gorm.DB, column string) *gorm.DB {
	if !f.DueBefore.IsZero() {
		query = query.Where(column+" < ?", f.DueBefore) // sql: the caller's constant
	}
	if f.Overdue != nil {
		query = query.Where("coalesce("+column+" < ?, false) = ?", f.Now, *f.Overdue) // sql: the caller's constant
	}
	return query
}

// like makes a pattern that finds a text anywhere, whatever signs it has.
func like(text string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(text) + "%"
}
