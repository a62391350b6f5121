package hsds

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

var serviceMembers = []string{
	"id", "organization_id", "organization", "name", "description", "status", "minimum_age", "maximum_age",
	"service_areas", "languages", "schedules", "capacities", "attributes",
}

// statuses turn the standard's spelling into a code of ours.
var statuses = map[string]string{"active": "active", "inactive": "inactive", "defunct": "defunct", "temporarily closed": "temporarily_closed"}

// service takes a service of an organisation. A row beneath it that can't be
// taken is refused alone; what is wrong with the service refuses all of it.
func (d *reading) service(r *record, of int) {
	d.leaveOut(r, serviceMembers...)
	refused := len(d.Bad)
	s := Service{
		Place: r.Place, ID: r.id(), Name: line(r.values["name"]), Description: text(r.values["description"]),
		Status: statuses[r.values["status"]], MinimumAge: d.whole(r, "minimum_age"), MaximumAge: d.whole(r, "maximum_age"),
	}
	if s.ID == "" {
		d.refuse(r, "id", "this is required")
	} else if line, twice := d.services[s.ID]; twice {
		d.refuse(r, "id", fmt.Sprintf("the service at line %d has the same", line))
	}
	if s.Status == "" {
		d.refuse(r, "status", "this must be active, inactive, defunct or temporarily closed")
	}
	if s.Kinds, s.Genders = d.terms(r); len(s.Kinds) == 0 {
		d.refuse(r, "attributes", "no term of it is, or is mapped to, a code of the vocabularies services and topics")
	}
	if !d.where(r, &s, d.Organisations[of]) {
		d.refuse(r, "service_areas", "where it serves is told by no code of ISO 3166, and neither its organization nor --country says a country")
	}
	if len(d.Bad) > refused {
		return
	}
	if len(s.Kinds) == 1 && s.Name == label(s.Kinds[0]) {
		s.Name = "" // what Onward itself calls a service without a name
	}
	s.Languages, s.Schedule, s.Capacity = d.languages(r), d.schedule(r), d.capacity(r)
	d.services[s.ID] = r.Line
	d.Organisations[of].Services = append(d.Organisations[of].Services, s)
}

// terms finds the kinds and the genders that a service's attributes say.
func (d *reading) terms(r *record) (kinds, genders []string) {
	for _, a := range r.below["attributes"] {
		term := a.first("taxonomy_term")
		if term.values["taxonomy"] == taxonomyPrefix+"gender" {
			genders = once(genders, term.values["code"])
			continue
		}
		found := ""
		for _, said := range []string{term.values["code"], term.values["name"]} {
			if mapped, ok := d.Kinds[said]; ok && found == "" {
				found = mapped
			} else if slices.Contains(d.kinds, said) && found == "" {
				found = said
			}
		}
		if found == "" {
			d.LeftOut["terms of other vocabularies"]++
		}
		kinds = once(kinds, found)
	}
	if len(kinds) == 0 {
		kinds = once(kinds, d.Kinds[r.id()])
	}
	slices.Sort(kinds)
	return kinds, genders
}

// once adds a code to a list unless it is there, or is none.
func once(list []string, code string) []string {
	if code == "" || slices.Contains(list, code) {
		return list
	}
	return append(list, code)
}

// where finds the countries and subdivisions that a service serves. Nothing
// understood is not everywhere: then it is where its organisation sits.
func (d *reading) where(r *record, s *Service, of Organisation) bool {
	world := false
	for _, area := range r.below["service_areas"] {
		kind := strings.ToLower(area.values["extent_type"])
		code := area.values["extent"]
		if code == "" {
			code = area.values["name"]
		}
		known := kind == "" || strings.Contains(kind, "iso") || strings.Contains(kind, "country") || strings.Contains(kind, "subdivision")
		switch {
		case code == worldCode:
			world = true
		case known && countryShape.MatchString(code):
			s.Countries = once(s.Countries, code)
		case known && subdivisionShape.MatchString(code):
			s.Subdivisions = once(s.Subdivisions, code)
		default:
			d.LeftOut["service areas that no code of ISO 3166 tells"]++
		}
	}
	if world {
		s.Countries = nil
		return true
	}
	for _, part := range s.Subdivisions {
		s.Countries = once(s.Countries, part[:2])
	}
	if len(s.Countries) > 0 {
		return true
	}
	s.Countries = once(nil, cmp.Or(of.Country, d.Country))
	return len(s.Countries) > 0
}

func (d *reading) languages(r *record) (codes []string) {
	for _, l := range r.below["languages"] {
		if l.values["code"] == "" {
			d.LeftOut["languages without a code"]++
		}
		codes = once(codes, l.values["code"])
	}
	return codes
}

// schedule says in one line when a service is there.
func (d *reading) schedule(r *record) string {
	var all []string
	for _, s := range r.below["schedules"] {
		said := line(s.values["description"])
		if said == "" {
			days := strings.TrimSpace(strings.ToLower(s.values["freq"]) + " " + strings.ReplaceAll(s.values["byday"], ",", ", "))
			said = strings.TrimSpace(days + " " + hours(s.values["opens_at"], s.values["closes_at"]))
		}
		all = once(all, said)
	}
	return strings.Join(all, "; ")
}

// hours are the times of a day, without seconds and zones.
func hours(opens, closes string) string {
	if opens == "" || closes == "" {
		return opens + closes
	}
	return opens[:min(5, len(opens))] + " to " + closes[:min(5, len(closes))]
}

// capacity is the first that can be: a service has one in Onward.
func (d *reading) capacity(r *record) *Capacity {
	var found *Capacity
	for _, c := range r.below["capacities"] {
		if found != nil {
			d.LeftOut["further capacities of a service"]++
			continue
		}
		refused := len(d.Bad)
		available, maximum := d.whole(c, "available"), d.whole(c, "maximum")
		updated, err := time.Parse(time.RFC3339, c.values["updated"])
		if err != nil {
			d.refuse(c, "updated", "this must be a time with its zone (RFC 3339)")
		}
		if c.values["available"] == "" {
			d.refuse(c, "available", "this is required")
		}
		if maximum == nil {
			maximum = available
		}
		if available != nil && maximum != nil && *available > *maximum {
			d.refuse(c, "available", fmt.Sprintf("this is more than the maximum, %d", *maximum))
		}
		if len(d.Bad) == refused {
			found = &Capacity{*available, *maximum, updated.UTC().Truncate(time.Microsecond)}
		}
	}
	return found
}

// whole reads a whole number, nil where there is none.
func (d *reading) whole(r *record, field string) *int {
	said := r.values[field]
	if said == "" {
		return nil
	}
	number, err := strconv.ParseFloat(said, 64)
	if err != nil || number != math.Trunc(number) || number < 0 || number > math.MaxInt32 {
		d.refuse(r, field, "this must be a whole number")
		return nil
	}
	n := int(number)
	return &n
}
