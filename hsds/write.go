package hsds

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"onward/api"
)

// What is written for another directory may say how many places a service has,
// which the shapes that anybody may read have no room for.
type (
	written struct {
		api.HSDSOrganization
		Services []counted `json:"services,omitzero"`
	}
	counted struct {
		api.HSDSOffer
		Capacities []places `json:"capacities,omitzero"`
	}
	places struct {
		ID        string    `json:"id"`
		Unit      unit      `json:"unit"`
		Available int       `json:"available"`
		Maximum   int       `json:"maximum"`
		Updated   time.Time `json:"updated"`
	}
	unit struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
)

func toWrite(o Organisation) written {
	out := written{HSDSOrganization: Show(o)}
	for _, s := range o.Services {
		one := counted{HSDSOffer: ShowOffer(s)}
		if c := s.Capacity; c != nil {
			place := unit{idOf("unit", "place"), "place"}
			one.Capacities = []places{{idOf(s.ID, "capacity"), place, c.Available, c.Maximum, c.Updated}}
		}
		out.Services = append(out.Services, one)
	}
	return out
}

// JSON writes organisations, with their services, as a list of the standard.
func JSON(all []Organisation) ([]byte, error) {
	shown := make([]written, len(all))
	for i, o := range all {
		shown[i] = toWrite(o)
	}
	text, err := json.MarshalIndent(shown, "", "  ")
	return append(text, '\n'), err
}

// Package writes organisations as a tabular data package: files by name, CSV
// and datapackage.json, which describes them (Frictionless, as HSDS profiles it).
func Package(all []Organisation) (map[string][]byte, error) {
	text, err := JSON(all)
	if err != nil {
		return nil, err
	}
	records, err := parse("", text) // the same shapes, as rows
	if err != nil {
		return nil, err
	}
	s := sheets{rows: map[string][][]string{}, done: map[string]bool{}}
	organizations, _ := tableNamed("organization")
	for _, r := range records {
		s.put(organizations, r, "", nil)
	}
	files := map[string][]byte{}
	if files[packageFile], err = describe(); err != nil {
		return nil, err
	}
	for _, t := range tables {
		if t.fields == nil {
			continue
		}
		var out bytes.Buffer
		if err := csv.NewWriter(&out).WriteAll(append([][]string{t.fields}, s.rows[t.name]...)); err != nil {
			return nil, fmt.Errorf("writing %s: %w", t.file, err)
		}
		files[t.file] = out.Bytes()
	}
	return files, nil
}

// sheets are the tables of a package that is being written.
type sheets struct {
	rows map[string][][]string
	done map[string]bool // what many point at, by id
}

// put writes a record as a row, those beneath it after it, and those that it
// points at once.
func (s *sheets) put(t table, r *record, parent string, of *record) {
	if of != nil && t.key != "" {
		r.values[t.key], r.values["link_entity"] = of.id(), parent
	}
	for _, below := range tables {
		hangs := below.of == t.name || below.name == "attribute" && t.name != "attribute"
		to, points := pointed[below.as]
		for _, child := range r.below[below.as] {
			switch {
			case points:
				r.values[to.column] = child.id()
				if !s.done[child.id()] {
					s.done[child.id()] = true
					s.put(below, child, "", nil)
				}
			case hangs:
				s.put(below, child, t.name, r)
			}
		}
	}
	row := make([]string, len(t.fields))
	for i, field := range t.fields {
		row[i] = r.values[field]
	}
	s.rows[t.name] = append(s.rows[t.name], row)
}

// The parts of datapackage.json.
type (
	described struct {
		Name      string     `json:"name"`
		Title     string     `json:"title"`
		Profile   string     `json:"profile"`
		Version   string     `json:"version"`
		Homepage  string     `json:"homepage"`
		Resources []resource `json:"resources"`
	}
	resource struct {
		Name      string `json:"name"`
		Path      string `json:"path"`
		Profile   string `json:"profile"`
		Format    string `json:"format"`
		Mediatype string `json:"mediatype"`
		Encoding  string `json:"encoding"`
		Schema    schema `json:"schema"`
	}
	schema struct {
		Fields      []field   `json:"fields"`
		PrimaryKey  string    `json:"primaryKey"`
		ForeignKeys []foreign `json:"foreignKeys,omitzero"`
	}
	field struct {
		Name   string `json:"name"`
		Type   string `json:"type"`
		Format string `json:"format,omitzero"`
	}
	foreign struct {
		Fields    string `json:"fields"`
		Reference struct {
			Resource string `json:"resource"`
			Fields   string `json:"fields"`
		} `json:"reference"`
	}
)

// describe writes datapackage.json.
func describe() ([]byte, error) {
	about := described{
		Name: "human_services_data", Title: "The partner directory of an Onward network", Profile: "tabular-data-package",
		Version: Version, Homepage: "https://docs.openreferral.org",
	}
	for _, t := range tables {
		if t.fields == nil {
			continue
		}
		r := resource{Name: t.name, Path: t.file, Profile: "tabular-data-resource", Format: "csv", Mediatype: "text/csv", Encoding: "utf-8"}
		r.Schema.PrimaryKey = "id"
		for _, name := range t.fields {
			f := field{Name: name, Type: "string"}
			switch {
			case slices.Contains([]string{"minimum_age", "maximum_age", "available", "maximum"}, name):
				f.Type = "number"
			case name == "updated":
				f.Type = "datetime"
			}
			r.Schema.Fields = append(r.Schema.Fields, f)
			if of := target(t, name); of != "" {
				key := foreign{Fields: name}
				key.Reference.Resource, key.Reference.Fields = of, "id"
				r.Schema.ForeignKeys = append(r.Schema.ForeignKeys, key)
			}
		}
		about.Resources = append(about.Resources, r)
	}
	text, err := json.MarshalIndent(about, "", "  ")
	return append(text, '\n'), err
}

// target is the table that a column of ids points into.
func target(t table, column string) string {
	if column == t.key {
		return t.of
	}
	for _, to := range pointed {
		if to.column == column {
			return to.table
		}
	}
	return ""
}
