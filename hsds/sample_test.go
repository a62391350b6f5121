package hsds

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// counselling is what the sample's own terms are in ours: its JSON has an
// attribute, its CSV has none, so that the service is named by its id.
var counselling = map[string]string{"code": "psychosocial", "ac148810-d857-441c-9679-408f346de14b": "psychosocial"}

func sample(t *testing.T, name string, o Options) Directory {
	t.Helper()
	if name == "csv" {
		d, err := ReadPackage(os.DirFS("testdata/open-referral/csv"), o)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	text, err := os.ReadFile("testdata/open-referral/" + name)
	if err != nil {
		t.Fatal(err)
	}
	d, err := ReadJSON(name, text, o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The samples of the standard are read in each of their forms, into the same.
func TestSample(t *testing.T) {
	for name, bad := range map[string][]string{
		"csv": {
			"locations.csv:2: organization_id: there is no such organization in this package",
			"service_capacity.csv:2: service_id: there is no such service in this package",
		},
		"service_full.json":      {"service_full.json:537: /capacities/0/available: this is more than the maximum, 10"},
		"organization_full.json": {"organization_full.json:537: /services/0/capacities/0/available: this is more than the maximum, 10"},
		"service_list.json":      nil,
		"organization_list.json": nil,
	} {
		d := sample(t, name, Options{Kinds: counselling, Country: "US"})
		var said []string
		for _, b := range d.Bad {
			said = append(said, b.String())
		}
		if !slices.Equal(said, bad) {
			t.Errorf("%s: %q", name, said)
		}
		if len(d.Organisations) != 1 || d.Organisations[0].Name != "Example Organization Inc." || d.Organisations[0].ID != "d9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c610" {
			t.Fatalf("%s: %+v", name, d.Organisations)
		}
		o := d.Organisations[0]
		if o.Website != "" || d.LeftOut["websites that are not https"] != 1 {
			t.Errorf("%s: a website that is not https: %q, %v", name, o.Website, d.LeftOut)
		}
		if name == "organization_list.json" {
			continue
		}
		if len(o.Services) != 1 {
			t.Fatalf("%s: %+v", name, o.Services)
		}
		s := o.Services[0]
		if s.Name != "Community Counselling" || !slices.Equal(s.Kinds, []string{"psychosocial"}) || s.Status != "active" || !slices.Equal(s.Countries, []string{"US"}) || *s.MinimumAge != 12 || s.Capacity != nil {
			t.Errorf("%s: %+v", name, s)
		}
		if full := name != "service_list.json"; full && (!slices.Equal(s.Languages, []string{"ur"}) || !strings.HasPrefix(s.Schedule, "The service is available from 10 am")) {
			t.Errorf("%s: %q %q", name, s.Languages, s.Schedule)
		}
	}
}

// Where its organisations sit is a country; nothing of the street is read.
func TestNoAddress(t *testing.T) {
	for _, name := range []string{"csv", "organization_full.json"} {
		d := sample(t, name, Options{Kinds: counselling, Country: "US"})
		text, err := json.Marshal(d.Organisations)
		if err != nil {
			t.Fatal(err)
		}
		for _, told := range []string{"Main Street", "MyVillage", "MyCity Civic", "ABC 1234", "1234567", "email@", "Persona"} {
			if strings.Contains(string(text), told) {
				t.Errorf("%s: %q is kept: %s", name, told, text)
			}
		}
		if name != "csv" && (d.Organisations[0].Country != "US" || d.LeftOut["addresses"] != 1 || d.LeftOut["phones"] == 0) {
			t.Errorf("%q, %v", d.Organisations[0].Country, d.LeftOut)
		}
	}
}

// What maps to nothing is told, and is not taken.
func TestSampleWithoutAMap(t *testing.T) {
	for _, name := range []string{"csv", "service_full.json"} {
		d := sample(t, name, Options{Country: "US"})
		if len(d.Organisations[0].Services) != 0 || !slices.ContainsFunc(d.Bad, func(b Bad) bool { return b.Field == "attributes" || b.Field == "/attributes" }) {
			t.Errorf("%s: %v", name, d.Bad)
		}
	}
}
