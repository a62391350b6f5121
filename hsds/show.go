package hsds

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"onward/api"
	"onward/workflow"
)

const (
	taxonomyPrefix = "onward " // and the vocabulary's name
	worldCode      = "001"     // UN M49
	isoCodes       = "ISO 3166"
	safeHouse      = "safe_house"
)

// guarded reports whether a service says more than its country of where
// somebody is hidden, were all of it told.
func (s Service) guarded() bool { return slices.Contains(s.Kinds, safeHouse) }

// Public is what anybody may read of an organisation: nothing of how full a
// service is, from which it could be seen that somebody was referred; and of
// whoever keeps a safe house nothing that narrows down where it is.
func Public(o Organisation) Organisation {
	if o.Guarded || slices.ContainsFunc(o.Services, Service.guarded) {
		o.Subdivision, o.Description = "", ""
	}
	o.Services = slices.Clone(o.Services)
	for i, s := range o.Services {
		o.Services[i] = PublicService(s)
	}
	return o
}

// PublicService is Public of one service.
func PublicService(s Service) Service {
	s.Capacity = nil
	if s.guarded() {
		s.Name, s.Description, s.Schedule, s.Subdivisions = "", "", "", nil
	}
	return s
}

// Show spells an organisation as the standard does.
func Show(o Organisation) api.HSDSOrganization {
	out := api.HSDSOrganization{ID: o.ID, Name: o.Name, Description: o.Description, Website: o.Website, Attributes: terms(o.ID, "organisation_type", o.Type)}
	if o.Country != "" {
		code, kind := iso(cmp.Or(o.Subdivision, o.Country))
		out.Locations = []api.HSDSLocation{{ID: idOf(o.ID, "seat"), LocationType: "physical", Identifier: code, IdentifierType: kind}}
	}
	return out
}

// ShowWhole spells an organisation with its services.
func ShowWhole(o Organisation) api.HSDSWholeOrganization {
	out := api.HSDSWholeOrganization{HSDSOrganization: Show(o)}
	for _, s := range o.Services {
		out.Services = append(out.Services, ShowOffer(s))
	}
	return out
}

// ShowService spells a service with its organisation.
func ShowService(s Service, of Organisation) api.HSDSService {
	return api.HSDSService{HSDSOffer: ShowOffer(s), Organization: Show(of)}
}

// iso tells a code of ISO 3166 and which of its parts that is.
func iso(code string) (same, part string) {
	if len(code) == 2 {
		return code, isoCodes + "-1"
	}
	return code, isoCodes + "-2"
}

// ShowOffer spells a service as its organisation has it. How many places it has
// is not in it.
func ShowOffer(s Service) api.HSDSOffer {
	out := api.HSDSOffer{
		ID: s.ID, Name: cmp.Or(s.Name, label(s.Kinds[0])), Description: s.Description, Status: spelled(s.Status),
		MinimumAge: s.MinimumAge, MaximumAge: s.MaximumAge, Areas: areas(s),
		Attributes: slices.Concat(terms(s.ID, "services", s.Kinds...), terms(s.ID, "topics", s.Kinds...), terms(s.ID, "gender", s.Genders...)),
	}
	for _, code := range s.Languages {
		out.Languages = append(out.Languages, api.HSDSLanguage{ID: idOf(s.ID, "language", code), Code: code})
	}
	if s.Schedule != "" {
		out.Schedules = []api.HSDSSchedule{{ID: idOf(s.ID, "schedule"), Description: s.Schedule}}
	}
	return out
}

// spelled turns a code of ours into the standard's spelling.
func spelled(status string) string {
	for theirs, ours := range statuses {
		if ours == status {
			return theirs
		}
	}
	return status
}

// areas say where a service serves. None would say nothing, so the world has one.
func areas(s Service) (all []api.HSDSServiceArea) {
	if len(s.Countries) == 0 {
		all = append(all, api.HSDSServiceArea{ID: idOf(s.ID, "area", worldCode), Name: "World", Extent: worldCode, ExtentType: "UN M49"})
	}
	for _, code := range slices.Concat(s.Countries, s.Subdivisions) {
		_, kind := iso(code)
		all = append(all, api.HSDSServiceArea{ID: idOf(s.ID, "area", code), Name: code, Extent: code, ExtentType: kind})
	}
	return all
}

// terms are attributes that say those codes which a vocabulary has.
func terms(of, vocabulary string, codes ...string) (all []api.HSDSAttribute) {
	v, _ := workflow.VocabularyNamed(vocabulary)
	taxonomy := taxonomyPrefix + vocabulary
	for _, t := range v.Terms {
		if slices.Contains(codes, t.Code) {
			all = append(all, api.HSDSAttribute{ID: idOf(of, "term", vocabulary, t.Code), Term: api.HSDSTaxonomyTerm{
				ID: idOf("term", vocabulary, t.Code), Code: t.Code, Name: t.Labels["en"], Description: t.Labels["en"], Taxonomy: taxonomy, Language: "en",
				Detail: api.HSDSTaxonomy{ID: idOf("taxonomy", vocabulary), Name: taxonomy, Description: "The vocabulary " + vocabulary + " of Onward; its source: " + v.Source},
			}})
		}
	}
	return all
}

// label is what a kind is called in English.
func label(kind string) string {
	for _, vocabulary := range []string{"services", "topics"} {
		v, _ := workflow.VocabularyNamed(vocabulary)
		for _, t := range v.Terms {
			if t.Code == kind {
				return t.Labels["en"]
			}
		}
	}
	return kind
}

// space is where the ids of what has no id in Onward come from (RFC 9562, version 5).
var space = uuid.MustParse("5d9d4a52-6d0b-5a0e-9c55-0f6a2f1c7e31")

func idOf(of string, what ...string) string {
	for _, w := range what {
		of += "/" + w
	}
	return uuid.NewSHA1(space, []byte(of)).String()
}
