package hsds

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// known is an attribute whose term is a kind of ours.
const known = `"attributes": [{"taxonomy_term": {"code": "medical"}}]`

func readJSON(t *testing.T, text string) Directory {
	t.Helper()
	d, err := ReadJSON("in.json", []byte(text), Options{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func refusals(d Directory) (all []string) {
	for _, b := range d.Bad {
		all = append(all, b.String())
	}
	return all
}

// Each thing that can't be is told with its line and its field, all at once.
func TestBadRows(t *testing.T) {
	for name, tc := range map[string]struct {
		text string
		want []string
	}{
		"no name": {"[\n{\"id\": \"o\"}]", []string{"in.json:2: /0/name: this is required"}},
		"twice":   {"[{\"id\": \"o\", \"name\": \"O\"},\n{\"id\": \"o\", \"name\": \"P\"}]", []string{"in.json:2: /1/id: another organization has the same"}},
		"a service": {
			`{"id": "o", "name": "O", "services": [` + "\n" + `{"id": "s", "status": "shut", "minimum_age": "young", "maximum_age": 12.5}]}`,
			[]string{
				"in.json:2: /services/0/attributes: no term of it is, or is mapped to, a code of the vocabularies services and topics",
				"in.json:2: /services/0/maximum_age: this must be a whole number",
				"in.json:2: /services/0/minimum_age: this must be a whole number",
				"in.json:2: /services/0/service_areas: where it serves is told by no code of ISO 3166, and neither its organization nor --country says a country",
				"in.json:2: /services/0/status: this must be active, inactive, defunct or temporarily closed",
			},
		},
		"a service without an organization": {`[{"id": "s", "status": "active", ` + known + `}]`, []string{"in.json:1: /0/organization_id: this is required"}},
		"a capacity": {
			`[{"id": "s", "status": "active", "organization_id": "o", "service_areas": [{"extent": "PH"}], ` + known + `, "capacities": [{"available": 1, "updated": "today"}, {}]}]`,
			[]string{
				"in.json:1: /0/capacities/0/updated: this must be a time with its zone (RFC 3339)",
				"in.json:1: /0/capacities/1/available: this is required",
				"in.json:1: /0/capacities/1/updated: this must be a time with its zone (RFC 3339)",
			},
		},
	} {
		got := refusals(readJSON(t, tc.text))
		if slices.Sort(got); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// A text that is no directory is told with the line where it ends to be one.
func TestNotJSON(t *testing.T) {
	for text, want := range map[string]string{
		"":                           "in.json:1: this is not JSON: unexpected EOF",
		"[\n{\"id\": \"o\"":          "in.json:2: this is not JSON: unexpected EOF",
		"[\n\n}":                     "in.json:3: this is not JSON",
		"{}\n{}":                     "in.json:2: this is not JSON: something follows the end",
		`"o"`:                        "in.json: this is neither an object nor a list of them",
		strings.Repeat("[", 100_000): "in.json:1: this is not JSON: more than 32 objects are within each other",
	} {
		if _, err := ReadJSON("in.json", []byte(text), Options{}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

// A package of our own: rows that hang nowhere, that are too short, that come
// twice; a service of an organization that is told of elsewhere.
func TestPackage(t *testing.T) {
	files := fstest.MapFS{
		"datapackage.json":   {Data: []byte(`{"resources": [{"name": "organization", "path": "who.csv"}]}`)},
		"who.csv":            {Data: []byte("\ufeffid,name,description\no1,One,\"Two\nlines\"\no2\no1,Again,\no3,\xff,\n")},
		"services.csv":       {Data: []byte("id,organization_id,name,status\ns1,o1,First,active\ns2,elsewhere,Second,temporarily closed\n")},
		"service_areas.csv":  {Data: []byte("id,service_id,extent,extent_type\na1,s1,PH-00,ISO 3166-2\na2,s2,001,UN M49\na3,s9,PH,\n")},
		"attributes.csv":     {Data: []byte("id,link_id,taxonomy_term_id,link_entity\nb1,s1,t1,service\nb2,s2,t1,service\nb3,s9,t1,service\nb4,p1,t1,phone\n")},
		"taxonomy_terms.csv": {Data: []byte("id,code,name\nt1,medical,Medical\n")},
		"phones.csv":         {Data: []byte("id,number\np1,1\np2,2\n")},
	}
	d, err := ReadPackage(files, Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"attributes.csv:4: link_id: there is no such service in this package",
		"service_areas.csv:4: service_id: there is no such service in this package",
		"who.csv:4: (row): the row has 1 fields, the header 3",
		"who.csv:5: id: line 2 has the same",
		"who.csv:6: name: this is not UTF-8",
	}
	if got := refusals(d); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if d.LeftOut["phones"] != 2 || d.LeftOut["attributes of what is left out"] != 1 {
		t.Errorf("%v", d.LeftOut)
	}
	if len(d.Organisations) != 2 || d.Organisations[0].Description != "Two\nlines" || !d.Organisations[1].Reference {
		t.Fatalf("%+v", d.Organisations)
	}
	first, second := d.Organisations[0].Services[0], d.Organisations[1].Services[0]
	if !slices.Equal(first.Countries, []string{"PH"}) || !slices.Equal(first.Subdivisions, []string{"PH-00"}) || first.Line != 2 {
		t.Errorf("%+v", first)
	}
	if second.Countries != nil || second.Status != "temporarily_closed" || second.Line != 3 {
		t.Errorf("%+v", second)
	}
	for name, files := range map[string]fstest.MapFS{
		"who.csv:2: this is not CSV":                                    {"datapackage.json": files["datapackage.json"], "who.csv": {Data: []byte("id,name\no1,\"O")}},
		"services.csv:1: the table has no column id":                    {"services.csv": {Data: []byte("name\nS\n")}},
		"there is neither a table of organizations nor one of services": {"phones.csv": files["phones.csv"]},
	} {
		if _, err := ReadPackage(files, Options{}); err == nil || !strings.HasPrefix(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What is said in the standard's many ways is one thing here.
func TestSaid(t *testing.T) {
	d := readJSON(t, `{"contents": [{"id": "o", "name": " A  name\n", "website": "https://o.example",
		"organization_identifiers": [{"identifier_type": "type", "identifier": "health"}],
		"locations": [{"addresses": [{"address_1": "1 Street", "state_province": "KR-49", "country": "KR"}]}],
		"services": [
			{"id": "s1", "status": "active", "name": "Medical help", "attributes": [{"taxonomy_term": {"code": "x", "name": "food"}}, {"taxonomy_term": {"code": "medical"}}, {"taxonomy_term": {"code": "medical"}}],
				"schedules": [{"freq": "WEEKLY", "byday": "MO,TU", "opens_at": "09:00:00", "closes_at": "17:00:00"}, {"description": "Not on\nholidays"}]},
			{"id": "s2", "status": "active", "service_areas": [{"name": "MyCity", "extent": "{}", "extent_type": "geojson"}, {"extent": "PK", "extent_type": "country"}], `+known+`}
		]}]}`)
	if len(d.Bad) > 0 {
		t.Fatal(d.Bad)
	}
	o := d.Organisations[0]
	if o.Name != "A name" || o.Type != "health" || o.Website != "https://o.example" || o.Country != "KR" || o.Subdivision != "KR-49" {
		t.Errorf("%+v", o)
	}
	first, second := o.Services[0], o.Services[1]
	if !slices.Equal(first.Kinds, []string{"food", "medical"}) || first.Schedule != "weekly MO, TU 09:00 to 17:00; Not on holidays" || !slices.Equal(first.Countries, []string{"KR"}) {
		t.Errorf("%+v", first)
	}
	if !slices.Equal(second.Countries, []string{"PK"}) || d.LeftOut["service areas that no code of ISO 3166 tells"] != 1 {
		t.Errorf("%+v %v", second, d.LeftOut)
	}
}

// Of who keeps a safe house, the country alone is read, in whichever order it is
// told.
func TestSeatOfASafeHouse(t *testing.T) {
	seat := `"id": "o", "name": "O", "locations": [{"external_identifier": "PH-00", "external_identifier_type": "ISO 3166-2"}]`
	house := `"id": "s", "status": "active", "attributes": [{"taxonomy_term": {"code": "safe_house"}}]`
	for _, text := range []string{`{` + seat + `, "services": [{` + house + `}]}`, `[{` + house + `, "organization": {` + seat + `}}]`} {
		if o := readJSON(t, text).Organisations[0]; o.Country != "PH" || o.Subdivision != "" || len(o.Services) != 1 {
			t.Errorf("%+v", o)
		}
	}
}

// Whatever is read, nothing breaks, and what is taken has what it needs.
func FuzzReadJSON(f *testing.F) {
	for _, seed := range []string{
		`{}`, `[]`, `[[{"id": 1}]]`, `{"contents": []}`, `{"id": "o", "name": "O", "services": [{"id": "s", "status": "active", ` + known + `, "service_areas": [{"extent": "PH"}]}]}`,
		`{"id": null, "services": {"id": true}}`, `{"organization": [], "id": "s"}`, `{"id": "s", "organization": {"organization": {}}, "capacities": [{"available": 1e300, "updated": "2024-09-25T14:23:06.5+01:00"}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := ReadJSON("in.json", text, Options{Country: "PH"})
		if err == nil {
			whole(t, d)
		}
	})
}

// FuzzReadPackage is FuzzReadJSON of the other form.
func FuzzReadPackage(f *testing.F) {
	f.Add([]byte("id,name\no,O\n"), []byte("id,organization_id,status\ns,o,active\n"), []byte("id,link_id,taxonomy_term_id,link_entity\na,s,t,service\na,t,t,taxonomy_term\n"), []byte("id,code\nt,food\n"))
	f.Add([]byte("id\n"), []byte("id,organization_id\n,\n"), []byte("\"\n"), []byte(",id\n"))
	f.Fuzz(func(t *testing.T, organizations, services, attributes, terms []byte) {
		d, err := ReadPackage(fstest.MapFS{
			"organizations.csv": {Data: organizations}, "services.csv": {Data: services}, "attributes.csv": {Data: attributes}, "taxonomy_terms.csv": {Data: terms},
		}, Options{Country: "PH"})
		if err == nil {
			whole(t, d)
		}
	})
}

func whole(t *testing.T, d Directory) {
	t.Helper()
	for _, o := range d.Organisations {
		if o.ID == "" || o.Name == "" && !o.Reference || o.File == "" || o.Line < 1 {
			t.Errorf("%+v", o)
		}
		for _, s := range o.Services {
			if s.ID == "" || len(s.Kinds) == 0 || s.Status == "" || s.Line < 1 {
				t.Errorf("%+v", s)
			}
		}
	}
}
