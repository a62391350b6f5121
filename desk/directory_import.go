package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"onward/fault"
	"onward/hsds"
	"onward/models"
)

// Import is a directory of others that is taken in.
type Import struct {
	hsds.Directory
	Type, Country     string                                        // of new organisations that say none
	CheckOrganisation func(models.OrganisationFields) []fault.Field // what can't be as it is
	CheckService      func(models.Service) []fault.Field
	SkipBad           bool               // take what can be taken
	Try               bool               // write nothing
	Progress          func(done, of int) // organisations; nil tells nobody
}

// Imported is what became of it.
type Imported struct {
	Organisations, Services Tally // services: a row for each kind
	Bad                     []hsds.Bad
}

// Tally counts rows.
type Tally struct{ New, Changed, Unchanged int }

// ErrBadRows says that nothing was taken in, for what Imported says.
var ErrBadRows = errors.New("some rows can't be taken in, so none was")

var errTried = errors.New("it was only tried")

// importBatch is how many organisations are read and written at once.
const importBatch = 500

// ImportDirectory takes a directory of others in, by its ids, which are the
// external ids here: what is new is added, what differs is changed, what is
// gone from there stays. What has an id of this network's own was published
// here, and is left as it is. All in one transaction, all or nothing unless bad
// rows are to be skipped.
//
// Errors: ErrBadRows; the code of the constraint that refuses.
func (d *Desk) ImportDirectory(ctx context.Context, in Import) (out Imported, err error) {
	err = d.write(ctx, models.Actor{}, func(_ context.Context, tx *models.Tx) error {
		m := merge{Import: in, tx: tx, at: d.now(), names: map[string]hsds.Place{}, Imported: Imported{Bad: slices.Clone(in.Bad)}}
		if err := tx.HoldDirectory(); err != nil {
			return err
		}
		err := m.all()
		out = m.Imported
		hsds.Sort(out.Bad)
		switch {
		case err != nil:
			return err
		case len(out.Bad) > 0 && !in.SkipBad:
			return ErrBadRows
		case in.Try:
			return errTried
		}
		return nil
	})
	if errors.Is(err, errTried) {
		err = nil
	}
	return out, err
}

// merge is an import that runs.
type merge struct {
	Import
	Imported
	tx    *models.Tx
	at    time.Time
	names map[string]hsds.Place // that the import gives, and where
}

func (m *merge) all() error {
	done := 0
	for batch := range slices.Chunk(m.Directory.Organisations, importBatch) {
		taken, err := m.organisations(batch)
		if err != nil {
			return err
		}
		if err := m.services(taken); err != nil {
			return err
		}
		if done += len(batch); m.Progress != nil {
			m.Progress(done, len(m.Directory.Organisations))
		}
	}
	return nil
}

// taken is an organisation of the import, and its row.
type taken struct {
	hsds.Organisation
	row models.Organisation
}

// organisations writes those of a batch that are new or differ, and gives all
// that services can hang from.
func (m *merge) organisations(batch []hsds.Organisation) (all []taken, err error) {
	var ids, names []string
	for _, o := range batch {
		ids, names = append(ids, o.ID), append(names, o.Name)
	}
	known, err := m.tx.KnownOrganisations(ids, names)
	if err != nil {
		return nil, err
	}
	here, named := map[string]models.Organisation{}, map[string]models.Organisation{}
	for _, row := range known {
		here[row.ID.String()], named[row.Name] = row, row
	}
	for _, row := range known {
		here[row.ExternalID] = row // before one that has the id itself
	}
	var write []models.Organisation
	for _, o := range batch {
		row, there := here[o.ID]
		switch {
		case o.Reference && !there:
			for _, s := range o.Services {
				m.refuse(s.Place, "organization_id", "there is no such organisation here")
			}
			continue
		case o.Reference: // only named: its services alone are of the import
		case there && row.ExternalID != o.ID: // published here
			m.Organisations.Unchanged++
		default:
			next, ok := m.organisation(o, row, there, named)
			if !ok {
				continue
			}
			changed := next != row
			m.Organisations.count(there, changed)
			if row = next; changed {
				row.UpdatedAt = m.at
				write = append(write, row)
			}
		}
		all = append(all, taken{o, row})
	}
	return all, m.tx.PutOrganisations(write)
}

func (t *Tally) count(there, changed bool) {
	switch {
	case !there:
		t.New++
	case changed:
		t.Changed++
	default:
		t.Unchanged++
	}
}

// organisation is what the row of an organisation becomes.
func (m *merge) organisation(o hsds.Organisation, row models.Organisation, there bool, named map[string]models.Organisation) (models.Organisation, bool) {
	if !there {
		row = models.Organisation{ID: models.NewID(), Version: 1, OrganisationFields: models.OrganisationFields{ExternalID: o.ID, Active: true}, CreatedAt: m.at}
	}
	f := &row.OrganisationFields
	f.Name, f.Description, f.Type, f.Website = o.Name, o.Description, cmp.Or(o.Type, f.Type, m.Type), o.Website
	if o.Country != "" {
		f.Country, f.Subdivision = o.Country, o.Subdivision
	}
	f.Country = cmp.Or(f.Country, m.Country)
	bad := len(m.Bad)
	m.refuseAll(o.Place, m.CheckOrganisation(*f))
	if other, taken := named[o.Name]; taken && other.ID != row.ID {
		m.refuse(o.Place, "name", "another organisation here has this name; if it is the same one, set its external_id to "+o.ID)
	}
	if first, twice := m.names[o.Name]; twice {
		m.refuse(o.Place, "name", fmt.Sprintf("the organization at %s:%d has the same", first.File, first.Line))
	}
	m.names[o.Name] = o.Place
	return row, len(m.Bad) == bad
}

// services writes the services of a batch that are new or differ.
func (m *merge) services(of []taken) error {
	var ids []string
	for _, o := range of {
		for _, s := range o.Services {
			ids = append(ids, s.ID)
		}
	}
	known, err := m.tx.KnownServices(ids)
	if err != nil {
		return err
	}
	here := map[string][]models.Service{} // by the id in the import
	for _, row := range known {
		here[row.ID.String()] = append(here[row.ID.String()], row)
		if row.ExternalID != "" {
			here[row.ExternalID] = append(here[row.ExternalID], row)
		}
	}
	var write []models.Service
	for _, o := range of {
		for _, s := range o.Services {
			write = append(write, m.service(o.row, s, here[s.ID])...)
		}
	}
	return m.tx.PutServices(write)
}

// service gives the rows of a service that are new or differ: one for each of
// its kinds, and those of kinds that it no longer has, which end.
func (m *merge) service(of models.Organisation, s hsds.Service, rows []models.Service) (write []models.Service) {
	for _, row := range rows {
		if row.OrganisationID != of.ID {
			m.refuse(s.Place, "id", "this service is another organisation's here")
			return nil
		}
		if row.ExternalID != s.ID { // its own id: it was published here
			m.Services.Unchanged++
			return nil
		}
	}
	bad := len(m.Bad)
	var tally Tally
	for _, kind := range s.Kinds {
		i := slices.IndexFunc(rows, func(row models.Service) bool { return row.Kind == kind })
		row := models.Service{
			ID: models.NewID(), OrganisationID: of.ID, CapacityUpdated: m.at, CreatedAt: m.at,
			ServiceFields: models.ServiceFields{Kind: kind, ExternalID: s.ID},
		}
		if i >= 0 {
			row = rows[i]
		}
		next := revised(row, s)
		m.refuseAll(s.Place, m.CheckService(next))
		changed := i < 0 || !reflect.DeepEqual(sorted(row), sorted(next))
		tally.count(i >= 0, changed)
		if changed {
			write = append(write, next)
		}
	}
	for _, row := range rows {
		if !slices.Contains(s.Kinds, row.Kind) && row.Status != "defunct" {
			row.Status = "defunct"
			tally.Changed++
			write = append(write, row)
		}
	}
	if len(m.Bad) > bad {
		return nil
	}
	for i := range write {
		write[i].UpdatedAt = m.at
	}
	m.Services = Tally{m.Services.New + tally.New, m.Services.Changed + tally.Changed, m.Services.Unchanged + tally.Unchanged}
	return write
}

// revised is a row as the import tells it. Its places are, where they were told
// later than those that are there.
func revised(row models.Service, s hsds.Service) models.Service {
	row.Name, row.Description, row.Status, row.Schedule = s.Name, s.Description, s.Status, s.Schedule
	row.Countries, row.Subdivisions, row.Languages, row.Genders = s.Countries, s.Subdivisions, s.Languages, s.Genders
	row.MinimumAge, row.MaximumAge = s.MinimumAge, s.MaximumAge
	if c := s.Capacity; c != nil && (row.Version == 0 || c.Updated.After(row.CapacityUpdated)) {
		row.CapacityAvailable, row.CapacityMaximum, row.CapacityUpdated = c.Available, c.Maximum, c.Updated
	}
	return row
}

// sorted is a row whose lists can be compared, for they say sets.
func sorted(row models.Service) models.Service {
	for _, list := range []*[]string{&row.Countries, &row.Subdivisions, &row.Languages, &row.Genders} {
		*list = append([]string{}, *list...)
		slices.Sort(*list)
	}
	row.CapacityUpdated = row.CapacityUpdated.UTC()
	return row
}

func (m *merge) refuse(at hsds.Place, field, reason string) {
	m.Bad = append(m.Bad, hsds.Bad{Place: at, Field: field, Reason: reason})
}

func (m *merge) refuseAll(at hsds.Place, fields []fault.Field) {
	for _, f := range fields {
		m.refuse(at, strings.TrimPrefix(f.Pointer, "/"), f.Detail)
	}
}
