package models

import (
	"encoding/json"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"onward/models/queries"
)

// HoldDirectory lets one import run at a time, until the transaction ends.
func (tx *Tx) HoldDirectory() error {
	return tx.g.Exec("SELECT pg_advisory_xact_lock(hashtext('onward directory'))").Error
}

// KnownOrganisations finds the organisations that have one of some ids, here or
// in another directory, or one of some names.
func (tx *Tx) KnownOrganisations(ids, names []string) ([]Organisation, error) {
	rows, err := known[Organisation](tx, ids)
	if err != nil {
		return nil, err
	}
	var named []Organisation
	err = tx.g.Where("name IN ?", names).Find(&named).Error
	return append(rows, named...), err
}

// KnownServices finds the services that have one of some ids, here or in
// another directory.
func (tx *Tx) KnownServices(ids []string) ([]Service, error) { return known[Service](tx, ids) }

// known asks once for each index, so that no missing statistics lead past them.
func known[T Organisation | Service](tx *Tx, ids []string) ([]T, error) {
	var own, others []T
	if err := tx.g.Where("id IN ?", parsed(ids)).Find(&own).Error; err != nil {
		return nil, err
	}
	err := tx.g.Where("external_id <> '' AND external_id IN ?", ids).Find(&others).Error
	return append(own, others...), err
}

// parsed gives those of some texts that are ids.
func parsed(texts []string) []uuid.UUID {
	ids := make([]uuid.UUID, 0, len(texts))
	for _, text := range texts {
		if id, err := uuid.Parse(text); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// PutOrganisations adds organisations, or changes those that are there: what
// they are and where, not whether they are active. Errors: the code of the
// constraint that refuses.
func (tx *Tx) PutOrganisations(rows []Organisation) error {
	return putAll(tx, queries.PutOrganisations, rows)
}

// PutServices adds services, or changes those that are there. Errors: the code
// of the constraint that refuses.
func (tx *Tx) PutServices(rows []Service) error { return putAll(tx, queries.PutServices, rows) }

func putAll[T Organisation | Service](tx *Tx, query string, rows []T) error {
	if len(rows) == 0 {
		return nil
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	return tx.g.Exec(query, map[string]any{"rows": string(text)}).Error // sql: of queries
}

// PublicPage asks for one page of what is public, numbered from 1. No Size is
// all.
type PublicPage struct {
	Number, Size int
	Text         string    // in a name
	Organisation uuid.UUID // of services: whose
}

// What is public: services that there still are, of organisations that take
// something on; and the organisations that offer one. Who only refers, or asks
// for trainings, is nobody's business.
const (
	publicOrganisation = "active AND EXISTS (SELECT FROM services s WHERE s.organisation_id = organisations.id AND s.status <> 'defunct')"
	publicService      = "status <> 'defunct' AND EXISTS (SELECT FROM organisations o WHERE o.id = services.organisation_id AND o.active)"
)

// PublicOrganisations lists the organisations that anybody may know of, in the
// order of their ids, and counts them all.
func (tx *Tx) PublicOrganisations(p PublicPage) (rows []Organisation, total int64, err error) {
	query := tx.g.Model(&Organisation{}).Where(publicOrganisation)
	if p.Text != "" {
		query = query.Where("name ILIKE ?", like(p.Text))
	}
	return numbered[Organisation](query, p)
}

// PublicServices lists the services that anybody may know of, as
// PublicOrganisations does. The own name of a safe house is not searched: it
// isn't told either.
func (tx *Tx) PublicServices(p PublicPage) (rows []Service, total int64, err error) {
	query := tx.g.Model(&Service{}).Where(publicService)
	if p.Organisation != uuid.Nil {
		query = query.Where("organisation_id = ?", p.Organisation)
	}
	if p.Text != "" {
		query = query.Where("(kind <> 'safe_house' AND name ILIKE @q OR EXISTS (SELECT FROM organisations o WHERE o.id = services.organisation_id AND o.name ILIKE @q))",
			map[string]any{"q": like(p.Text)})
	}
	return numbered[Service](query, p)
}

func numbered[T entity](query *gorm.DB, p PublicPage) (rows []T, total int64, err error) {
	query = query.Session(&gorm.Session{})
	if err := query.Count(&total).Error; err != nil {
		return nil, 0, err
	}
	query = query.Order("id")
	if p.Size > 0 {
		query = query.Limit(p.Size).Offset((p.Number - 1) * p.Size)
	}
	return rows, total, query.Find(&rows).Error
}

// PublicOrganisation reads one organisation that anybody may know of. Errors:
// not_found.
func (tx *Tx) PublicOrganisation(id uuid.UUID) (row Organisation, err error) {
	err = one(tx.g.Where(publicOrganisation).Where("id = ?", id).Take(&row).Error)
	return row, err
}

// PublicService reads one service that anybody may know of. Errors: not_found.
func (tx *Tx) PublicService(id uuid.UUID) (row Service, err error) {
	err = one(tx.g.Where(publicService).Where("id = ?", id).Take(&row).Error)
	return row, err
}

// OrganisationsByID reads organisations.
func (tx *Tx) OrganisationsByID(ids []uuid.UUID) ([]Organisation, error) {
	var rows []Organisation
	err := tx.g.Where("id IN ?", ids).Find(&rows).Error
	return rows, err
}

// SafeHouses gives those of some organisations that keep a safe house, or did.
func (tx *Tx) SafeHouses(of []uuid.UUID) (keep map[uuid.UUID]bool, err error) {
	var ids []uuid.UUID
	err = tx.g.Model(&Service{}).Distinct("organisation_id").Where("kind = 'safe_house' AND organisation_id IN ?", of).Find(&ids).Error
	keep = make(map[uuid.UUID]bool, len(ids))
	for _, id := range ids {
		keep[id] = true
	}
	return keep, err
}
