package workflow

// Referral is the workflow of a case referral: an NGO worker refers a person,
// a desk triages, and one organisation or several serve the person at once.
// It names no outcome as a state: how a case ended is its outcome.
var Referral = define("case_referral", "referral", referralEnds, []Row{
	{From: in(New), Do: Create, To: Submitted, By: Owner, If: when(sentWhole, complete, consentRecorded), Event: "submitted", Door: ByPost},
	{From: in(New), Do: Create, To: Draft, By: Owner, If: when(sentAsDraft), Door: ByPost},
	{From: in(Draft, InformationRequested), Do: Edit, By: Owner, Door: ByPatch},
	{From: in(InTriage), Do: Edit, By: Admin, Door: ByPatch},
	{From: in(Draft), Do: Delete, By: Owner, Door: ByDelete},
	{From: in(Draft, Submitted, InTriage, InformationRequested, Open, InService, OnHold), Do: AddConsent, By: Owner | Admin, Door: ByConsents},
	{From: in(Submitted, InTriage, InformationRequested, Open, InService, OnHold), Do: ApproveOverride, By: Admin, Door: ByApprovals},
	{From: undrafted, Do: LinkDuplicate, By: Admin, If: when(notErased), Door: ByDuplicates},

	{From: in(Draft), Do: Submit, To: Submitted, By: Owner, If: when(complete, consentRecorded)},
	{From: in(Submitted), Do: Take, To: InTriage, By: Admin},
	{From: in(InTriage), Do: RequestInformation, To: InformationRequested, By: Admin, Needs: needs(question)},
	{From: in(InformationRequested), Do: ProvideInformation, To: InTriage, By: Owner, Needs: needs(answer)},
	{From: in(InTriage), Do: Transfer, To: Submitted, By: Admin, Needs: needs(desk, reason("transfer_reason")), If: when(anotherDesk, activeDesk)},
	{From: in(InTriage), Do: OpenCase, To: Open, By: Admin, Needs: needs(urgency, services), If: when(childUrgent)},
	{From: in(InTriage), Do: Reject, To: Rejected, By: Admin, Needs: needs(reason("referral_reject_reason"))},

	{
		From: in(Open, InService), Do: Offer, By: Admin | Clock | Effect, Needs: needs(organisation, service), May: needs(respondBy, message),
		If:    rightForCase(hasCapacity),
		Event: "offer_made", Door: ByAssignments,
	},
	{From: in(Open, InService), Do: PlanOffers, By: Admin, Needs: needs(organisations, service), May: needs(respondWithin, message, broadcast), Door: ByOffers},
	{From: in(Open, InService, OnHold), Do: CancelPlan, By: Admin, Door: ByOffers},
	{From: in(Open, InService), Do: ExhaustPlan, By: Effect},
	{
		From: in(Open, InService), Do: Enlist, By: Admin, Needs: needs(organisation, service),
		If:   rightForCase(noPlaceLeft),
		Door: ByWaiting,
	},
	{From: in(Open, InService, OnHold), Do: Delist, By: Admin | Clock, Door: ByWaiting},
	{From: in(Open, InService), Do: Begin, To: InService, By: Effect},
	{From: in(InService), Do: ReopenSearch, To: Open, By: Effect, If: when(nothingLive, noneTaken)},
	{From: in(Open, InService), Do: Hold, To: OnHold, By: Admin, Needs: needs(reason("hold_reason"), until)},
	{From: in(OnHold), Do: Resume, To: Open, By: Admin, If: when(noneTaken), Then: goOn},
	{From: in(OnHold), Do: Resume, To: InService, By: Admin, If: when(oneTaken), Then: goOn},
	{From: in(OnHold), Do: Resume, To: Open, By: Clock, If: when(holdOver, noneTaken), Then: goOn},
	{From: in(OnHold), Do: Resume, To: InService, By: Clock, If: when(holdOver, oneTaken), Then: goOn},
	{From: in(Open, InService), Do: Close, To: Closed, By: Admin, Needs: needs(outcome("case_outcome")), May: needs(note), If: when(nothingLive)},

	{
		From: in(Draft, Submitted, InTriage, InformationRequested, Open, InService, OnHold), Do: RevokeConsent, To: ConsentRevoked, By: Owner | Admin,
		Then: then(Cause{Live, Revoke, "consent_revoked"}),
	},
	{
		From: in(Draft, Submitted, InTriage, InformationRequested, Open, InService, OnHold), Do: Withdraw, To: Withdrawn, By: Owner | Admin,
		Needs: needs(reason("withdraw_reason")), Then: then(Cause{Live, Revoke, "request_withdrawn"}),
	},
	{From: in(Rejected, Closed, Withdrawn), Do: Reopen, To: InTriage, By: Admin, Needs: needs(reason("reopen_reason")), If: when(notErased, complete, consentRecorded)},

	{From: undrafted, Do: SetLegalHold, By: Admin, Needs: needs(reason("legal_hold_reason")), If: when(notErased, noLegalHold)},
	{From: undrafted, Do: LiftLegalHold, By: Admin, May: needs(note), If: when(legalHold)},
	{From: referralEnds, Do: AnnounceErasure, By: Clock, If: when(notErased, noLegalHold, noticeDue)},
	{From: referralEnds, Do: RequestErasure, By: Admin, May: needs(reason("erasure_reason")), If: when(notErased, noLegalHold, erasureNotAsked), Door: ByErasure},
	{From: referralEnds, Do: Erase, By: Admin, May: needs(reason("erasure_reason")), If: when(notErased, noLegalHold, erasureAsked, secondPerson), Door: ByErasure},
	{From: referralEnds, Do: Erase, By: Clock, If: when(notErased, noLegalHold, retentionOver)},
})

// goOn has each plan that waited make its next offer.
var goOn = then(Cause{Plan, Offer, ""})

var (
	referralEnds = in(Rejected, Closed, ConsentRevoked, Withdrawn)
	undrafted    = in(Submitted, InTriage, InformationRequested, Open, InService, OnHold, Rejected, Closed, ConsentRevoked, Withdrawn)
)

// rightForCase are the guards of an offer, and of a place in a waiting list,
// which differ in whether a place is left.
func rightForCase(place Guard) []Guard {
	return when(consentCovers, consentUnexpired, overrideApproved, partnerActive, servesService, servesCountry, servesAge, servesGender, servesLanguage, notYetOffered, place)
}
