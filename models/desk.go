package models

import (
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"onward/workflow"
)

// DeskFields is the twin of api.DeskFields.
type DeskFields struct {
	Name            string
	Countries       []string `gorm:"serializer:array"`
	Languages       []string `gorm:"serializer:array"`
	Default         bool     `gorm:"column:is_default"`
	TimeZone        string
	WorkingDays     []string `gorm:"serializer:array"`
	RetentionMonths int      `gorm:"default:24"` // how long a case is kept after its end
	Active          bool
}

// Holiday is the twin of api.Holiday.
type Holiday struct {
	On   time.Time
	Name string
}

// Desk is a row of desks: a centre of the network that takes requests in.
type Desk struct {
	ID      uuid.UUID `gorm:"primaryKey"`
	Version int
	DeskFields
	Holidays  []Holiday `gorm:"serializer:json"`
	Weights   Weights   `gorm:"serializer:json"` // by which its candidates are ranked
	CreatedAt time.Time `gorm:"autoCreateTime:false"`
	UpdatedAt time.Time `gorm:"autoUpdateTime:false"`
}

// Location is the desk's time zone; UTC where the zone is unknown here.
func (d Desk) Location() *time.Location {
	zone, err := time.LoadLocation(d.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// Calendar says which days the desk works.
func (d Desk) Calendar() workflow.Calendar {
	off := make([]time.Time, len(d.Holidays))
	for i, h := range d.Holidays {
		off[i] = h.On
	}
	return workflow.NewCalendar(d.WorkingDays, off, d.Location())
}

// Complete fills in what a desk has when it says nothing of it.
func (d *Desk) Complete() {
	if len(d.WorkingDays) == 0 {
		d.WorkingDays = workflow.WorkingWeek()
	}
	if d.Holidays == nil {
		d.Holidays = []Holiday{}
	}
	if d.Weights == (Weights{}) {
		d.Weights = DefaultWeights
	}
}

// GetDesk reads one. Errors: not_found.
func (tx *Tx) GetDesk(id uuid.UUID) (Desk, error) { return get[Desk](tx, id) }

// Unfinished reports whether a desk still has requests that are not at an end.
func (tx *Tx) Unfinished(desk uuid.UUID) (bool, error) {
	for _, w := range []*workflow.Workflow{workflow.Training, workflow.Referral} {
		var n int64
		err := tx.g.Table(table(w.Name)).Where("desk_id = ? AND state NOT IN ?", desk, w.Ends).Limit(1).Count(&n).Error
		if err != nil || n > 0 {
			return n > 0, err
		}
	}
	return false, nil
}

// NoDefaultDesk takes the default from the desk that has it, so that another
// one can be it.
func (tx *Tx) NoDefaultDesk(but uuid.UUID, at time.Time) error {
	return tx.g.Model(&Desk{}).Where("is_default AND id <> ?", but).
		Updates(map[string]any{"is_default": false, "version": gorm.Expr("version + 1"), "updated_at": at}).Error
}

// Desks lists the desks.
func (tx *Tx) Desks(s Slice) ([]Desk, *Position, error) {
	var rows []Desk
	err := slice(tx.g.Model(&Desk{}), s).Find(&rows).Error
	page, next := cut(rows, s, func(d Desk) Position { return created(d.CreatedAt, d.ID) })
	return page, next, err
}

func created(at time.Time, id uuid.UUID) Position { return Position{stamp(&at), id.String()} }
