package desk

import (
	"context"

	"github.com/google/uuid"

	"onward/hsds"
	"onward/models"
)

// The partner directory as others read it: what is public of it, in the values
// of package hsds. Nobody asks for it in particular, so the system does.

// PublicService is a service that anybody may know of, and whose it is.
type PublicService struct {
	hsds.Service
	Of hsds.Organisation // without its services
}

// PublicOrganisations lists the organisations that anybody may know of, without
// their services, and counts them all.
func (d *Desk) PublicOrganisations(ctx context.Context, p models.PublicPage) (list []hsds.Organisation, total int64, err error) {
	err = d.read(ctx, models.Actor{}, func(tx *models.Tx) error {
		var rows []models.Organisation
		if rows, total, err = tx.PublicOrganisations(p); err != nil {
			return err
		}
		list, err = told(tx, rows)
		return err
	})
	return list, total, err
}

// told is what is public of some organisations, in their order.
func told(tx *models.Tx, rows []models.Organisation) ([]hsds.Organisation, error) {
	ids := make([]uuid.UUID, len(rows))
	for i, o := range rows {
		ids[i] = o.ID
	}
	keep, err := tx.SafeHouses(ids)
	list := make([]hsds.Organisation, len(rows))
	for i, o := range rows {
		list[i] = organisationOf(o)
		list[i].Guarded = keep[o.ID]
		list[i] = hsds.Public(list[i])
	}
	return list, err
}

// PublicOrganisation reads one of them, with its services. Errors: not_found.
func (d *Desk) PublicOrganisation(ctx context.Context, id uuid.UUID) (o hsds.Organisation, err error) {
	err = d.read(ctx, models.Actor{}, func(tx *models.Tx) error {
		row, err := tx.PublicOrganisation(id)
		if err != nil {
			return err
		}
		services, _, err := tx.PublicServices(models.PublicPage{Organisation: id})
		if err != nil {
			return err
		}
		all, err := told(tx, []models.Organisation{row})
		if err != nil {
			return err
		}
		o = all[0]
		for _, s := range services {
			o.Services = append(o.Services, hsds.PublicService(serviceOf(s)))
		}
		return nil
	})
	return o, err
}

// PublicServices lists the services that anybody may know of, and counts them
// all.
func (d *Desk) PublicServices(ctx context.Context, p models.PublicPage) (list []PublicService, total int64, err error) {
	err = d.read(ctx, models.Actor{}, func(tx *models.Tx) error {
		var rows []models.Service
		if rows, total, err = tx.PublicServices(p); err != nil {
			return err
		}
		list, err = owned(tx, rows)
		return err
	})
	return list, total, err
}

// PublicService reads one of them. Errors: not_found.
func (d *Desk) PublicService(ctx context.Context, id uuid.UUID) (s PublicService, err error) {
	err = d.read(ctx, models.Actor{}, func(tx *models.Tx) error {
		row, err := tx.PublicService(id)
		if err != nil {
			return err
		}
		list, err := owned(tx, []models.Service{row})
		if err == nil {
			s = list[0]
		}
		return err
	})
	return s, err
}

// owned is what is public of some services, each with whose it is.
func owned(tx *models.Tx, rows []models.Service) ([]PublicService, error) {
	ids := make([]uuid.UUID, len(rows))
	for i, s := range rows {
		ids[i] = s.OrganisationID
	}
	organisations, err := tx.OrganisationsByID(ids)
	if err != nil {
		return nil, err
	}
	shown, err := told(tx, organisations)
	of := make(map[string]hsds.Organisation, len(shown))
	for _, o := range shown {
		of[o.ID] = o
	}
	list := make([]PublicService, len(rows))
	for i, s := range rows {
		list[i] = PublicService{hsds.PublicService(serviceOf(s)), of[s.OrganisationID.String()]}
	}
	return list, err
}

// ExportDirectory reads the whole of what is public, each organisation with its
// services; and, for a directory that is trusted with it, how many places they
// have.
func (d *Desk) ExportDirectory(ctx context.Context, places bool) (list []hsds.Organisation, err error) {
	err = d.read(ctx, models.Actor{}, func(tx *models.Tx) error {
		rows, _, err := tx.PublicOrganisations(models.PublicPage{})
		if err != nil {
			return err
		}
		services, _, err := tx.PublicServices(models.PublicPage{})
		if err != nil {
			return err
		}
		of := map[uuid.UUID][]hsds.Service{}
		for _, s := range services {
			one := hsds.PublicService(serviceOf(s))
			if places {
				one.Capacity = serviceOf(s).Capacity
			}
			of[s.OrganisationID] = append(of[s.OrganisationID], one)
		}
		if list, err = told(tx, rows); err != nil {
			return err
		}
		for i, row := range rows {
			list[i].Services = of[row.ID]
		}
		return nil
	})
	return list, err
}

// organisationOf is an organisation under the id that it has here.
func organisationOf(o models.Organisation) hsds.Organisation {
	return hsds.Organisation{
		ID: o.ID.String(), Name: o.Name, Description: o.Description, Type: o.Type, Website: o.Website, Country: o.Country, Subdivision: o.Subdivision,
	}
}

// serviceOf is a service under the id that it has here, of its one kind.
func serviceOf(s models.Service) hsds.Service {
	return hsds.Service{
		ID: s.ID.String(), Name: s.Name, Description: s.Description, Kinds: []string{s.Kind}, Status: s.Status,
		Countries: s.Countries, Subdivisions: s.Subdivisions, Languages: s.Languages, Genders: s.Genders,
		MinimumAge: s.MinimumAge, MaximumAge: s.MaximumAge, Schedule: s.Schedule,
		Capacity: &hsds.Capacity{Available: s.CapacityAvailable, Maximum: s.CapacityMaximum, Updated: s.CapacityUpdated.UTC()},
	}
}
