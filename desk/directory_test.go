package desk_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/desk"
	"onward/fault"
	"onward/handlers"
	"onward/hsds"
	"onward/models"
	"onward/models/modelstest"
)

// take takes a directory in, by the checks of the API.
func (n *network) take(d hsds.Directory, set ...func(*desk.Import)) (desk.Imported, error) {
	in := desk.Import{Directory: d, Type: "ngo"}
	in.CheckOrganisation, in.CheckService = handlers.DirectoryChecks()
	for _, f := range set {
		f(&in)
	}
	return n.desk.ImportDirectory(n.t.Context(), in)
}

func skipBad(in *desk.Import) { in.SkipBad = true }

// takes fails unless the directory is taken in with these counts: new, changed
// and unchanged organisations, and services.
func (n *network) takes(d hsds.Directory, want string) {
	n.t.Helper()
	out, err := n.take(d)
	if got := counts(out); err != nil || got != want {
		n.t.Errorf("%s, want %s: %v %v", got, want, err, out.Bad)
	}
}

func counts(out desk.Imported) string {
	return strings.Trim(fmt.Sprint(out.Organisations)+fmt.Sprint(out.Services), "{}")
}

// here reads the rows that have an external id, services by that and their kind.
func (n *network) here() (organisations map[string]models.Organisation, services map[string]models.Service) {
	n.t.Helper()
	organisations, services = map[string]models.Organisation{}, map[string]models.Service{}
	all, _, err := n.desk.Organisations(n.t.Context(), n.admin, models.OrganisationFilter{}, models.Slice{Limit: 100, Order: "created_at"})
	n.must(err)
	for _, o := range all {
		organisations[o.ExternalID] = o
		of, _, err := n.desk.Services(n.t.Context(), n.admin, o.ID, models.Slice{Limit: 100, Order: "created_at"})
		n.must(err)
		for _, s := range of {
			services[s.ExternalID+" "+s.Kind] = s
		}
	}
	return organisations, services
}

// clinic is a directory with one organisation, whose service is of two kinds.
func clinic() hsds.Directory {
	return hsds.Directory{Organisations: []hsds.Organisation{{
		Place: hsds.Place{File: "in", Line: 2}, ID: "o", Name: "A clinic", Type: "health", Country: "PH", Subdivision: "PH-00",
		Services: []hsds.Service{{
			Place: hsds.Place{File: "in", Line: 3}, ID: "s", Name: "Help", Kinds: []string{"medical", "psychosocial"}, Status: "active",
			Countries: []string{"PH", "KR"}, Languages: []string{"tl", "en"}, Capacity: &hsds.Capacity{Available: 2, Maximum: 5, Updated: noon.Add(-time.Hour)},
		}},
	}}}
}

// A directory is taken in once: what it says again changes nothing, what it says
// anew changes what it says.
func TestImportAgain(t *testing.T) {
	t.Parallel()
	n := found(t)
	n.takes(clinic(), "1 0 0}{2 0 0")
	organisations, before := n.here()
	if o := organisations["o"]; o.Name != "A clinic" || o.Type != "health" || o.Country != "PH" || o.Subdivision != "PH-00" || !o.Active || o.Version != 1 {
		t.Errorf("%+v", o)
	}
	if s := before["s medical"]; s.Name != "Help" || s.CapacityAvailable != 2 || s.CapacityMaximum != 5 || !s.CapacityUpdated.Equal(noon.Add(-time.Hour)) || s.Version != 1 || !slices.Equal(s.Countries, []string{"PH", "KR"}) {
		t.Errorf("%+v", s)
	}
	n.set(noon.Add(time.Hour))
	n.takes(clinic(), "0 0 1}{0 0 2")
	turned := clinic()
	slices.Reverse(turned.Organisations[0].Services[0].Languages) // lists say sets
	n.takes(turned, "0 0 1}{0 0 2")
	if _, now := n.here(); !reflect.DeepEqual(now, before) {
		t.Errorf("%+v", now)
	}

	abridged := clinic() // as in a list of the standard's API, which doesn't say where
	o := &abridged.Organisations[0]
	o.Country, o.Subdivision, o.Type = "", "", ""
	n.takes(abridged, "0 0 1}{0 0 2")

	later := clinic()
	later.Organisations[0].Description = "Helps"
	s := &later.Organisations[0].Services[0]
	s.Kinds, s.MinimumAge, s.Capacity.Available, s.Capacity.Updated = []string{"food", "medical"}, new(6), 4, noon.Add(time.Minute)
	n.takes(later, "0 1 0}{1 2 0")
	organisations, services := n.here()
	if o := organisations["o"]; o.Description != "Helps" || o.Version != 2 || !o.UpdatedAt.Equal(noon.Add(time.Hour)) || !o.CreatedAt.Equal(noon) {
		t.Errorf("%+v", o)
	}
	if s := services["s medical"]; s.Version != 2 || *s.MinimumAge != 6 || s.CapacityAvailable != 4 || s.ID != before["s medical"].ID {
		t.Errorf("%+v", s)
	}
	if services["s psychosocial"].Status != "defunct" || services["s food"].Status != "active" {
		t.Errorf("%+v", services)
	}
}

// Places that were told before those that are there, and those that assignments
// have taken since, are left.
func TestImportLeavesPlaces(t *testing.T) {
	t.Parallel()
	n := found(t)
	n.takes(clinic(), "1 0 0}{2 0 0")
	_, services := n.here()
	medical := services["s medical"]
	n.must(n.db.InTx(t.Context(), models.Actor{}, noon, func(_ context.Context, tx *models.Tx) error { return tx.TakePlace(medical.ID, noon) }))
	renamed := clinic()
	renamed.Organisations[0].Services[0].Name = "More help"
	n.takes(renamed, "0 0 1}{0 2 0")
	earlier := clinic()
	earlier.Organisations[0].Services[0].Name = "More help"
	earlier.Organisations[0].Services[0].Capacity = &hsds.Capacity{Available: 5, Maximum: 5, Updated: noon.Add(-2 * time.Hour)}
	n.takes(earlier, "0 0 1}{0 0 2")
	if _, services := n.here(); services["s medical"].CapacityAvailable != 1 || services["s medical"].Name != "More help" {
		t.Errorf("%+v", services["s medical"])
	}
}

// A place that is taken after an import has read the service, and before it
// writes, stays taken.
func TestImportBesideAnAssignment(t *testing.T) {
	t.Parallel()
	n := found(t)
	n.takes(clinic(), "1 0 0}{2 0 0")
	_, services := n.here()
	row := services["s medical"]
	n.must(n.db.InTx(t.Context(), models.Actor{}, noon, func(_ context.Context, tx *models.Tx) error { return tx.TakePlace(row.ID, noon) }))
	row.Name = "Renamed"
	n.must(modelstest.Enter(t, n.dsn).InTx(t.Context(), models.Actor{}, noon, func(_ context.Context, tx *models.Tx) error { return tx.PutServices([]models.Service{row}) }))
	if _, services := n.here(); services["s medical"].CapacityAvailable != 1 || services["s medical"].Name != "Renamed" || services["s medical"].Version != 3 {
		t.Errorf("%+v", services["s medical"])
	}
}

// An import waits for the one that runs, and takes in what that left.
func TestImportsAtOnce(t *testing.T) {
	t.Parallel()
	n := found(t)
	second := make(chan string)
	n.must(modelstest.Enter(t, n.dsn).InTx(t.Context(), models.Actor{}, noon, func(ctx context.Context, tx *models.Tx) error {
		if err := tx.HoldDirectory(); err != nil {
			return err
		}
		go func() {
			out, err := n.take(clinic())
			second <- fmt.Sprint(counts(out), err)
		}()
		time.Sleep(200 * time.Millisecond) // for it to come as far as it can
		in := desk.Import{Directory: clinic(), Type: "ngo"}
		in.CheckOrganisation, in.CheckService = handlers.DirectoryChecks()
		_, err := n.desk.ImportDirectory(ctx, in)
		return err
	}))
	if said := <-second; said != "0 0 1}{0 0 2<nil>" {
		t.Error(said)
	}
}

// One bad row and nothing is taken in, unless bad rows are skipped.
func TestImportOfBadRows(t *testing.T) {
	t.Parallel()
	n := found(t)
	d := clinic()
	at := hsds.Place{File: "in", Line: 9}
	d.Bad = []hsds.Bad{{Place: at, Field: "id", Reason: "as it was read"}}
	food := hsds.Service{Place: at, ID: "t", Kinds: []string{"food"}, Status: "active", Countries: []string{"XX"}, Languages: []string{"en", "ünï"}, MinimumAge: new(9), MaximumAge: new(8)}
	d.Organisations = append(d.Organisations,
		hsds.Organisation{Place: at, ID: "p", Name: "Ewha"},
		hsds.Organisation{Place: at, ID: "q", Name: "A clinic", Country: "Korea"},
		hsds.Organisation{Place: at, ID: "r", Name: "With a bad service", Services: []hsds.Service{food}},
		hsds.Organisation{Place: at, ID: "nowhere", Reference: true, Services: []hsds.Service{{Place: at, ID: "u", Kinds: []string{"food"}, Status: "active"}}},
	)
	out, err := n.take(d)
	want := []string{
		"in:9: id: as it was read",
		"in:9: name: another organisation here has this name; if it is the same one, set its external_id to p",
		"in:9: country: This must be a country's two letters by ISO 3166-1, such as PH.",
		"in:9: name: the organization at in:2 has the same",
		"in:9: organization_id: there is no such organisation here",
		"in:9: countries/0: This must be a country's two letters by ISO 3166-1, such as PH.",
		"in:9: languages/1: This must be a registered language tag (BCP 47) in its usual case, such as tl or pt-BR.",
		"in:9: maximum_age: The maximum age is below the minimum age.",
	}
	var got []string
	for _, bad := range out.Bad {
		got = append(got, bad.String())
	}
	if !errors.Is(err, desk.ErrBadRows) || !slices.Equal(got, want) {
		t.Errorf("%v %q", err, got)
	}
	if organisations, _ := n.here(); len(organisations) != 1 {
		t.Errorf("%+v", organisations)
	}
	if out, err := n.take(d, skipBad, func(in *desk.Import) { in.Try = true }); err != nil || counts(out) != "2 0 0}{2 0 0" {
		t.Errorf("%v %s", err, counts(out))
	}
	if organisations, _ := n.here(); len(organisations) != 1 {
		t.Errorf("what was only tried was written: %+v", organisations)
	}
	if out, err := n.take(d, skipBad); err != nil || counts(out) != "2 0 0}{2 0 0" || len(out.Bad) != len(want) {
		t.Errorf("%v %s %v", err, counts(out), out.Bad)
	}
	if organisations, services := n.here(); len(organisations) != 3 || len(services) != 3 {
		t.Errorf("%+v %+v", organisations, services)
	}
}

// What an admin gave an external id is taken for the same; a service stays with
// its organisation.
func TestImportOfWhatIsHere(t *testing.T) {
	t.Parallel()
	n := found(t)
	_, err := n.desk.EditOrganisation(t.Context(), n.admin, n.university.ID, func(int) error { return nil }, func(o *models.Organisation) error {
		o.ExternalID, o.Active = "o", false
		return nil
	})
	n.must(err)
	d := clinic()
	d.Organisations[0].Name = "Ewha"
	n.takes(d, "0 1 0}{2 0 0")
	if organisations, _ := n.here(); organisations["o"].ID != n.university.ID || organisations["o"].Active || organisations["o"].Type != "health" {
		t.Errorf("%+v", organisations["o"])
	}
	d.Organisations[0].ID, d.Organisations[0].Name = "other", "Another"
	if out, err := n.take(d); !errors.Is(err, desk.ErrBadRows) || len(out.Bad) != 1 || out.Bad[0].String() != "in:3: id: this service is another organisation's here" {
		t.Errorf("%v %v", err, out.Bad)
	}
	only := clinic() // a service of an organisation that is here, and not in the file
	only.Organisations[0] = hsds.Organisation{ID: "o", Reference: true, Services: only.Organisations[0].Services}
	n.takes(only, "0 0 0}{0 0 2")
}

// What is exported and imported elsewhere is what it was; imported where it came
// from, it changes nothing, not even what was not told.
func TestExportedAndImported(t *testing.T) {
	t.Parallel()
	n, other := found(t), found(t)
	d := clinic()
	d.Organisations = append(d.Organisations, hsds.Organisation{ID: "h", Name: "A house", Description: "Near the market", Country: "PH", Services: []hsds.Service{
		{ID: "hs", Name: "Beds", Kinds: []string{"safe_house"}, Status: "active", Countries: []string{"PH"}, Subdivisions: []string{"PH-00"}, Capacity: &hsds.Capacity{Available: 1, Maximum: 2, Updated: noon}},
	}}, hsds.Organisation{ID: "i", Name: "Who only refers"})
	n.takes(d, "3 0 0}{3 0 0")
	_, before := n.here()
	out := n.exported(true)
	n.takes(hsds.Directory{Organisations: out}, "0 0 3}{0 0 4")
	if _, now := n.here(); !reflect.DeepEqual(now, before) {
		t.Errorf("%+v", now)
	}
	for i, o := range out {
		if o.Name == "Ewha" {
			out = slices.Delete(out, i, i+1) // the other network has one
			break
		}
	}
	other.takes(hsds.Directory{Organisations: out}, "2 0 0}{3 0 0")
	organisations, services := other.here()
	for _, o := range out {
		if got := organisations[o.ID]; got.Name != o.Name || got.Type != o.Type || got.Country != o.Country || got.Subdivision != o.Subdivision || got.Description != o.Description {
			t.Errorf("%+v", got)
		}
		for _, s := range o.Services {
			got := services[s.ID+" "+s.Kinds[0]]
			if got.Name != s.Name || !slices.Equal(got.Countries, s.Countries) || !slices.Equal(got.Subdivisions, s.Subdivisions) || got.CapacityMaximum != s.Capacity.Maximum {
				t.Errorf("%+v", got)
			}
		}
	}
	for _, o := range n.exported(false) {
		for _, s := range o.Services {
			if s.Capacity != nil || o.Name == "A house" && o.Description+s.Name+fmt.Sprint(s.Subdivisions) != "[]" {
				t.Errorf("%+v", o)
			}
		}
	}
}

func (n *network) exported(places bool) []hsds.Organisation {
	n.t.Helper()
	all, err := n.desk.ExportDirectory(n.t.Context(), places)
	n.must(err)
	return all
}

// Who is retired, and what is defunct, is not public.
func TestWhatIsPublic(t *testing.T) {
	t.Parallel()
	n := found(t)
	n.takes(clinic(), "1 0 0}{2 0 0")
	anyone := models.PublicPage{Number: 1, Size: 10}
	list, total, err := n.desk.PublicOrganisations(t.Context(), anyone)
	if err != nil || total != 2 || len(list) != 2 || list[0].Name != "Ewha" {
		t.Errorf("%v %d %+v", err, total, list)
	}
	organisations, services := n.here()
	_, err = n.desk.EditService(t.Context(), n.admin, organisations["o"].ID, services["s medical"].ID, func(int) error { return nil }, func(s *models.Service) (bool, error) {
		s.Status = "defunct"
		return false, nil
	})
	n.must(err)
	if list, total, err := n.desk.PublicServices(t.Context(), models.PublicPage{Number: 1, Size: 10, Organisation: organisations["o"].ID}); err != nil || total != 1 || list[0].Kinds[0] != "psychosocial" || list[0].Of.Name != "A clinic" {
		t.Errorf("%v %d %+v", err, total, list)
	}
	_, err = n.desk.EditOrganisation(t.Context(), n.admin, organisations["o"].ID, func(int) error { return nil }, func(o *models.Organisation) error {
		o.Active = false
		return nil
	})
	n.must(err)
	for _, of := range []uuid.UUID{organisations["o"].ID, uuid.New()} {
		if _, err := n.desk.PublicOrganisation(t.Context(), of); !fault.Is(err, fault.CodeNotFound) {
			t.Errorf("%v", err)
		}
	}
	if _, err := n.desk.PublicService(t.Context(), services["s psychosocial"].ID); !fault.Is(err, fault.CodeNotFound) {
		t.Errorf("%v", err)
	}
	if list, total, err := n.desk.PublicOrganisations(t.Context(), anyone); err != nil || total != 1 || list[0].Name != "Ewha" {
		t.Errorf("%v %d %+v", err, total, list)
	}
}
