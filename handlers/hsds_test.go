package handlers

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/hsds"
)

// Other directories read this one without a token, as the standard has it.
func TestHSDS(t *testing.T) {
	t.Parallel()
	s := start(t)
	anyone := s.as("nobody")
	if got := anyone.do("GET", "/hsds/", "").want(200); got.str("version") != "3.1" || got.str("openapi_url") != "/openapi.yaml" {
		t.Errorf("%s", got.body)
	}
	list := anyone.do("GET", "/hsds/services", "").want(200)
	total := int(list.at("total_items").(float64))
	if total != len(s.services) || list.at("size") != float64(total) || list.at("first_page") != true || list.at("last_page") != true || list.at("empty") != false {
		t.Errorf("%d services are there: %s", len(s.services), list.body)
	}
	if list.header.Get("Cache-Control") != "public, max-age=300" {
		t.Errorf("%v", list.header)
	}
	iom := anyone.do("GET", "/hsds/organizations/"+s.iom.ID.String(), "").want(200)
	if iom.str("name") != "IOM" || len(iom.list("services")) == 0 {
		t.Errorf("%s", iom.body)
	}
	service := anyone.do("GET", "/hsds/services/"+s.services["iom/child_protection"].ID.String(), "").want(200)
	if service.str("organization", "id") != s.iom.ID.String() || service.str("attributes", 0, "taxonomy_term", "code") != "child_protection" || service.str("name") != "Child protection" {
		t.Errorf("%s", service.body)
	}
	for _, path := range []string{"/hsds/", "/hsds/organizations", "/hsds/organizations/" + s.iom.ID.String(), "/hsds/services", "/hsds/services/" + service.str("id")} {
		tag := anyone.do("GET", path, "").want(200).header.Get("ETag")
		anyone.do("GET", path, "", `If-None-Match: "x", W/`+tag).want(304)
		anyone.do("GET", path, "", `If-None-Match: "x"`).want(200)
		anyone.do("GET", path+"?nope=1", "").want(400, "malformed")
	}
	for _, path := range []string{"/hsds/organizations/x", "/hsds/organizations/" + uuid.NewString(), "/hsds/services/" + uuid.NewString()} {
		anyone.do("GET", path, "").want(404, "not_found")
	}
}

// Pages are numbered, have a bound, and together are the whole list once.
func TestHSDSPages(t *testing.T) {
	t.Parallel()
	s := start(t)
	anyone := s.as("nobody")
	var seen []string
	for n := 1; ; n++ {
		page := anyone.do("GET", fmt.Sprintf("/hsds/services?per_page=2&page=%d", n), "").want(200)
		for i := range page.list("contents") {
			seen = append(seen, page.str("contents", i, "id"))
		}
		if page.at("page_number") != float64(n) || page.at("first_page") != (n == 1) || page.at("total_pages") != float64((len(s.services)+1)/2) {
			t.Fatalf("%s", page.body)
		}
		if page.at("last_page") == true {
			break
		}
	}
	if !slices.IsSorted(seen) || len(slices.Compact(slices.Clone(seen))) != len(s.services) {
		t.Errorf("%d of %d: %v", len(seen), len(s.services), seen)
	}
	if beyond := anyone.do("GET", "/hsds/organizations?page=99999", "").want(200); beyond.at("empty") != true || beyond.at("last_page") != true {
		t.Errorf("%s", beyond.body)
	}
	for _, wrong := range []string{"page=0", "page=100001", "per_page=201", "per_page=x", "organization_id=1", "search=%0A"} {
		anyone.do("GET", "/hsds/services?"+wrong, "").want(400, "malformed")
	}
	of := anyone.do("GET", "/hsds/services?organization_id="+s.iom.ID.String(), "").want(200)
	for i := range of.list("contents") {
		if of.str("contents", i, "organization", "name") != "IOM" {
			t.Errorf("%s", of.body)
		}
	}
	if found := anyone.do("GET", "/hsds/services?search=iom", "").want(200); found.at("total_items") != of.at("total_items") || of.at("empty") == true {
		t.Errorf("%s", found.body)
	}
	if found := anyone.do("GET", "/hsds/organizations?search=io", "").want(200); found.at("total_items") != 1.0 {
		t.Errorf("%s", found.body)
	}
}

// What one network publishes, another takes in: a page as it was read, and the
// same as is exported.
func TestHSDSIsReadAgain(t *testing.T) {
	t.Parallel()
	s := start(t)
	page := s.as("nobody").do("GET", "/hsds/services?per_page=200", "").want(200)
	read, err := hsds.ReadJSON("page.json", page.body, hsds.Options{})
	s.must(err)
	written, err := s.desk.ExportDirectory(t.Context(), false)
	s.must(err)
	services := map[string]string{}
	told := func(o hsds.Organisation) string {
		return fmt.Sprint(o.ID, o.Name, o.Description, o.Type, o.Website, o.Country, o.Subdivision)
	}
	one := func(o hsds.Organisation, x hsds.Service) string {
		return fmt.Sprint(told(o), x.ID, x.Name, x.Kinds, x.Status, x.Countries, x.Subdivisions, x.Languages, x.Schedule)
	}
	for _, o := range written {
		for _, x := range o.Services {
			services[x.ID] = one(o, x)
		}
	}
	for _, o := range read.Organisations {
		for _, x := range o.Services {
			if services[x.ID] != one(o, x) {
				t.Errorf("%s\nwant\n%s", one(o, x), services[x.ID])
			}
			delete(services, x.ID)
		}
	}
	if len(read.Bad) > 0 || len(services) > 0 {
		t.Errorf("%v %v", read.Bad, services)
	}
}

// What is not public shows in nothing: who only refers, who is retired, how many
// places are left, when that changed, and where a safe house is.
func TestHSDSTellsNothingElse(t *testing.T) {
	t.Parallel()
	s := start(t)
	anyone, admin := s.as("nobody"), s.as("admin")
	house := admin.create("/v1/organisations", `{"name": "A house", "type": "ngo", "description": "canary", "country": "PH", "subdivision": "PH-CAN", "external_id": "canary"}`)
	services := house.header.Get("Location") + "/services"
	beds := admin.create(services, `{"kind": "safe_house", "name": "canary", "description": "canary", "status": "active", "countries": ["PH"], "subdivisions": ["PH-CAN"], "schedule": "canary", "external_id": "canary", "capacity": {"available": 3, "maximum": 4711}}`)
	path := "/hsds/services/" + beds.str("id")
	tags := map[string]string{}
	look := func() {
		for _, path := range []string{path, "/hsds/services", "/hsds/services?search=house", "/hsds/organizations", "/hsds/organizations/" + house.str("id")} {
			got := anyone.do("GET", path, "").want(200)
			for _, told := range []string{"canary", "PH-CAN", "4711", "capacit", "updated", "modified", "version"} {
				if strings.Contains(string(got.body), told) {
					t.Errorf("%s tells %q: %s", path, told, got.body)
				}
			}
			if was := tags[path]; was != "" && was != got.header.Get("ETag") {
				t.Errorf("%s has another ETag, though nothing public changed", path)
			}
			tags[path] = got.header.Get("ETag")
		}
	}
	look()
	s.now.advance(time.Minute)
	admin.do("PATCH", services+"/"+beds.str("id"), `{"capacity": {"available": 2}, "description": "another canary"}`, "If-Match: *").want(200)
	look()
	if got := anyone.do("GET", "/hsds/services?search=canary", "").want(200); got.at("empty") != true {
		t.Errorf("the name of a safe house can be searched: %s", got.body)
	}
	for _, who := range []string{"/hsds/organizations/" + s.ngo.ID.String(), "/hsds/organizations/" + s.bar.ID.String()} { // who only refer, and ask
		anyone.do("GET", who, "").want(404, "not_found")
	}
	admin.do("DELETE", services+"/"+beds.str("id"), "", "If-Match: *").want(204)
	anyone.do("GET", path, "").want(404, "not_found")
	anyone.do("GET", "/hsds/organizations/"+house.str("id"), "").want(404, "not_found")
	food := admin.create(services, `{"kind": "food", "status": "active", "capacity": {"available": 0, "maximum": 0}}`)
	if got := anyone.do("GET", "/hsds/organizations/"+house.str("id"), "").want(200); strings.Contains(string(got.body), "canary") || strings.Contains(string(got.body), "PH-CAN") {
		t.Errorf("who kept a safe house is told of: %s", got.body)
	}
	admin.do("DELETE", house.header.Get("Location"), "", "If-Match: *").want(204)
	anyone.do("GET", "/hsds/services/"+food.str("id"), "").want(404, "not_found")
}
