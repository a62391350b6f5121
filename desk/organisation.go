package desk

import (
	"context"

	"github.com/google/uuid"

	"onward/fault"
	"onward/models"
	"onward/workflow"
)

// AddOrganisation makes an organisation. Errors: name_taken.
func (d *Desk) AddOrganisation(ctx context.Context, a models.Actor, row *models.Organisation) error {
	return d.write(ctx, a, func(_ context.Context, tx *models.Tx) error {
		now := d.now()
		row.ID, row.Version, row.CreatedAt, row.UpdatedAt = models.NewID(), 1, now, now
		return models.Add(tx, row)
	})
}

// GetOrganisation reads an organisation. Errors: not_found.
func (d *Desk) GetOrganisation(ctx context.Context, a models.Actor, id uuid.UUID) (row models.Organisation, err error) {
	err = d.read(ctx, a, func(tx *models.Tx) error {
		row, err = tx.GetOrganisation(id)
		return err
	})
	return row, err
}

// Organisations lists the directory.
func (d *Desk) Organisations(ctx context.Context, a models.Actor, f models.OrganisationFilter, s models.Slice) (list []models.Organisation, next *models.Position, err error) {
	err = d.read(ctx, a, func(tx *models.Tx) error {
		list, next, err = tx.Organisations(f, s)
		return err
	})
	return list, next, err
}

// EditOrganisation changes an organisation.
//
// Errors: not_found, wrong_role, those of the precondition, name_taken,
// organisation_in_use, invalid.
func (d *Desk) EditOrganisation(ctx context.Context, a models.Actor, id uuid.UUID, pre Precondition, change func(*models.Organisation) error) (row models.Organisation, err error) {
	err = d.write(ctx, a, func(_ context.Context, tx *models.Tx) error {
		if row, err = models.Lock[models.Organisation](tx, id); err != nil {
			return err
		}
		if err := pre(row.Version); err != nil {
			return err
		}
		was := row.Active
		if err := change(&row); err != nil {
			return err
		}
		if err := mayRetire(tx, a, was, row); err != nil {
			return err
		}
		return models.Put(tx, &row, &row.Version, &row.UpdatedAt, d.now())
	})
	return row, err
}

// mayRetire refuses to retire an organisation that still has work, which
// nobody would then do; and an admin of one desk who would end the work of
// admins and auditors, whom it does not manage, by retiring theirs, or who
// would open the cases of every desk to one that was retired.
func mayRetire(tx *models.Tx, a models.Actor, was bool, o models.Organisation) error {
	if o.Active == was {
		return nil
	}
	if !o.Active {
		busy, err := tx.Busy(o.ID)
		if err != nil {
			return err
		}
		if busy {
			return organisationBusy
		}
	}
	if a.Network() {
		return nil
	}
	governs, err := tx.Governs(o.ID)
	if err != nil || !o.Active && !governs {
		return err
	}
	return fault.New(fault.Forbidden, fault.CodeWrongRole, "Only an admin of the network retires an organisation whose people administer or audit, or takes one in again.")
}

// AddService adds a service to an organisation. Errors: not_found.
func (d *Desk) AddService(ctx context.Context, a models.Actor, row *models.Service) error {
	return d.write(ctx, a, func(_ context.Context, tx *models.Tx) error {
		if _, err := tx.GetOrganisation(row.OrganisationID); err != nil {
			return err
		}
		now := d.now()
		row.ID, row.Version, row.CreatedAt, row.UpdatedAt, row.CapacityUpdated = models.NewID(), 1, now, now, now
		return models.Add(tx, row)
	})
}

// Service reads one of an organisation's services. Errors: not_found.
func (d *Desk) Service(ctx context.Context, a models.Actor, organisation, id uuid.UUID) (row models.Service, err error) {
	err = d.read(ctx, a, func(tx *models.Tx) error {
		row, err = tx.GetService(organisation, id)
		return err
	})
	return row, err
}

// Services lists an organisation's services. Errors: not_found.
func (d *Desk) Services(ctx context.Context, a models.Actor, organisation uuid.UUID, s models.Slice) (list []models.Service, next *models.Position, err error) {
	err = d.read(ctx, a, func(tx *models.Tx) error {
		if _, err := tx.GetOrganisation(organisation); err != nil {
			return err
		}
		list, next, err = tx.Services(organisation, s)
		return err
	})
	return list, next, err
}

// EditService changes a service; a change of its capacity notes the time.
//
// Errors: not_found, those of the precondition, invalid.
func (d *Desk) EditService(ctx context.Context, a models.Actor, organisation, id uuid.UUID, pre Precondition, change func(*models.Service) (confirms bool, err error)) (row models.Service, err error) {
	err = d.write(ctx, a, func(_ context.Context, tx *models.Tx) error {
		if _, err := tx.GetService(organisation, id); err != nil {
			return err
		}
		if row, err = models.Lock[models.Service](tx, id); err != nil {
			return err
		}
		if err := pre(row.Version); err != nil {
			return err
		}
		confirms, err := change(&row)
		if err != nil {
			return err
		}
		now := d.now()
		if confirms {
			row.CapacityUpdated = now
		}
		return models.Put(tx, &row, &row.Version, &row.UpdatedAt, now)
	})
	return row, err
}

// MaySetCapacity lets an admin say how many places a service has, and the
// partner whose service it is. Errors: wrong_role.
func MaySetCapacity(a models.Actor, row models.Service) error {
	if a.Has(models.RoleAdmin) || a.PartnerOf(row.OrganisationID) {
		return nil
	}
	return fault.New(fault.Forbidden, fault.CodeWrongRole, "Only the partner whose service it is says how many places it has, or an admin.")
}

// Uncertain reports that nobody has confirmed a service's capacity for so long
// that it may no longer be true.
func (d *Desk) Uncertain(row models.Service) bool { return row.Uncertain(d.now()) }

// ServiceKinds lists what a service can be of: a case's service or a training's topic.
func ServiceKinds() []string { return append(workflow.Codes("services"), workflow.Codes("topics")...) }
