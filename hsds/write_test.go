package hsds

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pb33f/jsonschema/v6"
	"pgregory.net/rapid"

	"onward/workflow"
)

// some draws a few codes, each once, in order.
func some(t *rapid.T, label string, codes ...string) []string {
	all := rapid.SliceOfNDistinct(rapid.SampledFrom(codes), 0, 3, rapid.ID[string]).Draw(t, label)
	slices.Sort(all)
	if len(all) == 0 {
		return nil
	}
	return all
}

func aText(t *rapid.T, label string) string {
	return rapid.SampledFrom([]string{"", "Words", `"Quoted", and, commas`, "Ünïcode 한국어", "a\nb", "<p>&amp;</p>", "-1", "0012"}).Draw(t, label)
}

// anOrganisation draws one as Onward has them.
func anOrganisation(t *rapid.T, n int) Organisation {
	o := Organisation{
		ID: idOf("o", fmt.Sprint(n)), Name: fmt.Sprint("Organisation ", n), Description: aText(t, "description"),
		Type: rapid.SampledFrom(workflow.Codes("organisation_type")).Draw(t, "type"), Website: rapid.SampledFrom([]string{"", "https://o.example"}).Draw(t, "website"),
		Country: rapid.SampledFrom([]string{"", "PH", "KR"}).Draw(t, "country"),
	}
	if o.Country == "PH" {
		o.Subdivision = rapid.SampledFrom([]string{"", "PH-00"}).Draw(t, "subdivision")
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "services") {
		s := Service{
			ID: idOf(o.ID, "s", fmt.Sprint(i)), Name: line(aText(t, "name")), Description: aText(t, "description"), Schedule: line(aText(t, "schedule")),
			Kinds:     []string{rapid.SampledFrom(slices.Concat(workflow.Codes("services"), workflow.Codes("topics"))).Draw(t, "kind")},
			Status:    rapid.SampledFrom(workflow.Codes("service_status")).Draw(t, "status"),
			Countries: some(t, "countries", "KR", "PH", "PK", "ZA"), Languages: some(t, "languages", "en", "tl", "pt-BR"), Genders: some(t, "genders", workflow.Codes("gender")...),
		}
		if slices.Contains(s.Countries, "PH") {
			s.Subdivisions = some(t, "subdivisions", "PH-00", "PH-ABR")
		}
		if rapid.Bool().Draw(t, "age") {
			age := rapid.IntRange(0, 120).Draw(t, "minimum")
			s.MinimumAge = &age
		}
		if rapid.Bool().Draw(t, "counted") {
			s.Capacity = &Capacity{Available: 1, Maximum: 3, Updated: time.Date(2012, 3, 29, 9, 0, 0, 123000, time.UTC)}
		}
		o.Services = append(o.Services, s)
	}
	return o
}

// What is written and read again is what it was, in both forms; and what is
// published of it is, too.
func TestWrittenAndReadAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all, public []Organisation
		for n := range rapid.IntRange(1, 3).Draw(t, "organisations") {
			o := anOrganisation(t, n)
			if slices.ContainsFunc(o.Services, Service.guarded) {
				o.Subdivision = "" // as it is never read
			}
			all, public = append(all, o), append(public, Public(o))
		}
		for _, list := range [][]Organisation{all, public} {
			again(t, list)
		}
	})
}

func again(t *rapid.T, all []Organisation) {
	text, err := JSON(all)
	if err != nil {
		t.Fatal(err)
	}
	fromJSON, err := ReadJSON("x", text, Options{})
	if err != nil {
		t.Fatal(err)
	}
	files, err := Package(all)
	if err != nil {
		t.Fatal(err)
	}
	folder := fstest.MapFS{}
	for name, data := range files {
		folder[name] = &fstest.MapFile{Data: data}
	}
	fromCSV, err := ReadPackage(folder, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for form, d := range map[string]Directory{"JSON": fromJSON, "CSV": fromCSV} {
		if len(d.Bad) > 0 || !reflect.DeepEqual(placeless(d.Organisations), all) {
			t.Fatalf("%s: %v\n%+v\nwant\n%+v", form, d.Bad, placeless(d.Organisations), all)
		}
	}
}

func placeless(all []Organisation) []Organisation {
	for i := range all {
		all[i].Place = Place{}
		for j := range all[i].Services {
			s := &all[i].Services[j]
			s.Place = Place{}
			slices.Sort(s.Genders)
		}
	}
	return all
}

func compiled(t *testing.T, file, at string) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile("testdata/open-referral/schema/" + file)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(file, doc); err != nil {
		t.Fatal(err)
	}
	return c.MustCompile(file + at)
}

func holds(t *testing.T, s *jsonschema.Schema, v any) {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(doc); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
}

// What is written holds to the standard's own schemas, with its formats.
func TestStandardsSchemas(t *testing.T) {
	service, organization := compiled(t, "service_with_definitions.json", ""), compiled(t, "service_with_definitions.json", "#/definitions/organization")
	services, organizations := compiled(t, "service_list.json", ""), compiled(t, "organization_list.json", "")
	rapid.Check(t, func(rt *rapid.T) {
		o := anOrganisation(rt, 1)
		out := toWrite(o)
		for _, shown := range []any{out, Show(o), ShowWhole(o)} {
			holds(t, organization, shown)
			holds(t, organizations, shown)
		}
		for i, s := range o.Services {
			for _, shown := range []any{out.Services[i], ShowService(s, o)} {
				holds(t, service, shown)
				holds(t, services, shown)
			}
		}
		if t.Failed() {
			rt.FailNow()
		}
	})
	if service.Validate(map[string]any{"id": "no uuid"}) == nil {
		t.Error("the schema takes anything")
	}
}

// Of a safe house, nothing is published that narrows down where it is; of
// nobody, how full a service is.
func TestPublic(t *testing.T) {
	o := Public(Organisation{
		ID: "o", Name: "O", Description: "secret", Country: "PH", Subdivision: "PH-00", Services: []Service{
			{ID: "s", Name: "secret", Description: "secret", Schedule: "secret", Kinds: []string{"safe_house"}, Countries: []string{"PH"}, Subdivisions: []string{"PH-00"}, Capacity: &Capacity{Available: 77}},
			{ID: "t", Name: "Food", Kinds: []string{"food"}, Countries: []string{"PH"}, Subdivisions: []string{"PH-05"}, Capacity: &Capacity{Available: 77}},
		},
	})
	text, err := json.Marshal(toWrite(o))
	if err != nil {
		t.Fatal(err)
	}
	for _, told := range []string{"secret", "PH-00", "available", "capacities"} {
		if strings.Contains(string(text), told) {
			t.Errorf("%q is published: %s", told, text)
		}
	}
	for _, told := range []string{`"Food"`, "PH-05", "safe_house"} {
		if !strings.Contains(string(text), told) {
			t.Errorf("%q is not published: %s", told, text)
		}
	}
	if shown := Show(Public(Organisation{ID: "o", Name: "O", Description: "secret", Country: "PH", Subdivision: "PH-00", Guarded: true})); shown.Description != "" || shown.Locations[0].Identifier != "PH" {
		t.Errorf("%+v", shown)
	}
}
