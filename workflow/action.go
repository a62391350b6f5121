package workflow

import "strings"

// The states of the three workflows.
const (
	Draft                State = "draft"
	Submitted            State = "submitted"
	InTriage             State = "in_triage"
	InformationRequested State = "information_requested"
	Rejected             State = "rejected"
	Withdrawn            State = "withdrawn"
	Closed               State = "closed"

	Approved  State = "approved"
	Offered   State = "offered" // also of an assignment
	Matched   State = "matched"
	Scheduled State = "scheduled"
	Delivered State = "delivered"
	Evaluated State = "evaluated"

	Open           State = "open"
	InService      State = "in_service"
	OnHold         State = "on_hold" // also of an assignment
	ConsentRevoked State = "consent_revoked"

	Accepted   State = "accepted"
	InProgress State = "in_progress"
	Completed  State = "completed"
	Declined   State = "declined"
	Lapsed     State = "expired"
	Returned   State = "returned"
	Revoked    State = "revoked"
)

// The actions of the three workflows.
const (
	Create             Action = "create"
	Edit               Action = "edit"
	Delete             Action = "delete"
	Submit             Action = "submit"
	Take               Action = "take"
	RequestInformation Action = "request_information"
	ProvideInformation Action = "provide_information"
	Transfer           Action = "transfer"
	Reject             Action = "reject"
	Withdraw           Action = "withdraw"
	Reopen             Action = "reopen"
	Offer              Action = "offer"
	Close              Action = "close"

	Lapse      Action = "lapse"
	Approve    Action = "approve"
	Match      Action = "match"
	Unmatch    Action = "unmatch"
	Schedule   Action = "schedule"
	Reschedule Action = "reschedule"
	Deliver    Action = "deliver"
	Evaluate   Action = "evaluate"

	OpenCase        Action = "open"
	Begin           Action = "begin"
	ReopenSearch    Action = "reopen_search"
	Hold            Action = "hold"
	Resume          Action = "resume"
	RevokeConsent   Action = "revoke_consent"
	AddConsent      Action = "add_consent"
	ApproveOverride Action = "approve_override"
	SetLegalHold    Action = "set_legal_hold"
	LiftLegalHold   Action = "lift_legal_hold"
	AnnounceErasure Action = "announce_erasure"
	RequestErasure  Action = "request_erasure"
	Erase           Action = "erase"
	LinkDuplicate   Action = "link_duplicate"

	PlanOffers  Action = "plan_offers"
	ExhaustPlan Action = "exhaust_plan"
	CancelPlan  Action = "cancel_plan"
	Enlist      Action = "enlist"
	Delist      Action = "delist"

	Accept   Action = "accept"
	Decline  Action = "decline"
	Expire   Action = "expire"
	Start    Action = "start"
	Return   Action = "return"
	Complete Action = "complete"
	Revoke   Action = "revoke"
)

// irregular are the participles that the rules of English spelling don't give.
var irregular = map[Action]string{
	Take: "taken", RequestInformation: "information_requested", ProvideInformation: "information_provided",
	Transfer: "transferred", Withdraw: "withdrawn", Submit: "submitted", Offer: "offered", Begin: "begun",
	ReopenSearch: "search_reopened", Hold: "held", RevokeConsent: "consent_revoked", AddConsent: "consent_added",
	ApproveOverride: "override_approved", SetLegalHold: "legal_hold_set", LiftLegalHold: "legal_hold_lifted",
	AnnounceErasure: "erasure_announced", RequestErasure: "erasure_requested",
	LinkDuplicate: "duplicate_linked", PlanOffers: "offers_planned", ExhaustPlan: "plan_exhausted", CancelPlan: "plan_cancelled",
}

// participle gives the second half of an event's public name.
func participle(do Action) string {
	switch {
	case irregular[do] != "":
		return irregular[do]
	case strings.HasSuffix(string(do), "e"):
		return string(do) + "d"
	}
	return string(do) + "ed"
}
