package hsds

// record is one object of the standard, from whichever form it was read: its
// values as text, and the objects beneath it by the names that JSON gives them.
type record struct {
	Place
	pointer string // within a JSON text
	values  map[string]string
	below   map[string][]*record
}

func (r *record) id() string { return r.values["id"] }

// first is the first object of a name beneath, or one without anything.
func (r *record) first(name string) *record {
	if all := r.below[name]; len(all) > 0 {
		return all[0]
	}
	return &record{Place: r.Place}
}

// table is one of the standard's, in its tabular form.
type table struct {
	name    string // the resource's
	file    string // where no datapackage.json says otherwise
	of, key string // the table whose rows it hangs from, and its column that says from which
	as      string // what JSON calls these rows there
	fields  []string
}

// tables are those that Onward reads and writes, each after the one that it
// hangs from. The order and the names are the standard's.
var tables = []table{
	{name: "organization", file: "organizations.csv", fields: []string{"id", "name", "description", "website"}},
	{
		name: "service", file: "services.csv", of: "organization", key: "organization_id", as: "services",
		fields: []string{"id", "organization_id", "name", "description", "status", "minimum_age", "maximum_age"},
	},
	{
		name: "location", file: "locations.csv", of: "organization", key: "organization_id", as: "locations",
		fields: []string{"id", "location_type", "organization_id", "external_identifier", "external_identifier_type"},
	},
	{name: "address", file: "addresses.csv", of: "location", key: "location_id", as: "addresses"}, // read for its country, never written
	{name: "organization_identifier", file: "organization_identifiers.csv", of: "organization", key: "organization_id", as: "organization_identifiers"},
	{
		name: "service_area", file: "service_areas.csv", of: "service", key: "service_id", as: "service_areas",
		fields: []string{"id", "service_id", "name", "extent", "extent_type"},
	},
	{name: "language", file: "languages.csv", of: "service", key: "service_id", as: "languages", fields: []string{"id", "service_id", "code"}},
	{name: "schedule", file: "schedules.csv", of: "service", key: "service_id", as: "schedules", fields: []string{"id", "service_id", "description"}},
	{
		name: "service_capacity", file: "service_capacity.csv", of: "service", key: "service_id", as: "capacities",
		fields: []string{"id", "service_id", "unit_id", "available", "maximum", "updated"},
	},
	{name: "attribute", file: "attributes.csv", key: "link_id", as: "attributes", fields: []string{"id", "link_id", "taxonomy_term_id", "link_entity"}},
	{
		name: "taxonomy_term", file: "taxonomy_terms.csv", as: "taxonomy_term",
		fields: []string{"id", "code", "name", "description", "taxonomy", "language", "taxonomy_id"},
	},
	{name: "taxonomy", file: "taxonomies.csv", as: "taxonomy_detail", fields: []string{"id", "name", "description"}},
	{name: "unit", file: "units.csv", as: "unit", fields: []string{"id", "name"}},
}

// pointed are the columns that point at one row of another table, by what JSON
// calls that row there.
var pointed = map[string]struct{ column, table string }{
	"taxonomy_term":   {"taxonomy_term_id", "taxonomy_term"},
	"taxonomy_detail": {"taxonomy_id", "taxonomy"},
	"unit":            {"unit_id", "unit"},
}

func tableNamed(name string) (table, bool) {
	for _, t := range tables {
		if t.name == name {
			return t, true
		}
	}
	return table{}, false
}
