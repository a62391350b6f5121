package desk

import "onward/fault"

// The refusals of use cases that are no guard's of a workflow.
var (
	useAssignments   = fault.New(fault.Conflict, "use_assignments", "An offer is made by POST to …/assignments.")
	useItsEndpoint   = fault.New(fault.Conflict, "use_its_endpoint", "This is done by its own endpoint, not by a transition.")
	noOverride       = fault.New(fault.Conflict, "no_override", "This consent is the person's own; it needs no approval.")
	alreadyApproved  = fault.New(fault.Conflict, "already_approved", "This override is approved already.")
	samePerson       = fault.New(fault.Conflict, "same_person", "Another admin than the one who recorded the consent must approve it.")
	notScheduled     = fault.New(fault.Conflict, "not_scheduled", "The training was not scheduled yet; it has no calendar.")
	deskIsDefault    = fault.New(fault.Conflict, "desk_is_default", "The default desk must stay active; make another one the default first.")
	deskInUse        = fault.New(fault.Conflict, "desk_in_use", "The desk still has requests that are not at an end; transfer or finish them first.")
	organisationBusy = fault.New(fault.Conflict, "organisation_in_use", "The organisation still has work that is offered to it or that it has taken; revoke it, or let it finish, first.")
	noCandidate      = fault.New(fault.Conflict, "no_candidate", "None of these organisations can be offered it; see errors.")
	planOver         = fault.New(fault.Conflict, "plan_over", "The plan has ended; it makes no further offer.")
	notWaiting       = fault.New(fault.Conflict, "not_waiting", "It waits no longer.")
	networkNotEmpty  = fault.New(fault.Conflict, "network_not_empty", "The network has users already; one of its admins makes tokens.")
)

// Refusals lists them, for the pages that explain codes.
func Refusals() []*fault.Fault {
	return []*fault.Fault{useAssignments, useItsEndpoint, noOverride, alreadyApproved, samePerson, notScheduled, deskIsDefault, deskInUse, organisationBusy, noCandidate, planOver, notWaiting, networkNotEmpty}
}
