package models

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"onward/fault"
)

// OrganisationFields is the twin of api.OrganisationFields.
type OrganisationFields struct {
	Name        string
	Description string
	Type        string
	Website     string
	Country     string // of the seat
	Subdivision string
	ExternalID  string // in another directory; empty: in none
	Active      bool
}

// Organisation is a row of organisations (HSDS organization).
type Organisation struct {
	ID      uuid.UUID `gorm:"primaryKey"`
	Version int
	OrganisationFields
	CreatedAt time.Time `gorm:"autoCreateTime:false"`
	UpdatedAt time.Time `gorm:"autoUpdateTime:false"`
}

// GetOrganisation reads one. Errors: not_found.
func (tx *Tx) GetOrganisation(id uuid.UUID) (Organisation, error) { return get[Organisation](tx, id) }

// Busy reports whether an organisation has live assignments.
func (tx *Tx) Busy(organisation uuid.UUID) (bool, error) {
	var busy bool
	err := tx.g.Raw("SELECT organisation_busy(?)", organisation).Scan(&busy).Error // at whichever desk: no admin of one sees all
	return busy, err
}

// OrganisationNames gives the names of organisations by id.
func (tx *Tx) OrganisationNames(ids ...uuid.UUID) (map[uuid.UUID]string, error) {
	var rows []Organisation
	err := tx.g.Select("id", "name").Where("id IN ?", ids).Find(&rows).Error
	names := make(map[uuid.UUID]string, len(rows))
	for _, o := range rows {
		names[o.ID] = o.Name
	}
	return names, err
}

// AllOrganisations reports the first of some ids, in lower case, that is no
// organisation's.
func (tx *Tx) AllOrganisations(ids []string) (missing int, ok bool, err error) {
	var found []string
	if err := tx.g.Model(&Organisation{}).Where("id IN ?", parsed(ids)).Pluck("id", &found).Error; err != nil {
		return 0, false, err
	}
	for i, id := range ids {
		if !slices.Contains(found, id) {
			return i, false, nil
		}
	}
	return 0, true, nil
}

// OrganisationFilter narrows the list of organisations.
type OrganisationFilter struct {
	Text, Type string
	Active     *bool
}

// Organisations lists the directory.
func (tx *Tx) Organisations(f OrganisationFilter, s Slice) ([]Organisation, *Position, error) {
	query := tx.g.Model(&Organisation{})
	if f.Text != "" {
		query = query.Where("name ILIKE ?", like(f.Text))
	}
	if f.Type != "" {
		query = query.Where("type = ?", f.Type)
	}
	if f.Active != nil {
		query = query.Where("active = ?", *f.Active)
	}
	var rows []Organisation
	err := slice(query, s).Find(&rows).Error
	page, next := cut(rows, s, func(o Organisation) Position { return created(o.CreatedAt, o.ID) })
	return page, next, err
}

// ServiceFields is the twin of api.ServiceFields.
type ServiceFields struct {
	Kind         string
	Name         string
	Description  string
	Status       string
	Countries    []string `gorm:"serializer:array"`
	Subdivisions []string `gorm:"serializer:array"`
	Languages    []string `gorm:"serializer:array"`
	MinimumAge   *int
	MaximumAge   *int
	Genders      []string `gorm:"serializer:array"`
	Schedule     string
	ExternalID   string // in another directory, which may count several kinds as one service
}

// Service is a row of services (HSDS service, service_area, service_capacity).
type Service struct {
	ID             uuid.UUID `gorm:"primaryKey"`
	Version        int
	OrganisationID uuid.UUID
	ServiceFields
	CapacityAvailable int
	CapacityMaximum   int
	CapacityUpdated   time.Time
	CreatedAt         time.Time `gorm:"autoCreateTime:false"`
	UpdatedAt         time.Time `gorm:"autoUpdateTime:false"`
}

// GetService reads one of an organisation's services. Errors: not_found.
func (tx *Tx) GetService(organisation, id uuid.UUID) (Service, error) {
	s, err := get[Service](tx, id)
	if err == nil && s.OrganisationID != organisation {
		err = fault.Absent()
	}
	return s, err
}

// Services lists an organisation's services.
func (tx *Tx) Services(organisation uuid.UUID, s Slice) ([]Service, *Position, error) {
	var rows []Service
	err := slice(tx.g.Where("organisation_id = ?", organisation), s).Find(&rows).Error
	page, next := cut(rows, s, func(x Service) Position { return created(x.CreatedAt, x.ID) })
	return page, next, err
}

// TakePlace takes one of a service's places under its row lock.
//
// Errors: no_capacity.
func (tx *Tx) TakePlace(service uuid.UUID, at time.Time) error {
	return tx.places(service, at, "capacity_available - 1")
}

// GivePlace gives one back, up to the maximum.
func (tx *Tx) GivePlace(service uuid.UUID, at time.Time) error {
	return tx.places(service, at, "least(capacity_available + 1, capacity_maximum)")
}

func (tx *Tx) places(service uuid.UUID, at time.Time, become string) error {
	done := tx.g.Model(&Service{}).Where("id = ?", service).
		Updates(map[string]any{"capacity_available": gorm.Expr(become), "version": gorm.Expr("version + 1"), "updated_at": at})
	if done.Error == nil && done.RowsAffected == 0 {
		return fmt.Errorf("the service %s of an assignment is gone", service)
	}
	return done.Error
}
