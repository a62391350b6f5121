package api

import "time"

// DeskFields is what a desk is: a centre of the network that takes requests in.
// Working days that are left out are Monday to Friday.
type DeskFields struct {
	Name            string   `json:"name" validate:"required,line,max=200"`
	Countries       []string `json:"countries" validate:"max=250,unique,dive,iso3166_1_alpha2"`
	Languages       []string `json:"languages" validate:"max=50,unique,dive,language"`
	Default         bool     `json:"default"`
	TimeZone        string   `json:"time_zone" validate:"required,timezone"`
	WorkingDays     []string `json:"working_days" validate:"omitempty,min=1,max=7,unique,dive,code=weekday"`
	RetentionMonths int      `json:"retention_months" validate:"min=1,max=240"`
	Active          bool     `json:"active"`
}

// Holiday is a date on which a desk does not work, whatever weekday it is.
type Holiday struct {
	On   time.Time `json:"on,format:DateOnly" validate:"required"`
	Name string    `json:"name,omitzero" validate:"omitempty,line,max=100"`
}

// NewDesk is the body of POST and PATCH of a desk.
type NewDesk struct {
	DeskFields
	Holidays []Holiday `json:"holidays" validate:"max=400,unique=On,dive"`
}

// Desk is a desk as it reads. The default desk takes what no desk's countries
// hold; there is always one.
type Desk struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
	DeskFields
	Holidays  []Holiday `json:"holidays"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// OrganisationFields is what an organisation is (HSDS organization). Country and
// subdivision are its seat, never an address. ExternalID is its id in the
// directory that it was imported from.
type OrganisationFields struct {
	Name        string `json:"name" validate:"required,line,max=200"`
	Description string `json:"description,omitzero" validate:"omitempty,text,max=5000"`
	Type        string `json:"type" validate:"required,code=organisation_type"`
	Website     string `json:"website,omitzero" validate:"omitempty,https_url,max=500"`
	Country     string `json:"country,omitzero" validate:"omitempty,iso3166_1_alpha2"`
	Subdivision string `json:"subdivision,omitzero" validate:"omitempty,subdivision"`
	ExternalID  string `json:"external_id,omitzero" validate:"omitempty,line,max=255"`
	Active      bool   `json:"active"`
}

// Organisation is an organisation as it reads.
type Organisation struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
	OrganisationFields
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// ServiceFields is what an organisation does (HSDS service, service_area,
// language): one code of the vocabulary `services` or `topics`, where, for
// whom, and with how many places. Empty countries, languages or genders mean
// all. Never the address of a shelter.
type ServiceFields struct {
	Kind         string   `json:"kind" validate:"required,max=64"`
	Name         string   `json:"name,omitzero" validate:"omitempty,line,max=200"`
	Description  string   `json:"description,omitzero" validate:"omitempty,text,max=5000"`
	Status       string   `json:"status" validate:"required,code=service_status"`
	Countries    []string `json:"countries" validate:"max=250,unique,dive,iso3166_1_alpha2"`
	Subdivisions []string `json:"subdivisions" validate:"max=500,unique,dive,subdivision"`
	Languages    []string `json:"languages" validate:"max=50,unique,dive,language"`
	MinimumAge   *int     `json:"minimum_age,omitzero" validate:"omitempty,min=0,max=120"`
	MaximumAge   *int     `json:"maximum_age,omitzero" validate:"omitempty,min=0,max=120"`
	Genders      []string `json:"genders" validate:"max=6,unique,dive,code=gender"`
	Schedule     string   `json:"schedule,omitzero" validate:"omitempty,line,max=500"`
	ExternalID   string   `json:"external_id,omitzero" validate:"omitempty,line,max=255"`
}

// Capacity is how many places a service has (HSDS service_capacity). Accepting
// an assignment takes one of the available; its end gives it back.
type Capacity struct {
	Available int `json:"available" validate:"min=0,max=100000"`
	Maximum   int `json:"maximum" validate:"min=0,max=100000,gtefield=Available"`
}

// NewCapacity is the body of PUT …/capacity: both numbers, even where they are
// as before, for that is what confirms them.
type NewCapacity struct {
	Available *int `json:"available" validate:"required,min=0,max=100000"`
	Maximum   *int `json:"maximum" validate:"required,min=0,max=100000,gtefield=Available"`
}

// NewService is the body of POST and PATCH of a service.
type NewService struct {
	ServiceFields
	Capacity Capacity `json:"capacity"`
}

// Service is a service as it reads.
type Service struct {
	ID             string `json:"id"`
	OrganisationID string `json:"organisation_id"`
	Version        int    `json:"version,omitzero"`
	ServiceFields
	Capacity          *Capacity  `json:"capacity,omitzero"`
	CapacityUpdated   *time.Time `json:"capacity_updated,omitzero"`
	CapacityUncertain *bool      `json:"capacity_uncertain,omitzero"` // nobody has confirmed it for 30 days
	CreatedAt         time.Time  `json:"created_at"`
	UpdatedAt         *time.Time `json:"updated_at,omitzero"`
}

// UserFields is who may act. An admin belongs to a desk, or to the network
// when desk is absent.
type UserFields struct {
	Name     string   `json:"name" validate:"required,line,max=200"`
	Roles    []string `json:"roles" validate:"required,min=1,max=5,unique,dive,code=role"`
	Language string   `json:"language,omitzero" validate:"omitempty,language"`
	Active   bool     `json:"active"`
}

// NewUser is the body of POST and PATCH of a user.
type NewUser struct {
	UserFields
	OrganisationID string `json:"organisation_id" validate:"required,uuid"`
	Desk           string `json:"desk,omitzero" validate:"omitempty,uuid"`
}

// User is a user as it reads.
type User struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
	UserFields
	Organisation Link      `json:"organisation"`
	Desk         *string   `json:"desk"` // null: of the network, or of none
	CreatedAt    time.Time `json:"created_at"`
	UpdatedAt    time.Time `json:"updated_at"`
}

// NewToken is the body of POST /v1/tokens. Without user_id it is the caller's
// own; without expires_at it lasts 90 days, and never more than a year.
type NewToken struct {
	Name      string     `json:"name" validate:"required,line,max=100"`
	UserID    string     `json:"user_id,omitzero" validate:"omitempty,uuid"`
	ExpiresAt *time.Time `json:"expires_at,omitzero" validate:"omitempty,moment"`
}

// Token is a token as it reads. Token itself is shown once, in the reply to
// its POST; only its SHA-256 is kept.
type Token struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	UserID     string     `json:"user_id"`
	Token      string     `json:"token,omitzero"`
	CreatedAt  time.Time  `json:"created_at"`
	ExpiresAt  time.Time  `json:"expires_at"`
	LastUsedAt *time.Time `json:"last_used_at"`
	RevokedAt  *time.Time `json:"revoked_at"`
	MadeWith   *string    `json:"made_with"`
}

// Me is who the caller is.
type Me struct {
	User
	TokenID string `json:"token_id"`
}

// Denial is an attempt that was refused. Nothing of a body, a query or a token
// is in it.
type Denial struct {
	ID           string    `json:"id"`
	At           time.Time `json:"at"`
	Actor        *string   `json:"actor"`        // null: nobody known
	Organisation *string   `json:"organisation"` // of the actor
	Token        *string   `json:"token"`        // the id of a token that had ended; the actor is whose it was
	Method       string    `json:"method"`
	Route        string    `json:"route"`           // the pattern
	Target       *string   `json:"target"`          // the last id in the path
	Existed      bool      `json:"existed"`         // whether the target did
	Action       string    `json:"action,omitzero"` // a workflow's
	Status       int       `json:"status"`
	Code         string    `json:"code"`
	RequestID    string    `json:"request_id"`
}
