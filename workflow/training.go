package workflow

// Training is the workflow of a training request: a jurist asks, a desk
// triages, organisations are offered it, one takes it on and delivers.
var Training = define("training_request", "training", in(Rejected, Closed, Withdrawn), []Row{
	{From: in(New), Do: Create, To: Submitted, By: Owner, If: when(sentWhole, complete), Event: "submitted", Door: ByPost},
	{From: in(New), Do: Create, To: Draft, By: Owner, If: when(sentAsDraft), Door: ByPost},
	{From: in(Draft, InformationRequested), Do: Edit, By: Owner, Door: ByPatch},
	{From: in(InTriage), Do: Edit, By: Admin, Door: ByPatch},
	{From: in(Draft), Do: Delete, By: Owner, Door: ByDelete},

	{From: in(Draft), Do: Submit, To: Submitted, By: Owner, If: when(complete)},
	{From: in(Submitted), Do: Take, To: InTriage, By: Admin},
	{From: in(InTriage), Do: RequestInformation, To: InformationRequested, By: Admin, Needs: needs(question)},
	{From: in(InformationRequested), Do: ProvideInformation, To: InTriage, By: Owner, Needs: needs(answer)},
	{From: in(InformationRequested), Do: Lapse, To: Withdrawn, By: Clock, If: when(answerOverdue)},
	{From: in(InTriage), Do: Transfer, To: Submitted, By: Admin, Needs: needs(desk, reason("transfer_reason")), If: when(anotherDesk, activeDesk)},
	{From: in(InTriage), Do: Approve, To: Approved, By: Admin, Needs: needs(priority)},
	{From: in(InTriage), Do: Reject, To: Rejected, By: Admin, Needs: needs(reason("training_reject_reason"))},

	{
		From: in(Approved, Offered), Do: Offer, To: Offered, By: Admin | Clock | Effect, Needs: needs(organisation), May: needs(respondBy, message),
		If: rightForTraining(hasCapacity), Event: "offer_made", Door: ByAssignments,
	},
	{From: in(Approved, Offered), Do: PlanOffers, By: Admin, Needs: needs(organisations), May: needs(respondWithin, message, broadcast), Door: ByOffers},
	{From: in(Offered), Do: CancelPlan, By: Admin, Door: ByOffers},
	{From: in(Offered), Do: ExhaustPlan, By: Effect},
	{From: in(Approved, Offered), Do: Enlist, By: Admin, Needs: needs(organisation), If: rightForTraining(noPlaceLeft), Door: ByWaiting},
	{From: in(Approved, Offered), Do: Delist, By: Admin | Clock, Door: ByWaiting},
	{From: in(Offered), Do: Match, To: Matched, By: Effect, Then: then(Cause{Offers, Revoke, "matched_elsewhere"})},
	{From: in(Offered), Do: Unmatch, To: Approved, By: Effect, If: when(nothingLive)},
	{From: in(Matched, Scheduled), Do: Unmatch, To: Approved, By: Effect, If: when(noneHeld)},

	{
		From: in(Matched), Do: Schedule, To: Scheduled, By: Partner | Admin, Needs: needs(startsAt, endsAt, mode, placeOrLink), May: needs(place, link),
		If: when(endsAfterStart, within5Years),
	},
	{
		From: in(Scheduled), Do: Reschedule, To: Scheduled, By: Partner | Admin, Needs: needs(startsAt, endsAt, mode, placeOrLink, reason("reschedule_reason")), May: needs(place, link),
		If: when(endsAfterStart, within5Years),
	},
	{
		From: in(Scheduled), Do: Deliver, To: Delivered, By: Partner | Admin, Needs: needs(participants, deliveredOn),
		If: when(deliveredByNow, deliveredAfterStart), Then: then(Cause{Taken, Start, ""}),
	},
	{From: in(Delivered), Do: Evaluate, To: Evaluated, By: Owner | Admin, Needs: needs(levels), May: needs(results)},
	{From: in(Delivered, Evaluated), Do: Close, To: Closed, By: Admin, Needs: needs(outcome("training_outcome")), May: needs(note), Then: then(Cause{Taken, Complete, ""})},

	{
		From: in(Draft, Submitted, InTriage, InformationRequested, Approved, Offered, Matched, Scheduled), Do: Withdraw, To: Withdrawn, By: Owner | Admin,
		Needs: needs(reason("withdraw_reason")), Then: then(Cause{Live, Revoke, "request_withdrawn"}),
	},
	{From: in(Rejected, Closed, Withdrawn), Do: Reopen, To: InTriage, By: Admin, Needs: needs(reason("reopen_reason")), If: when(complete)},
})

// rightForTraining is rightForCase for a training.
func rightForTraining(place Guard) []Guard {
	return when(partnerActive, servesService, servesCountry, notYetOffered, place)
}
