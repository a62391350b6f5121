package api

// The shapes of HSDS 3.1 that Onward publishes (https://docs.openreferral.org).
// They are spelled as the standard spells them; what it has and Onward doesn't
// is left out.

// HSDSMetadata says what an API of the standard is.
type HSDSMetadata struct {
	Version    string `json:"version"`
	Profile    string `json:"profile"`
	OpenAPIURL string `json:"openapi_url"`
}

// HSDSPage is one page of a list as the standard numbers them.
type HSDSPage[T any] struct {
	TotalItems int  `json:"total_items"`
	TotalPages int  `json:"total_pages"`
	PageNumber int  `json:"page_number"`
	Size       int  `json:"size"` // of this page
	FirstPage  bool `json:"first_page"`
	LastPage   bool `json:"last_page"`
	Empty      bool `json:"empty"`
	Contents   []T  `json:"contents"`
}

// HSDSOrganization is an organization, without its services.
type HSDSOrganization struct {
	ID          string          `json:"id"`
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Website     string          `json:"website,omitzero"`
	Locations   []HSDSLocation  `json:"locations,omitzero"`
	Attributes  []HSDSAttribute `json:"attributes"`
}

// HSDSWholeOrganization is an organization with its services.
type HSDSWholeOrganization struct {
	HSDSOrganization
	Services []HSDSOffer `json:"services"`
}

// HSDSLocation is a country, or a part of one, by its code of ISO 3166. There
// is no address in it.
type HSDSLocation struct {
	ID             string `json:"id"`
	LocationType   string `json:"location_type"`
	Identifier     string `json:"external_identifier"`
	IdentifierType string `json:"external_identifier_type"`
}

// HSDSService is a service with its organization.
type HSDSService struct {
	HSDSOffer
	Organization HSDSOrganization `json:"organization"`
}

// HSDSOffer is a service within its organization.
type HSDSOffer struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Description string            `json:"description,omitzero"`
	Status      string            `json:"status"`
	MinimumAge  *int              `json:"minimum_age,omitzero"`
	MaximumAge  *int              `json:"maximum_age,omitzero"`
	Areas       []HSDSServiceArea `json:"service_areas,omitzero"`
	Languages   []HSDSLanguage    `json:"languages,omitzero"`
	Schedules   []HSDSSchedule    `json:"schedules,omitzero"`
	Attributes  []HSDSAttribute   `json:"attributes"`
}

// HSDSServiceArea is where a service serves: a country, a part of one, or the
// world (001, UN M49).
type HSDSServiceArea struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Extent     string `json:"extent"`
	ExtentType string `json:"extent_type"`
}

// HSDSLanguage is a language that a service speaks (BCP 47).
type HSDSLanguage struct {
	ID   string `json:"id"`
	Code string `json:"code"`
}

// HSDSSchedule is when a service is there, in words.
type HSDSSchedule struct {
	ID          string `json:"id"`
	Description string `json:"description"`
}

// HSDSAttribute says a term of something.
type HSDSAttribute struct {
	ID   string           `json:"id"`
	Term HSDSTaxonomyTerm `json:"taxonomy_term"`
}

// HSDSTaxonomyTerm is a code of a vocabulary.
type HSDSTaxonomyTerm struct {
	ID          string       `json:"id"`
	Code        string       `json:"code"`
	Name        string       `json:"name"`
	Description string       `json:"description"`
	Taxonomy    string       `json:"taxonomy"`
	Language    string       `json:"language"` // of the name
	Detail      HSDSTaxonomy `json:"taxonomy_detail"`
}

// HSDSTaxonomy is a vocabulary.
type HSDSTaxonomy struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
}
