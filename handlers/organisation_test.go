package handlers

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// same fails unless two answers have the same body but for some members.
func (x answered) same(y answered, but ...string) {
	x.t.Helper()
	a, _ := x.at().(map[string]any)
	b, _ := y.at().(map[string]any)
	for _, member := range but {
		delete(a, member)
		delete(b, member)
	}
	if fmt.Sprint(a) != fmt.Sprint(b) {
		x.t.Errorf("these differ:\n%s\n%s", x.body, y.body)
	}
}

// errs fails unless a problem names exactly these pointers and codes.
func (x answered) errs(status int, want ...string) {
	x.t.Helper()
	var got []string
	for i := range x.list("errors") {
		got = append(got, x.str("errors", i, "pointer")+" "+x.str("errors", i, "code"))
	}
	if slices.Sort(got); x.status != status || !slices.Equal(got, want) {
		x.t.Errorf("%d %s, want %d %v", x.status, x.body, status, want)
	}
}

// changes leads one thing through its versions: made, read, changed with the
// right If-Match alone, and read again.
func (s *service) changes(who, collection, body, patch string) (path string) {
	s.t.Helper()
	made := s.as(who).create(collection, body)
	path = made.header.Get("Location")
	if made.header.Get("ETag") != `"1"` || made.at("version") != 1.0 || path != collection+"/"+made.str("id") || made.str("created_at") != made.str("updated_at") {
		s.t.Errorf("%v %s", made.header, made.body)
	}
	read := s.as(who).do("GET", path, "").want(200)
	read.same(made)
	s.as(who).do("GET", path, "", `If-None-Match: "7", W/"1"`).want(304)
	s.as(who).do("GET", path, "", `If-None-Match: "2"`).want(200)
	s.as(who).do("PATCH", path, patch).want(428, "precondition_required")
	s.now.advance(time.Minute)
	changed := s.as(who).do("PATCH", path, patch, `If-Match: "1"`, "Content-Type: application/merge-patch+json").want(200)
	if changed.header.Get("ETag") != `"2"` || changed.at("version") != 2.0 || changed.str("created_at") != made.str("created_at") || changed.str("updated_at") <= made.str("updated_at") {
		s.t.Errorf("%v %s", changed.header, changed.body)
	}
	for _, stale := range []string{`"1"`, `W/"2"`, `"3"`, "2"} {
		s.as(who).do("PATCH", path, patch, "If-Match: "+stale).want(412, "stale")
		if strings.HasPrefix(path, "/v1/users") {
			continue // is not deleted
		}
		s.as(who).do("DELETE", path, "", "If-Match: "+stale).want(412, "stale")
	}
	s.as(who).do("GET", path, "", `If-None-Match: "1"`).want(200).same(changed)
	s.as(who).do("GET", path, "", `If-None-Match: "2"`).want(304)
	return path
}

func TestOrganisations(t *testing.T) {
	t.Parallel()
	s := start(t)
	admin := s.as("admin")
	path := s.changes("admin", "/v1/organisations", `{"name": "A clinic", "type": "health", "website": "https://clinic.example", "description": "Two\nlines"}`, `{"website": null, "description": "One line"}`)
	got := s.as("jurist").do("GET", path, "").want(200) // the directory is everyone's
	if got.at("active") != true || got.has("website") || got.str("description") != "One line" || got.str("type") != "health" {
		t.Errorf("%s", got.body)
	}
	if idle := admin.create("/v1/organisations", `{"name": "An idle one", "type": "ngo", "active": false}`); idle.at("active") != false {
		t.Errorf("%s", idle.body)
	}
	for name, body := range map[string]string{"create": `{"name": "A clinic", "type": "ngo"}`, "case": `{"name": "IOM", "type": "ngo"}`} {
		if got := admin.do("POST", "/v1/organisations", body).want(409, "name_taken"); !got.names("/name") {
			t.Errorf("%s: %s", name, got.body)
		}
	}
	if got := admin.do("PATCH", path, `{"name": "IOM", "type": "ngo"}`, `If-Match: "2"`).want(409, "name_taken"); !got.names("/name") {
		t.Errorf("%s", got.body)
	}
	admin.do("POST", "/v1/organisations", `{"name": " ", "type": "pub", "website": "http://x.example"}`).errs(422, "/name not_one_line", "/type unknown_code", "/website not_a_url")
	admin.do("PATCH", path, `{"name": null}`, "If-Match: *").errs(422, "/name required")
	if got := admin.do("GET", path, ""); got.at("version") != 2.0 || got.str("name") != "A clinic" {
		t.Errorf("what was refused was written: %s", got.body)
	}

	// Its seat is a country and a part of that; its id elsewhere is its own.
	seated := `{"name": "A seat", "type": "ngo", "country": "PH", "subdivision": "PH-00", "external_id": "hsds-1"}`
	if got := admin.create("/v1/organisations", seated); got.str("country") != "PH" || got.str("subdivision") != "PH-00" || got.str("external_id") != "hsds-1" {
		t.Errorf("%s", got.body)
	}
	for _, seat := range []string{`"country": "PK", "subdivision": "PH-00"`, `"subdivision": "PH-00"`} {
		admin.do("POST", "/v1/organisations", `{"name": "Another seat", "type": "ngo", `+seat+`}`).errs(422, "/subdivision not_of_country")
	}
	admin.do("POST", "/v1/organisations", `{"name": "x", "type": "ngo", "country": "XX", "subdivision": "Manila", "external_id": "\n"}`).
		errs(422, "/country not_a_country", "/external_id not_one_line", "/subdivision not_a_subdivision")
	if got := admin.do("PATCH", path, `{"external_id": "hsds-1"}`, "If-Match: *").want(409, "external_id_taken"); !got.names("/external_id") {
		t.Errorf("%s", got.body)
	}
	admin.do("POST", "/v1/organisations", `{"name": "None elsewhere", "type": "ngo"}`).want(201)

	// Deleted, it stays in the directory, and its people can do nothing, until it is there again.
	admin.do("DELETE", "/v1/organisations/"+s.bar.ID.String(), "", `If-Match: "1"`).want(204)
	if got := admin.do("GET", "/v1/organisations/"+s.bar.ID.String(), "").want(200); got.at("active") != false || got.at("version") != 2.0 {
		t.Errorf("%s", got.body)
	}
	for _, who := range []string{"jurist", "colleague"} {
		s.as(who).do("GET", "/v1/me", "").want(401, "unauthenticated")
	}
	s.as("network").do("PATCH", "/v1/organisations/"+s.bar.ID.String(), `{"active": true}`, `If-Match: "2"`).want(200)
	s.as("jurist").do("GET", "/v1/me", "").want(200)
}

func TestServices(t *testing.T) {
	t.Parallel()
	s := start(t)
	admin, of := s.as("admin"), "/v1/organisations/"+s.bystanders.ID.String()
	path := s.changes("admin", of+"/services", `{"kind": "medical", "status": "active", "countries": ["PH"], "minimum_age": 6, "capacity": {"available": 1, "maximum": 2}}`, `{"minimum_age": null, "status": "inactive"}`)
	got := s.as("jurist").do("GET", path, "").want(200)
	if got.has("minimum_age") || got.str("status") != "inactive" || fmt.Sprint(got.at("countries")) != "[PH]" || fmt.Sprint(got.at("languages")) != "[]" || got.str("organisation_id") != s.bystanders.ID.String() {
		t.Errorf("%s", got.body)
	}
	if got = admin.do("GET", path, "").want(200); got.str("capacity_updated") != got.str("created_at") {
		t.Errorf("what did not touch the capacity confirms it: %s", got.body)
	}
	s.now.advance(time.Minute)
	got = admin.do("PATCH", path, `{"capacity": {"available": 2}}`, `If-Match: "2"`).want(200)
	if got.str("capacity_updated") != got.str("updated_at") || got.at("capacity", "available") != 2.0 || got.at("capacity", "maximum") != 2.0 {
		t.Errorf("%s", got.body)
	}
	s.now.advance(time.Minute) // the same once more is a confirmation
	if got = admin.do("PATCH", path, `{"capacity": {"available": 2}}`, `If-Match: "3"`).want(200); got.str("capacity_updated") != got.str("updated_at") {
		t.Errorf("%s", got.body)
	}
	admin.do("PATCH", path, `{"capacity": {"available": 3}}`, "If-Match: *").errs(422, "/capacity/maximum out_of_order")
	admin.do("PATCH", path, `{"minimum_age": 18, "maximum_age": 17}`, "If-Match: *").errs(422, "/maximum_age too_small")
	admin.do("POST", of+"/services", `{"kind": "magic", "status": "new", "capacity": {"available": -1, "maximum": 1}}`).errs(422, "/capacity/available too_small", "/kind unknown_code", "/status unknown_code")
	admin.create(of+"/services", `{"kind": "identification", "status": "active", "capacity": {"available": 0, "maximum": 0}}`) // of a training's topics

	// One service of another directory may be of several kinds here, and one row of each.
	called := `"name": "Safe nights", "description": "Beds", "external_id": "hsds-2", "status": "active", "capacity": {"available": 0, "maximum": 0}}`
	if got := admin.create(of+"/services", `{"kind": "food", `+called); got.str("name") != "Safe nights" || got.str("description") != "Beds" || got.str("external_id") != "hsds-2" {
		t.Errorf("%s", got.body)
	}
	admin.create(of+"/services", `{"kind": "medical", `+called)
	admin.do("POST", of+"/services", `{"kind": "food", `+called).want(409, "external_id_taken")

	// A service is its organisation's, on no other's path.
	id := path[strings.LastIndex(path, "/"):]
	for _, elsewhere := range []string{"/v1/organisations/" + s.iom.ID.String(), "/v1/organisations/" + uuid.NewString()} {
		admin.do("GET", elsewhere+"/services"+id, "").want(404)
		admin.do("PATCH", elsewhere+"/services"+id, `{}`, "If-Match: *").want(404)
		admin.do("DELETE", elsewhere+"/services"+id, "", "If-Match: *").want(404)
	}
	s.as("jurist").do("GET", "/v1/organisations/"+uuid.NewString()+"/services?nope=1", "").want(404, "not_found")
	admin.do("DELETE", path, "", `If-Match: "4"`).want(204)
	if got := admin.do("GET", path, "").want(200); got.str("status") != "defunct" || got.at("version") != 5.0 {
		t.Errorf("%s", got.body)
	}

	// Whoever accepts takes a place: that is a version of the service too.
	iom := s.services["iom/child_protection"]
	service := fmt.Sprintf("/v1/organisations/%s/services/%s", s.iom.ID, iom.ID)
	before := admin.do("GET", service, "")
	s.now.advance(time.Minute)
	s.as("iom").fire(s.offered(s.openCase(""), "iom"), "accept", "").want(200)
	after := admin.do("GET", service, "", "If-None-Match: "+before.header.Get("ETag")).want(200)
	if after.at("version") != 2.0 || after.str("updated_at") <= before.str("updated_at") || after.str("capacity_updated") != before.str("capacity_updated") {
		t.Errorf("%s", after.body)
	}
	admin.do("PATCH", service, `{"capacity": {"available": 5}}`, `If-Match: "1"`).want(412, "stale")
}

// Who can't say how many places there are doesn't see one taken either: each
// would tell that somebody was referred, and to whom.
func TestPlacesAreNoOracle(t *testing.T) {
	t.Parallel()
	s := start(t)
	services := fmt.Sprintf("/v1/organisations/%s/services", s.iom.ID)
	service := services + "/" + s.services["iom/child_protection"].ID.String()
	watching := []string{"unhcr", "bystander", "stranger", "jurist", "auditor"}
	look := func(who string) (all string) {
		for _, path := range []string{service, services} {
			got := s.as(who).do("GET", path, "").want(200)
			all += got.header.Get("ETag") + string(got.body)
		}
		return all
	}
	before := map[string]string{}
	for _, who := range append(watching, "iom", "admin") {
		before[who] = look(who)
	}
	s.now.advance(time.Minute)
	s.as("iom").fire(s.offered(s.openCase(""), "iom"), "accept", "").want(200)
	s.now.advance(31 * 24 * time.Hour)
	for _, who := range watching {
		if after := look(who); after != before[who] || strings.Contains(after, "capacity") {
			t.Errorf("%s sees that a place was taken: %s", who, after)
		}
		for _, guess := range []string{`"1"`, `"2"`, `"3"`} {
			s.as(who).do("GET", service, "", "If-None-Match: "+guess).want(200)
		}
		tag := s.as(who).do("GET", service, "").want(200).header.Get("ETag")
		s.as(who).do("GET", service, "", "If-None-Match: "+tag).want(304)
	}
	for _, who := range []string{"iom", "admin"} {
		if look(who) == before[who] {
			t.Errorf("%s does not see that a place was taken", who)
		}
	}
}

// An organisation with work to do is not retired: nobody would do it.
func TestAnOrganisationWithWorkIsNotRetired(t *testing.T) {
	t.Parallel()
	s := start(t)
	iom := "/v1/organisations/" + s.iom.ID.String()
	refuses := func() {
		t.Helper()
		s.as("network").do("DELETE", iom, "", "If-Match: *").want(409, "organisation_in_use")
		s.as("network").do("PATCH", iom, `{"active": false}`, "If-Match: *").want(409, "organisation_in_use")
		s.as("admin").do("DELETE", iom, "", "If-Match: *").want(409, "organisation_in_use")
	}
	path := s.openCase("")
	at := s.offered(path, "iom")
	refuses()
	s.as("admin of Geneva").do("DELETE", iom, "", "If-Match: *").want(409, "organisation_in_use") // though it can't see where
	for _, do := range []string{"accept", "start"} {
		s.as("iom").fire(at, do, "").want(200)
		refuses()
	}
	s.as("network").do("PATCH", iom, `{"description": "Migration."}`, "If-Match: *").want(200)
	s.as("iom").fire(at, "complete", `, "outcome": "helped", "note": "n"`).want(200)
	s.as("network").do("DELETE", iom, "", "If-Match: *").want(204)

	// Offered and retired at once: whoever comes second is refused.
	for n := range 10 {
		name := fmt.Sprintf("partner %d", n)
		o := s.addOrganisation(name, "ngo")
		s.addService(name, o, "child_protection", "PH")
		answers := together(2, func(i int) answered {
			if i == 0 {
				return s.as("network").do("DELETE", "/v1/organisations/"+o.ID.String(), "", "If-Match: *")
			}
			return s.as("admin").offer(path, o.ID.String(), "child_protection")
		})
		if retired, offered := answers[0].status == 204, answers[1].status == 201; retired == offered {
			t.Errorf("%d %s, %d %s", answers[0].status, answers[0].body, answers[1].status, answers[1].body)
		}
	}
}
