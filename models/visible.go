package models

import (
	"strings"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"onward/workflow"
)

// Visible tells what of a kind a caller may see: the one place where that is
// decided in SQL. A partner sees a training from the offer on and a case from
// acceptance on, and either for AfterCompletion once it completed it, unless
// it was reopened since.
func visible(kind string, a Actor, now time.Time) (condition string, args []any) {
	var ways []string
	if a.Network() {
		return "TRUE", nil
	}
	if a.Has(RoleAdmin) {
		ways, args = append(ways, "desk_id = ?"), append(args, *a.DeskID)
	}
	if a.Has(ownerRole(kind)) {
		ways, args = append(ways, "organisation_id = ?"), append(args, a.OrganisationID)
	}
	if a.Has(RolePartner) {
		shown, over := taken, "AND state <> 'consent_revoked' AND erased_at IS NULL" // which end what a completed assignment still shows
		if kind == workflow.Training.Name {
			shown, over = live, ""
		}
		ways = append(ways, `EXISTS (SELECT FROM assignments WHERE assignments.request_id = `+table(kind)+`.id AND assignments.organisation_id = ?
			AND (assignments.state IN ? OR assignments.state = 'completed' AND assignments.ended_at > ? AND assignments.round = `+table(kind)+`.round)) `+over)
		args = append(args, a.OrganisationID, shown, now.Add(-workflow.AfterCompletion))
	}
	if len(ways) == 0 {
		return "FALSE", nil
	}
	return "(" + strings.Join(ways, " OR ") + ")", args
}

func table(kind string) string { return kind + "s" }

// CanSee reports whether the caller may see a request.
func (tx *Tx) CanSee(kind string, id uuid.UUID, a Actor, now time.Time) (bool, error) {
	condition, args := visible(kind, a, now)
	var n int64
	err := tx.g.Table(table(kind)).Where("id = ?", id).Where(condition, args...).Limit(1).Count(&n).Error // sql: of visible
	return n > 0, err
}

// Logged reports whether there is such a request, for those who may hear of
// any and see none: it asks the log.
func (tx *Tx) Logged(kind string, id uuid.UUID) (bool, error) {
	var n int64
	err := tx.g.Model(&Event{}).Where("workflow = ? AND record_id = ?", kind, id).
		Having("bool_and(action <> 'delete')").Count(&n).Error
	return n > 0, err
}

// visibleAssignments limits a query to the caller's own organisation's
// assignments and those of the desk.
func visibleAssignments(query *gorm.DB, a Actor) *gorm.DB {
	switch {
	case a.Network():
		return query
	case a.Has(RoleAdmin) && a.Has(RolePartner):
		return query.Where("(organisation_id = ? OR desk_id = ?)", a.OrganisationID, *a.DeskID)
	case a.Has(RoleAdmin):
		return query.Where("desk_id = ?", *a.DeskID)
	case a.Has(RolePartner):
		return query.Where("organisation_id = ?", a.OrganisationID)
	}
	return query.Where("FALSE")
}

// CanSeeAssignment reports whether the caller may see an assignment.
func (tx *Tx) CanSeeAssignment(id uuid.UUID, a Actor) (bool, error) {
	var n int64
	err := visibleAssignments(tx.g.Model(&Assignment{}).Where("id = ?", id), a).Limit(1).Count(&n).Error
	return n > 0, err
}
