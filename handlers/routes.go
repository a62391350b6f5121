package handlers

import (
	"net/http"

	"onward/models"

	"github.com/labstack/echo/v4"
)

// Route is one operation of openapi.yaml.
type Route struct {
	Method, Path, Operation string
	who                     access
	handle                  echo.HandlerFunc
}

// access says whom a route lets in, by role alone; what depends on the record
// is decided after it was looked up.
type access []string

var (
	open      = access{"*"} // without a token
	signedIn  = access{}    // any role
	asking    = access{models.RoleRequester}
	training  = access{models.RoleRequester, models.RoleAdmin, models.RolePartner}
	referring = access{models.RoleReferrer}
	cases     = access{models.RoleReferrer, models.RoleAdmin, models.RolePartner}
	admins    = access{models.RoleAdmin}
	watching  = access{models.RoleAuditor, models.RoleAdmin}
	work      = access{models.RolePartner, models.RoleAdmin}
)

// routes is the whole API on one page.
func (s *Server) routes() []Route { //nolint:funlen // a table, not a course of events
	const get, post, put, patch, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete
	return []Route{
		{post, "/v1/training-requests", "createTraining", asking, s.createTraining},
		{get, "/v1/training-requests", "listTrainings", training, s.listTrainings},
		{get, "/v1/training-requests/:id", "getTraining", signedIn, s.getTraining},
		{patch, "/v1/training-requests/:id", "editTraining", signedIn, s.editTraining},
		{del, "/v1/training-requests/:id", "deleteTraining", signedIn, s.deleteTraining},
		{post, "/v1/training-requests/:id/transitions", "fireTraining", signedIn, s.fireTraining},
		{get, "/v1/training-requests/:id/events", "listTrainingEvents", signedIn, s.listTrainingEvents},
		{post, "/v1/training-requests/:id/assignments", "offerTraining", signedIn, s.offerTraining},
		{get, "/v1/training-requests/:id/assignments", "listTrainingAssignments", signedIn, s.listTrainingAssignments},
		{post, "/v1/training-requests/:id/offers", "planTrainingOffers", signedIn, s.planTrainingOffers},
		{get, "/v1/training-requests/:id/offers", "listTrainingPlans", signedIn, s.listTrainingPlans},
		{del, "/v1/training-requests/:id/offers/:plan_id", "cancelTrainingPlan", signedIn, s.cancelTrainingPlan},
		{get, "/v1/training-requests/:id/calendar.ics", "getTrainingCalendar", signedIn, s.getTrainingCalendar},
		{post, "/v1/training-requests/:id/waiting", "enlistTraining", signedIn, s.enlistTraining},
		{get, "/v1/training-requests/:id/waiting", "listTrainingWaits", signedIn, s.listTrainingWaits},
		{del, "/v1/training-requests/:id/waiting/:entry_id", "delistTraining", signedIn, s.delistTraining},
		{get, "/v1/training-requests/:id/candidates", "listTrainingCandidates", signedIn, s.listTrainingCandidates},

		{post, "/v1/case-referrals", "createReferral", referring, s.createReferral},
		{get, "/v1/case-referrals", "listReferrals", cases, s.listReferrals},
		{get, "/v1/case-referrals/:id", "getReferral", signedIn, s.getReferral},
		{patch, "/v1/case-referrals/:id", "editReferral", signedIn, s.editReferral},
		{del, "/v1/case-referrals/:id", "deleteReferral", signedIn, s.deleteReferral},
		{post, "/v1/case-referrals/:id/transitions", "fireReferral", signedIn, s.fireReferral},
		{get, "/v1/case-referrals/:id/events", "listReferralEvents", signedIn, s.listReferralEvents},
		{post, "/v1/case-referrals/:id/assignments", "offerReferral", signedIn, s.offerReferral},
		{get, "/v1/case-referrals/:id/assignments", "listReferralAssignments", signedIn, s.listReferralAssignments},
		{post, "/v1/case-referrals/:id/offers", "planReferralOffers", signedIn, s.planReferralOffers},
		{get, "/v1/case-referrals/:id/offers", "listReferralPlans", signedIn, s.listReferralPlans},
		{del, "/v1/case-referrals/:id/offers/:plan_id", "cancelReferralPlan", signedIn, s.cancelReferralPlan},
		{post, "/v1/case-referrals/:id/waiting", "enlistReferral", signedIn, s.enlistReferral},
		{get, "/v1/case-referrals/:id/waiting", "listReferralWaits", signedIn, s.listReferralWaits},
		{del, "/v1/case-referrals/:id/waiting/:entry_id", "delistReferral", signedIn, s.delistReferral},
		{get, "/v1/case-referrals/:id/candidates", "listReferralCandidates", signedIn, s.listReferralCandidates},
		{post, "/v1/case-referrals/:id/consents", "addConsent", signedIn, s.addConsent},
		{get, "/v1/case-referrals/:id/consents", "listConsents", signedIn, s.listConsents},
		{post, "/v1/case-referrals/:id/override-approvals", "approveOverride", signedIn, s.approveOverride},
		{get, "/v1/case-referrals/:id/override-approvals", "listOverrideApprovals", signedIn, s.listOverrideApprovals},
		{get, "/v1/case-referrals/:id/export", "exportReferral", signedIn, s.exportReferral},
		{post, "/v1/case-referrals/:id/erasure", "eraseReferral", signedIn, s.eraseReferral},
		{get, "/v1/case-referrals/:id/accesses", "listAccesses", signedIn, s.listAccesses},
		{post, "/v1/case-referrals/:id/duplicates", "linkDuplicate", signedIn, s.linkDuplicate},
		{get, "/v1/case-referrals/:id/duplicates", "listDuplicates", signedIn, s.listDuplicates},

		{get, "/v1/assignments", "listAssignments", work, s.listAssignments},
		{get, "/v1/assignments/:id", "getAssignment", signedIn, s.getAssignment},
		{post, "/v1/assignments/:id/transitions", "fireAssignment", signedIn, s.fireAssignment},

		{get, "/v1/queue", "listQueue", admins, s.listQueue},
		{post, "/v1/queue/next", "takeNext", admins, s.takeNext},
		{post, "/v1/queue/bulk", "moveMany", admins, s.moveMany},
		{post, "/v1/queue/filters", "createQueueFilter", admins, s.createQueueFilter},
		{get, "/v1/queue/filters", "listQueueFilters", admins, s.listQueueFilters},
		{get, "/v1/queue/filters/:id", "getQueueFilter", admins, s.getQueueFilter},
		{patch, "/v1/queue/filters/:id", "editQueueFilter", admins, s.editQueueFilter},
		{del, "/v1/queue/filters/:id", "deleteQueueFilter", admins, s.deleteQueueFilter},

		{post, "/v1/organisations", "createOrganisation", admins, s.createOrganisation},
		{get, "/v1/organisations", "listOrganisations", signedIn, s.listOrganisations},
		{get, "/v1/organisations/:id", "getOrganisation", signedIn, s.getOrganisation},
		{patch, "/v1/organisations/:id", "editOrganisation", admins, s.editOrganisation},
		{del, "/v1/organisations/:id", "deleteOrganisation", admins, s.deleteOrganisation},
		{post, "/v1/organisations/:id/services", "createService", admins, s.createService},
		{get, "/v1/organisations/:id/services", "listServices", signedIn, s.listServices},
		{get, "/v1/organisations/:id/services/:service_id", "getService", signedIn, s.getService},
		{patch, "/v1/organisations/:id/services/:service_id", "editService", admins, s.editService},
		{get, "/v1/organisations/:id/services/:service_id/waiting", "countWaiting", work, s.countWaiting},
		{put, "/v1/organisations/:id/services/:service_id/capacity", "setCapacity", work, s.setCapacity},
		{del, "/v1/organisations/:id/services/:service_id", "deleteService", admins, s.deleteService},

		{post, "/v1/desks", "createDesk", admins, s.createDesk},
		{get, "/v1/desks", "listDesks", signedIn, s.listDesks},
		{get, "/v1/desks/:id", "getDesk", signedIn, s.getDesk},
		{patch, "/v1/desks/:id", "editDesk", admins, s.editDesk},
		{del, "/v1/desks/:id", "deleteDesk", admins, s.deleteDesk},
		{post, "/v1/routing-rules", "createRoutingRule", admins, s.createRoutingRule},
		{get, "/v1/routing-rules", "listRoutingRules", admins, s.listRoutingRules},
		{get, "/v1/routing-rules/:id", "getRoutingRule", admins, s.getRoutingRule},
		{patch, "/v1/routing-rules/:id", "editRoutingRule", admins, s.editRoutingRule},
		{del, "/v1/routing-rules/:id", "deleteRoutingRule", admins, s.deleteRoutingRule},
		{post, "/v1/routing-rehearsals", "rehearseRouting", admins, s.rehearseRouting},
		{get, "/v1/desks/:id/weights", "getWeights", admins, s.getWeights},
		{patch, "/v1/desks/:id/weights", "editWeights", admins, s.editWeights},

		{post, "/v1/users", "createUser", admins, s.createUser},
		{get, "/v1/users", "listUsers", admins, s.listUsers},
		{get, "/v1/users/:id", "getUser", admins, s.getUser},
		{patch, "/v1/users/:id", "editUser", admins, s.editUser},
		{post, "/v1/tokens", "createToken", signedIn, s.createToken},
		{get, "/v1/tokens", "listTokens", signedIn, s.listTokens},
		{del, "/v1/tokens/:id", "revokeToken", signedIn, s.revokeToken},
		{get, "/v1/me", "getMe", signedIn, s.getMe},
		{get, "/v1/denials", "listDenials", watching, s.listDenials},

		{get, "/v1/workflows", "listWorkflows", open, s.listWorkflows},
		{get, "/v1/workflows/:name", "getWorkflow", open, s.getWorkflow},
		{get, "/v1/vocabularies", "listVocabularies", open, s.listVocabularies},
		{get, "/v1/vocabularies/:name", "getVocabulary", open, s.getVocabulary},

		{get, "/hsds/", "getHSDS", open, s.getHSDS},
		{get, "/hsds/organizations", "listHSDSOrganizations", open, s.listHSDSOrganizations},
		{get, "/hsds/organizations/:id", "getHSDSOrganization", open, s.getHSDSOrganization},
		{get, "/hsds/services", "listHSDSServices", open, s.listHSDSServices},
		{get, "/hsds/services/:id", "getHSDSService", open, s.getHSDSService},

		{get, "/healthz", "getHealth", open, s.getHealth},
		{get, "/readyz", "getReadiness", open, s.getReadiness},
		{get, "/openapi.yaml", "getOpenAPI", open, s.getOpenAPI},
		{get, "/docs", "getDocs", open, s.getDocs},
		{get, docsFiles, "", open, s.getDocs}, // the page's own scripts and styles
		{get, "/problems", "listProblems", open, s.problems.list},
		{get, "/problems/:code", "getProblem", open, s.problems.show},
	}
}
