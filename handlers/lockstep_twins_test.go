package handlers

import "onward/api"

// use is what a wire type is for, which decides what is required and null.
type use int

const (
	sent    use = iota // a request: required is what the tags say
	patched            // a merge patch: nothing is required, null empties what can be left out
	shown              // a reply: required is what is always there
)

// twins says which schema is which wire type's. Without are members of the
// type that the schema leaves out on purpose.
var twins = []struct {
	schema  string
	of      any
	use     use
	without []string
}{
	{"NewTraining", api.NewTraining{}, sent, nil},
	{"NewReferral", api.NewReferral{}, sent, nil},
	{"NewConsent", api.NewConsent{}, sent, nil},
	{"NewApproval", api.NewApproval{}, sent, nil},
	{"NewErasure", api.NewErasure{}, sent, nil},
	{"NewVerdict", api.NewVerdict{}, sent, nil},
	{"NewCapacity", api.NewCapacity{}, sent, nil},
	{"TakeNext", api.TakeNext{}, sent, nil},
	{"NewDesk", api.NewDesk{}, sent, nil},
	{"NewRoutingRule", api.NewRoutingRule{}, sent, nil},
	{"NewRehearsal", api.NewRehearsal{}, sent, nil},
	{"Bulk", api.Bulk{}, sent, nil},
	{"NewQueueFilter", api.NewQueueFilter{}, sent, nil},
	{"NewOrganisation", api.OrganisationFields{}, sent, nil},
	{"NewService", api.NewService{}, sent, nil},
	{"NewUser", api.NewUser{}, sent, nil},
	{"NewToken", api.NewToken{}, sent, nil},

	{"TrainingPatch", api.TrainingPatch{}, patched, nil},
	{"ReferralPatch", api.ReferralPatch{}, patched, nil},
	{"DeskPatch", api.NewDesk{}, patched, nil},
	{"RoutingRulePatch", api.NewRoutingRule{}, patched, nil},
	{"QueueFilterPatch", api.NewQueueFilter{}, patched, nil},
	{"WeightsPatch", api.Weights{}, patched, nil},
	{"OrganisationPatch", api.OrganisationFields{}, patched, nil},
	{"ServicePatch", api.NewService{}, patched, nil},
	{"UserPatch", api.NewUser{}, patched, nil},

	// What is sealed is in the GET of one record alone (docs/contract.md, rule 11).
	{"TrainingDetail", api.Training{}, shown, nil},
	{"Training", api.Training{}, shown, []string{"thread"}},
	{"ReferralDetail", api.Referral{}, shown, nil},
	{"Referral", api.Referral{}, shown, []string{"thread", "narrative", "actions_taken", "contact", "consents", "possible_duplicates"}},
	{"Export", api.Export{}, shown, nil},
	{"AssignmentDetail", api.Assignment{}, shown, nil},
	{"Assignment", api.Assignment{}, shown, []string{"thread"}},
	{"Problem", problem{}, shown, nil},
	{"ProblemPage", problemPage{}, shown, nil},
	{"Health", api.Health{}, shown, nil},
	{"Me", api.Me{}, shown, nil},
	{"HSDSMetadata", api.HSDSMetadata{}, shown, nil},
	{"HSDSWholeOrganization", api.HSDSWholeOrganization{}, shown, nil},
	{"HSDSService", api.HSDSService{}, shown, nil},
	{"HSDSOrganizationPage", api.HSDSPage[api.HSDSOrganization]{}, shown, nil},
	{"HSDSServicePage", api.HSDSPage[api.HSDSService]{}, shown, nil},

	{"TrainingPage", api.Page[api.Training]{}, shown, []string{"items"}},
	{"ReferralPage", api.Page[api.Referral]{}, shown, []string{"items"}},
	{"AssignmentPage", api.Page[api.Assignment]{}, shown, []string{"items"}},
	{"EventPage", api.Page[api.Event]{}, shown, nil},
	{"ConsentPage", api.Page[api.Consent]{}, shown, nil},
	{"ApprovalPage", api.Page[api.Approval]{}, shown, nil},
	{"AccessPage", api.Page[api.Access]{}, shown, nil},
	{"DuplicatePage", api.Page[api.Duplicate]{}, shown, nil},
	{"WaitPage", api.Page[api.Wait]{}, shown, nil},
	{"WaitingFor", api.WaitingFor{}, shown, nil},
	{"PlanPage", api.Page[api.Plan]{}, shown, nil},
	{"Verdict", api.Verdict{}, shown, nil},
	{"QueueFilterPage", api.Page[api.QueueFilter]{}, shown, nil},
	{"BulkReply", bulkReply{}, shown, nil},
	{"Candidates", api.Candidates{}, shown, nil},
	{"Weights", api.Weights{}, shown, nil},
	{"QueueItemPage", api.Page[api.QueueItem]{}, shown, nil},
	{"OrganisationPage", api.Page[api.Organisation]{}, shown, nil},
	{"ServicePage", api.Page[api.Service]{}, shown, nil},
	{"DeskPage", api.Page[api.Desk]{}, shown, nil},
	{"RoutingRulePage", api.Page[api.RoutingRule]{}, shown, nil},
	{"Rehearsal", api.Rehearsal{}, shown, nil},
	{"UserPage", api.Page[api.User]{}, shown, nil},
	{"TokenPage", api.Page[api.Token]{}, shown, nil},
	{"DenialPage", api.Page[api.Denial]{}, shown, nil},
	{"WorkflowPage", api.Page[api.Workflow]{}, shown, nil},
	{"VocabularyPage", api.Page[api.Vocabulary]{}, shown, nil},
	{"ProblemPageList", api.Page[problemPage]{}, shown, nil},
}
