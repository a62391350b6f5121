package handlers

import (
	"fmt"
	"testing"
	"time"
)

// consentCase is a submitted and opened case with one consent.
func (s *service) consentCase(consent string) string {
	s.t.Helper()
	path := s.as("referrer").create("/v1/case-referrals", fmt.Sprintf(`{"subject_code": "MNL-1", "age_band": "13_17", "country": "PH", "languages": ["tl"],
		"services": ["child_protection"], "urgency": "urgent", "summary": "s", "consents": [%s]}`, consent)).header.Get("Location")
	s.as("admin").fire(path, "take", "").want(200)
	s.as("admin").fire(path, "open", `, "urgency": "urgent", "services": ["child_protection"]`).want(200)
	return path
}

const given = `"basis": "consent", "given_by": "individual", "given_at": "2012-03-29T09:00:00Z", "purposes": ["referral"]`

// No offer leaves without a consent that covers it.
func TestOffersNeedConsent(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, tc := range []struct {
		name, consent, code string
		status              int
	}{
		{"any partner, any service", `{` + given + `}`, "", 201},
		{"this partner", `{` + given + `, "organisations": ["` + s.iom.ID.String() + `"]}`, "", 201},
		{"another partner", `{` + given + `, "organisations": ["` + s.unhcr.ID.String() + `"]}`, "consent_missing", 409},
		{"this service", `{` + given + `, "services": ["child_protection"]}`, "", 201},
		{"another service", `{` + given + `, "services": ["medical"]}`, "consent_missing", 409},
		{"another purpose", `{"basis": "consent", "given_by": "individual", "given_at": "2012-03-29T09:00:00Z", "purposes": ["statistics"]}`, "consent_missing", 409},
		{"an override that nobody approved", anOverride, "override_unapproved", 409},
	} {
		path := s.consentCase(tc.consent)
		got := s.as("admin").offer(path, s.iom.ID.String(), "child_protection")
		if got.status != tc.status || got.str("code") != tc.code {
			t.Errorf("%s: %d %s", tc.name, got.status, got.body)
		}
	}
	s.as("referrer").do("POST", "/v1/case-referrals", `{"subject_code": "MNL-1", "age_band": "adult", "country": "PH", "services": ["medical"], "urgency": "normal", "summary": "s"}`).want(409, "consent_missing")
	path := s.as("referrer").create("/v1/case-referrals", `{"subject_code": "MNL-1", "age_band": "adult", "country": "PH", "services": ["medical"], "urgency": "normal", "summary": "s", "draft": true}`).header.Get("Location")
	s.as("referrer").fire(path, "submit", "").want(409, "consent_missing")
	s.as("referrer").do("POST", path+"/consents", aConsent).want(201)
	s.as("referrer").fire(path, "submit", "").want(200)
}

func TestConsentExpires(t *testing.T) {
	t.Parallel()
	s := start(t)
	soon := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	path := s.consentCase(`{` + given + `, "expires_at": "` + soon + `"}`)
	offer := s.as("admin").offer(path, s.iom.ID.String(), "child_protection").want(201).header.Get("Location")
	s.now.advance(2 * time.Hour)
	s.as("iom").fire(offer, "accept", "").want(409, "consent_expired")
	s.as("admin").offer(path, s.bystanders.ID.String(), "child_protection").want(409, "consent_expired")
	s.as("referrer").do("POST", path+"/consents", aConsent).want(201)
	s.as("iom").fire(offer, "accept", "").want(200)
}

// The two overrides need a reason, and an admin who neither recorded the
// consent nor makes the offer.
func TestOverridesNeedASecondAdmin(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.consentCase(aConsentOfOthers(s))
	override := func(who string) string {
		return s.as(who).do("POST", path+"/consents", anOverride).want(201).str("id")
	}
	approve := func(who, id string) answered {
		return s.as(who).do("POST", path+"/override-approvals", fmt.Sprintf(`{"consent_id": %q, "note": "It is so."}`, id))
	}
	s.as("referrer").do("POST", path+"/consents", `{"basis": "best_interest_override", "given_by": "none", "given_at": "2012-03-29T09:00:00Z", "purposes": ["referral"]}`).want(422)
	s.as("referrer").do("POST", path+"/consents", `{"basis": "consent", "given_by": "none", "given_at": "2012-03-29T09:00:00Z", "purposes": ["referral"]}`).want(422)
	s.as("referrer").do("POST", path+"/consents", `{"basis": "consent", "given_by": "individual", "given_at": "2199-03-29T09:00:00Z", "purposes": ["referral"]}`).want(422)

	own := override("admin")
	approve("admin", own).want(409, "same_person")
	s.as("admin").offer(path, s.iom.ID.String(), "child_protection").want(409, "override_unapproved")
	approve("admin of Geneva", own).want(404)
	approve("network", own).want(201)
	approve("network", own).want(409, "already_approved")
	s.as("network").offer(path, s.iom.ID.String(), "child_protection").want(409, "override_unapproved")
	s.as("admin").offer(path, s.iom.ID.String(), "child_protection").want(201)
	if got := s.as("referrer").do("GET", path+"/override-approvals", "").list("items"); len(got) != 1 {
		t.Errorf("%v", got)
	}
	approve("network", s.as("referrer").do("POST", path+"/consents", aConsent).want(201).str("id")).want(409, "no_override")
	approve("network", path[len(referrals):]).want(422)
}

// aConsentOfOthers is a consent that does not cover IOM.
func aConsentOfOthers(s *service) string {
	return `{` + given + `, "organisations": ["` + s.unhcr.ID.String() + `"]}`
}

// Revocation ends every consent, every live assignment and all access at once;
// a new consent is a new referral that names the old one.
func TestRevokeConsent(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.openCase("")
	completed := s.as("admin").offer(path, s.bystanders.ID.String(), "child_protection").want(201).header.Get("Location")
	s.as("bystander").fire(completed, "accept", "").want(200)
	s.as("bystander").fire(completed, "start", "").want(200)
	s.as("bystander").fire(completed, "complete", `, "outcome": "helped", "note": "Done."`).want(200)
	s.as("bystander").do("GET", path, "").want(200)
	taken := s.as("admin").offer(path, s.iom.ID.String(), "child_protection").want(201).header.Get("Location")
	offered := s.as("admin").offer(path, s.unhcr.ID.String(), "international_protection").want(201).header.Get("Location")
	s.as("iom").fire(taken, "accept", "").want(200)
	s.as("referrer").fire(path, "revoke_consent", "").want(200)
	s.hides("iom", path)
	s.ended("bystander", path, completed) // who completed it reads no longer either
	for who, at := range map[string]string{"iom": taken, "unhcr": offered} {
		if got := s.as(who).do("GET", at, "").want(200); got.str("state") != "revoked" || got.str("reason") != "consent_revoked" {
			t.Errorf("%s", got.body)
		}
	}
	if got := s.as("referrer").do("GET", path+"/consents", ""); got.str("items", 0, "ended_at") == "" {
		t.Errorf("%s", got.body)
	}
	s.as("admin").fire(path, "reopen", `, "reason": {"code": "appeal"}`).want(409, "wrong_state")
	follows := fmt.Sprintf(`, "follows": %q`, path[len(referrals):])
	if got := s.as("referrer").create("/v1/case-referrals", fmt.Sprintf(aReferral, follows)); got.str("follows") != path[len(referrals):] {
		t.Errorf("%s", got.body)
	}
	s.as("stranger").do("POST", "/v1/case-referrals", fmt.Sprintf(aReferral, follows)).want(422)
	s.agrees()
}
