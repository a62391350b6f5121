package hsds

import (
	"cmp"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"onward/workflow"
)

// Options say what a directory of others leaves open.
type Options struct {
	Kinds   map[string]string // a kind for a term, by its code or name, or for a service, by its id
	Country string            // that a service serves which says none, and whose organization says none
}

// reading is a directory that is being made of records.
type reading struct {
	Options
	Directory
	kinds, types, genders []string
	at                    map[string]int // organisations, by id
	services              map[string]int // lines, by id
}

// ReadJSON reads an organization or a service, a list of them, or a page of the
// standard's API. The error says, with its line, why it is no JSON; what is
// wrong with a row is in the directory.
func ReadJSON(file string, text []byte, o Options) (Directory, error) {
	records, err := parse(file, text)
	if err != nil {
		return Directory{}, err
	}
	return read(records, o, nil, map[string]int{}), nil
}

// ReadPackage reads a tabular data package: CSV files, and datapackage.json
// where they have other names than the standard's. Errors: as of ReadJSON, of
// CSV.
func ReadPackage(files fs.FS, o Options) (Directory, error) {
	p, records, err := unpack(files)
	if err != nil {
		return Directory{}, err
	}
	return read(records, o, p.bad, p.out), nil
}

func read(records []*record, o Options, bad []Bad, out map[string]int) Directory {
	d := reading{
		Options: o, Directory: Directory{Bad: bad, LeftOut: out}, at: map[string]int{}, services: map[string]int{},
		kinds: slices.Concat(workflow.Codes("services"), workflow.Codes("topics")), types: workflow.Codes("organisation_type"), genders: workflow.Codes("gender"),
	}
	for _, r := range records {
		if isService(r) {
			d.alone(r)
			continue
		}
		if _, twice := d.at[r.id()]; twice {
			d.refuse(r, "id", "another organization has the same")
			continue
		}
		d.organisation(r)
	}
	for i, o := range d.Organisations {
		if slices.ContainsFunc(o.Services, Service.guarded) {
			d.Organisations[i].Subdivision = "" // of who keeps a safe house, the country alone
		}
	}
	Sort(d.Bad)
	return d.Directory
}

// isService tells what stands at the top: a service names its organization, and
// has a status.
func isService(r *record) bool {
	return r.has("organization") || r.values["organization_id"] != "" || r.values["status"] != "" || r.has("service_areas")
}

// alone takes a service that is not within its organization, which may be
// within it, or be told by its id.
func (d *reading) alone(r *record) {
	of := r.first("organization")
	id := cmp.Or(of.id(), r.values["organization_id"])
	if id == "" {
		d.refuse(r, "organization_id", "this is required")
		return
	}
	at, known := d.at[id]
	switch {
	case known:
	case of.values["name"] != "":
		if at, known = d.organisation(of); !known {
			return
		}
	default:
		at = d.put(Organisation{Place: r.Place, ID: id, Reference: true})
	}
	d.service(r, at)
}

func (d *reading) put(o Organisation) int {
	d.Organisations = append(d.Organisations, o)
	d.at[o.ID] = len(d.Organisations) - 1
	return len(d.Organisations) - 1
}

var organisationMembers = []string{"id", "name", "description", "website", "services", "locations", "attributes", "organization_identifiers"}

// organisation takes an organization and what it offers.
func (d *reading) organisation(r *record) (at int, ok bool) {
	d.leaveOut(r, organisationMembers...)
	o := Organisation{Place: r.Place, ID: r.id(), Name: line(r.values["name"]), Description: text(r.values["description"]), Type: d.typeOf(r)}
	for _, needed := range []struct{ field, value string }{{"id", o.ID}, {"name", o.Name}} {
		if needed.value == "" {
			d.refuse(r, needed.field, "this is required"+d.lost(r))
			return 0, false
		}
	}
	if site := r.values["website"]; strings.HasPrefix(site, "https://") {
		o.Website = site
	} else if site != "" {
		d.LeftOut["websites that are not https"]++
	}
	o.Country, o.Subdivision = d.seat(r)
	at = d.put(o)
	for _, s := range r.below["services"] {
		d.service(s, at)
	}
	return at, true
}

// lost says how many services go with an organization that is refused.
func (d *reading) lost(r *record) string {
	if n := len(r.below["services"]); n > 0 {
		return fmt.Sprintf("; its services (%d) are not read", n)
	}
	return ""
}

// typeOf finds what an organization is, by an attribute or by an identifier;
// empty where neither says it.
func (d *reading) typeOf(r *record) string {
	for _, a := range r.below["attributes"] {
		if code := a.first("taxonomy_term").values["code"]; slices.Contains(d.types, code) {
			return code
		}
	}
	for _, i := range r.below["organization_identifiers"] {
		if code := i.values["identifier"]; slices.Contains(d.types, code) {
			return code
		}
	}
	return ""
}

var (
	countryShape     = regexp.MustCompile(`^[A-Z]{2}$`)
	subdivisionShape = regexp.MustCompile(`^[A-Z]{2}-[A-Z0-9]{1,3}$`)
)

// seat is the country of an organization and the part of it, from its first
// location that says so by a code. Where in it, nobody reads.
func (d *reading) seat(r *record) (country, subdivision string) {
	for _, l := range r.below["locations"] {
		d.leaveOut(l, "id", "location_type", "organization_id", "external_identifier", "external_identifier_type", "addresses", "latitude", "longitude")
		if l.values["latitude"] != "" || l.values["longitude"] != "" {
			d.LeftOut["coordinates"]++
		}
		codes := []string{}
		if strings.HasPrefix(l.values["external_identifier_type"], isoCodes) {
			codes = append(codes, l.values["external_identifier"])
		}
		for _, a := range l.below["addresses"] {
			d.LeftOut["addresses"]++
			codes = append(codes, a.values["state_province"], a.values["region"], a.values["country"])
		}
		for _, code := range codes {
			switch {
			case country != "":
			case subdivisionShape.MatchString(code):
				country, subdivision = code[:2], code
			case countryShape.MatchString(code):
				country = code
			}
		}
	}
	return country, subdivision
}

// leaveOut counts what is there and not read.
func (d *reading) leaveOut(r *record, read ...string) {
	for name, all := range r.below {
		if !slices.Contains(read, name) && len(all) > 0 {
			d.LeftOut[name] += len(all)
		}
	}
	for name := range r.values {
		if !slices.Contains(read, name) {
			d.LeftOut["other values"]++
		}
	}
}

func (d *reading) refuse(r *record, field, reason string) {
	if r.pointer != "" {
		field = r.pointer + "/" + field
	}
	d.Bad = append(d.Bad, Bad{r.Place, field, reason})
}

// line is text in one line.
func line(s string) string { return strings.Join(strings.Fields(s), " ") }

// text is text with line feeds alone.
func text(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }
