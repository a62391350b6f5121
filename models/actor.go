package models

import (
	"slices"

	"github.com/google/uuid"

	"onward/workflow"
)

// The roles of persons, as vocabulary `role` has them.
const (
	RoleRequester = "requester"
	RoleReferrer  = "referrer"
	RoleAdmin     = "admin"
	RolePartner   = "partner"
	RoleAuditor   = "auditor"
)

// Actor is who acts: a signed-in person, or the system (the zero value).
type Actor struct {
	UserID         uuid.UUID
	OrganisationID uuid.UUID
	DeskID         *uuid.UUID // of an admin of one desk
	Roles          []string
	TokenID        uuid.UUID
	Operation      string // that the actor called, as openapi.yaml names it
	RequestID      string // of that call
}

// Has reports whether the actor has one of the roles.
func (a Actor) Has(roles ...string) bool {
	return slices.ContainsFunc(roles, func(r string) bool { return slices.Contains(a.Roles, r) })
}

// PartnerOf reports whether the actor is a partner of that organisation.
func (a Actor) PartnerOf(organisation uuid.UUID) bool {
	return a.Has(RolePartner) && a.OrganisationID == organisation
}

// Network reports whether the actor is an admin of the whole network.
func (a Actor) Network() bool { return a.Has(RoleAdmin) && a.DeskID == nil }

// Administers reports whether the actor is an admin of that desk.
func (a Actor) Administers(desk uuid.UUID) bool {
	return a.Has(RoleAdmin) && (a.DeskID == nil || *a.DeskID == desk)
}

// ownerRole is the role of a person who can own a request of a kind.
func ownerRole(kind string) string {
	if kind == workflow.Training.Name {
		return RoleRequester
	}
	return RoleReferrer
}

// Owns reports whether the actor is a request's owner, or a colleague of the
// same organisation with the same role.
func (a Actor) Owns(kind string, r Record) bool {
	return a.Has(ownerRole(kind)) && a.OrganisationID == r.OrganisationID
}
