package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"onward/desk"
	"onward/models"
)

// populate fills an empty network.
func populate(ctx context.Context, d *desk.Desk, network directory) (map[string]models.User, error) {
	anyone, _, err := d.Users(ctx, system, models.UserFilter{}, models.Slice{Limit: 1, Order: "created_at"})
	if err == nil && len(anyone) > 0 {
		err = ErrOccupied
	}
	if err != nil {
		return nil, err
	}
	desks, err := addDesks(ctx, d, network.Desks)
	if err != nil {
		return nil, err
	}
	organisations := map[string]uuid.UUID{}
	for _, o := range network.Organisations {
		if organisations[o.Name], err = addOrganisation(ctx, d, o); err != nil {
			return nil, err
		}
	}
	users := map[string]models.User{}
	for _, m := range network.People {
		u := models.User{
			OrganisationID: organisations[m.Organisation],
			UserFields:     models.UserFields{Name: m.Name, Roles: []string{m.Role}, Language: m.Language, Active: true},
		}
		if at, ok := desks[m.Desk]; ok {
			u.DeskID = &at
		}
		if err := d.AddUser(ctx, system, &u); err != nil {
			return nil, err
		}
		users[m.Name] = u
	}
	return users, nil
}

func addDesks(ctx context.Context, d *desk.Desk, centres []centre) (map[string]uuid.UUID, error) {
	ids := map[string]uuid.UUID{}
	for _, c := range centres {
		row, err := c.row()
		if err != nil {
			return nil, err
		}
		if err := d.AddDesk(ctx, system, &row); err != nil {
			return nil, err
		}
		ids[c.Name] = row.ID
	}
	return ids, nil
}

// row is the desk that a centre becomes.
func (c centre) row() (models.Desk, error) {
	row := models.Desk{DeskFields: models.DeskFields{
		Name: c.Name, Countries: c.Countries, Languages: c.Languages, Default: c.Default, TimeZone: c.TimeZone, WorkingDays: c.WorkingDays, Active: true,
	}}
	for _, h := range c.Holidays {
		on, err := time.Parse(time.DateOnly, h.On)
		if err != nil {
			return row, fmt.Errorf("reading a holiday of %s: %w", c.Name, err)
		}
		row.Holidays = append(row.Holidays, models.Holiday{On: on, Name: h.Name})
	}
	return row, nil
}

func addOrganisation(ctx context.Context, d *desk.Desk, o organisation) (uuid.UUID, error) {
	row := models.Organisation{OrganisationFields: models.OrganisationFields{
		Name: o.Name, Description: o.Description, Type: o.Type, Website: o.Website,
		Country: o.Country, Subdivision: o.Subdivision, Active: true,
	}}
	if err := d.AddOrganisation(ctx, system, &row); err != nil {
		return uuid.Nil, err
	}
	for _, f := range o.Offers {
		for _, kind := range f.Kinds {
			service := models.Service{
				OrganisationID: row.ID, CapacityAvailable: f.Places, CapacityMaximum: f.Places,
				ServiceFields: models.ServiceFields{
					Kind: kind, Status: "active", Countries: f.Countries, Languages: f.Languages, MinimumAge: f.MinimumAge, MaximumAge: f.MaximumAge,
				},
			}
			if err := d.AddService(ctx, system, &service); err != nil {
				return uuid.Nil, err
			}
		}
	}
	return row.ID, nil
}
