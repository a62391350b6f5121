package handlers

import (
	"context"
	"net/http"

	"onward/api"
	"onward/models"
	"onward/workflow"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
)

// POST /v1/case-referrals/{id}/consents
func (s *Server) addConsent(c echo.Context) error {
	id, err := s.may(c, workflow.Referral, workflow.AddConsent)
	if err != nil {
		return err
	}
	in, b, err := read[api.NewConsent](c)
	if err != nil {
		return err
	}
	return s.once(c, b, func(ctx context.Context) (reply, error) {
		k := consent(in)
		if err := s.desk.AddConsent(ctx, actor(c), id, &k, s.check(in)); err != nil {
			return reply{}, err
		}
		return answer(http.StatusCreated, referrals+id.String()+"/consents", 0, showConsent(k))
	})
}

// GET /v1/case-referrals/{id}/consents
func (s *Server) listConsents(c echo.Context) error {
	all, err := s.consentsOf(c, workflow.AddConsent)
	if err != nil {
		return err
	}
	return respondPage(s, c, all, nil, showConsent)
}

func (s *Server) consentsOf(c echo.Context, do workflow.Action) ([]models.Consent, error) {
	id, err := s.may(c, workflow.Referral, do)
	if err != nil {
		return nil, err
	}
	return s.desk.Consents(c.Request().Context(), actor(c), id)
}

// POST /v1/case-referrals/{id}/override-approvals
func (s *Server) approveOverride(c echo.Context) error {
	id, err := s.may(c, workflow.Referral, workflow.ApproveOverride)
	if err != nil {
		return err
	}
	in, b, err := read[api.NewApproval](c)
	if err != nil {
		return err
	}
	return s.once(c, b, func(ctx context.Context) (reply, error) {
		which, _ := uuid.Parse(in.ConsentID) // check names it where it isn't one
		k, err := s.desk.ApproveOverride(ctx, actor(c), id, which, in.Note, s.check(in))
		if err != nil {
			return reply{}, err
		}
		return answer(http.StatusCreated, referrals+id.String()+"/override-approvals", 0, showApproval(k))
	})
}

// GET /v1/case-referrals/{id}/override-approvals
func (s *Server) listOverrideApprovals(c echo.Context) error {
	all, err := s.consentsOf(c, workflow.AddConsent)
	if err != nil {
		return err
	}
	var approved []models.Consent
	for _, k := range all {
		if k.ApprovedBy != nil {
			approved = append(approved, k)
		}
	}
	return respondPage(s, c, approved, nil, showApproval)
}

func consents(in []api.NewConsent) []models.Consent {
	out := make([]models.Consent, len(in))
	for i, k := range in {
		out[i] = consent(k)
	}
	return out
}

func consent(in api.NewConsent) models.Consent {
	return models.Consent{
		Basis: in.Basis, GivenBy: in.GivenBy, GivenAt: in.GivenAt, Purposes: in.Purposes, Organisations: in.Organisations,
		Services: in.Services, Withheld: in.Withheld, Reason: in.Reason, ExpiresAt: in.ExpiresAt,
	}
}

func showConsent(k models.Consent) api.Consent {
	out := api.Consent{
		ID: k.ID.String(), Basis: k.Basis, GivenBy: k.GivenBy, GivenAt: k.GivenAt.UTC(), Purposes: k.Purposes, Organisations: k.Organisations,
		Services: k.Services, Withheld: k.Withheld, Reason: k.Reason, ExpiresAt: utc(k.ExpiresAt), RecordedBy: k.RecordedBy.String(),
		RecordedAt: k.RecordedAt.UTC(), EndedAt: utc(k.EndedAt), NeedsApproval: k.Override() && k.ApprovedBy == nil,
	}
	if k.ApprovedBy != nil {
		approval := showApproval(k)
		out.Approval = &approval
	}
	return out
}

func showApproval(k models.Consent) api.Approval {
	return api.Approval{ConsentID: k.ID.String(), ApprovedBy: k.ApprovedBy.String(), ApprovedAt: k.ApprovedAt.UTC(), Note: k.ApprovalNote}
}
