package desk

import (
	"context"

	"github.com/google/uuid"

	"onward/models"
)

// AddUser makes a user. Errors: wrong_role, invalid.
func (d *Desk) AddUser(ctx context.Context, a models.Actor, row *models.User) error {
	return d.write(ctx, a, func(_ context.Context, tx *models.Tx) error {
		if err := mayManage(a, *row); err != nil {
			return err
		}
		now := d.now()
		row.ID, row.Version, row.CreatedAt, row.UpdatedAt = models.NewID(), 1, now, now
		return models.Add(tx, row)
	})
}

// UserView is a user and the name of its organisation.
type UserView struct {
	models.User
	OrganisationName string
}

// User reads a user. Errors: not_found.
func (d *Desk) User(ctx context.Context, a models.Actor, id uuid.UUID) (v UserView, err error) {
	err = d.read(ctx, a, func(tx *models.Tx) error {
		row, err := tx.GetUser(id)
		if err != nil {
			return err
		}
		all, err := userViews(tx, row)
		if err == nil {
			v = all[0]
		}
		return err
	})
	return v, err
}

// Users lists the people of the network.
func (d *Desk) Users(ctx context.Context, a models.Actor, f models.UserFilter, s models.Slice) (list []UserView, next *models.Position, err error) {
	err = d.read(ctx, a, func(tx *models.Tx) error {
		rows, at, err := tx.Users(f, s)
		if err != nil {
			return err
		}
		next = at
		list, err = userViews(tx, rows...)
		return err
	})
	return list, next, err
}

func userViews(tx *models.Tx, rows ...models.User) ([]UserView, error) {
	var organisations []uuid.UUID
	for _, u := range rows {
		organisations = append(organisations, u.OrganisationID)
	}
	names, err := tx.OrganisationNames(organisations...)
	views := make([]UserView, len(rows))
	for i, u := range rows {
		views[i] = UserView{u, names[u.OrganisationID]}
	}
	return views, err
}

// EditUser changes a user; one who is no longer active can do nothing from
// the next request on. Who moves to another organisation, or rises to
// administer or audit, starts without tokens: an admin of a desk may have made
// one of them, and would rise too.
//
// Errors: not_found, wrong_role, those of the precondition, invalid.
func (d *Desk) EditUser(ctx context.Context, a models.Actor, id uuid.UUID, pre Precondition, change func(*models.User) error) error {
	return d.write(ctx, a, func(_ context.Context, tx *models.Tx) error {
		row, err := models.Lock[models.User](tx, id)
		if err != nil {
			return err
		}
		if err := mayManage(a, row); err != nil {
			return err
		}
		if err := pre(row.Version); err != nil {
			return err
		}
		was := row
		if err := change(&row); err != nil {
			return err
		}
		if err := mayManage(a, row); err != nil {
			return err
		}
		if !was.Powerful() && (row.Powerful() || row.OrganisationID != was.OrganisationID) {
			if err := tx.RevokeTokensOf(row.ID, d.now()); err != nil {
				return err
			}
		}
		return models.Put(tx, &row, &row.Version, &row.UpdatedAt, d.now())
	})
}

// Found makes the first things of an empty network: an organisation that runs
// it, a default desk, and an admin of the network with a token.
//
// Errors: network_not_empty.
func (d *Desk) Found(ctx context.Context, organisation, admin string) (token string, err error) {
	err = d.write(ctx, models.Actor{}, func(ctx context.Context, tx *models.Tx) error {
		if any, err := tx.AnyUser(); err != nil || any {
			if err == nil {
				err = networkNotEmpty
			}
			return err
		}
		system := models.Actor{Roles: []string{models.RoleAdmin}}
		o := models.Organisation{OrganisationFields: models.OrganisationFields{Name: organisation, Type: "training_centre", Active: true}}
		if err := d.AddOrganisation(ctx, system, &o); err != nil {
			return err
		}
		at := models.Desk{DeskFields: models.DeskFields{Name: organisation, Default: true, TimeZone: "UTC", Active: true}}
		if err := d.AddDesk(ctx, system, &at); err != nil {
			return err
		}
		u := models.User{OrganisationID: o.ID, UserFields: models.UserFields{Name: admin, Roles: []string{models.RoleAdmin}, Active: true}}
		if err := d.AddUser(ctx, system, &u); err != nil {
			return err
		}
		token, _, err = d.IssueToken(ctx, u.Actor(uuid.Nil), u.ID, "first admin", nil, nil)
		return err
	})
	return token, err
}
