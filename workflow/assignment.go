package workflow

// Assignment is the workflow of one organisation's work on one request: an
// offer, its answer, the work and its end.
var Assignment = define("assignment", "assignment", in(Declined, Lapsed, Returned, Completed, Revoked), []Row{
	{From: in(New), Do: Offer, To: Offered, By: Admin | Clock | Effect, Door: ByAssignments},
	{
		From: in(Offered), Do: Accept, To: Accepted, By: Partner,
		If:   when(requestOpen, beforeRespondBy, consentCovers, consentUnexpired, overrideApproved, placeLeft),
		Then: then(Cause{Request, Match, ""}, Cause{Request, Begin, ""}),
	},
	{From: in(Offered), Do: Decline, To: Declined, By: Partner, Needs: needs(reason("decline_reason")), Then: askNext},
	{From: in(Offered), Do: Expire, To: Lapsed, By: Clock, If: when(respondByPassed), Then: askNext},

	{From: in(Accepted), Do: Start, To: InProgress, By: Partner},
	{From: in(Accepted, OnHold), Do: Start, To: InProgress, By: Effect},
	{From: in(InProgress), Do: Hold, To: OnHold, By: Partner, Needs: needs(reason("hold_reason"))},
	{From: in(OnHold), Do: Resume, To: InProgress, By: Partner},
	{From: in(InProgress), Do: Complete, To: Completed, By: Partner, Needs: needs(outcome("assignment_outcome"), note), If: when(deliveredIfTraining)},
	{From: in(InProgress, OnHold), Do: Complete, To: Completed, By: Effect},

	{From: in(Accepted, InProgress, OnHold), Do: Return, To: Returned, By: Partner, Needs: needs(reason("return_reason")), If: when(notDelivered), Then: searchOn},
	{From: in(Offered, Accepted, InProgress, OnHold), Do: Revoke, To: Revoked, By: Admin, Needs: needs(reason("revoke_reason")), If: when(notDelivered), Then: searchOn},
	{From: in(Offered, Accepted, InProgress, OnHold), Do: Revoke, To: Revoked, By: Effect, Then: searchOn},
})

// searchOn sends the request back to its desk when this was the last hope.
var searchOn = then(Cause{Request, Unmatch, ""}, Cause{Request, ReopenSearch, ""})

// askNext offers the request to whom the plan names next; where that is
// nobody, it goes on as searchOn. The offer comes first, so that the request
// does not go back to its desk for a moment and out again.
var askNext = append(then(Cause{Plan, Offer, ""}), searchOn...)
