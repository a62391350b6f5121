package handlers

import (
	"context"
	"net/http"

	"onward/api"
	"onward/desk"
	"onward/fault"
	"onward/models"
	"onward/workflow"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
)

const referrals = "/v1/case-referrals/"

// POST /v1/case-referrals
func (s *Server) createReferral(c echo.Context) error {
	in, b, err := read[api.NewReferral](c)
	if err != nil {
		return err
	}
	return s.once(c, b, func(ctx context.Context) (reply, error) {
		r := &models.Referral{ReferralFields: models.ReferralFields(in.ReferralFields), Follows: optionalID(in.Follows)}
		input := workflow.Input{Draft: in.Draft, Faulty: s.check(in)}
		if err := s.desk.CreateReferral(ctx, actor(c), r, sealed(in.ReferralSealed), consents(in.Consents), traits(in.MatchTraits), input); err != nil {
			return reply{}, err
		}
		return s.referralAfter(ctx, c, http.StatusCreated, r.ID)
	})
}

func (s *Server) referralAfter(ctx context.Context, c echo.Context, status int, id uuid.UUID) (reply, error) {
	v, err := s.desk.ReferralAfter(ctx, actor(c), id)
	if err != nil {
		return reply{}, err
	}
	return answer(status, location(status, referrals+id.String()), v.Row.Version, showReferral(v))
}

// GET /v1/case-referrals
func (s *Server) listReferrals(c echo.Context) error {
	f, sl, err := s.records(c, workflow.Referral)
	if err != nil {
		return err
	}
	list, next, err := s.desk.Referrals(c.Request().Context(), actor(c), f, sl)
	if err != nil {
		return err
	}
	return respondPage(s, c, list, next, func(v desk.View[*models.Referral]) api.Referral {
		return showReferral(desk.ReferralView{View: v})
	})
}

// GET /v1/case-referrals/{id}
func (s *Server) getReferral(c echo.Context) error {
	id, err := s.may(c, workflow.Referral, "")
	if err != nil {
		return err
	}
	if !actor(c).Has(models.RoleAdmin) { // whom it tells of possible duplicates, which come and go with other cases
		if known, err := s.unmoved(c, id); known || err != nil {
			return err
		}
	}
	v, err := s.desk.Referral(c.Request().Context(), actor(c), id)
	if err != nil {
		return err
	}
	return tell(c, v.Row.Version, showReferral(v))
}

// PATCH /v1/case-referrals/{id}
func (s *Server) editReferral(c echo.Context) error {
	id, err := s.may(c, workflow.Referral, workflow.Edit)
	if err != nil {
		return err
	}
	p, err := readPatch[api.ReferralPatch](c)
	if err != nil {
		return err
	}
	sent, err := patchedTraits(p)
	if err != nil {
		return err
	}
	return s.change(c, id, func(ctx context.Context) error {
		return s.desk.EditReferral(ctx, actor(c), id, mustMatch(c), sent, func(r *models.Referral, t *models.ReferralTexts) ([]fault.Field, error) {
			said := api.ReferralPatch{ReferralFields: api.ReferralFields(r.ReferralFields), ReferralSealed: showSealed(*t)}
			err := p.apply(&said)
			r.ReferralFields, *t = models.ReferralFields(said.ReferralFields), sealed(said.ReferralSealed)
			return s.check(said), err
		})
	}, s.referralAfter)
}

// DELETE /v1/case-referrals/{id}
func (s *Server) deleteReferral(c echo.Context) error { return s.remove(c, workflow.Referral) }

// POST /v1/case-referrals/{id}/transitions
func (s *Server) fireReferral(c echo.Context) error {
	return s.fire(c, workflow.Referral, s.referralAfter)
}

// GET /v1/case-referrals/{id}/events
func (s *Server) listReferralEvents(c echo.Context) error { return s.listEvents(c, workflow.Referral) }

// POST /v1/case-referrals/{id}/assignments
func (s *Server) offerReferral(c echo.Context) error { return s.offer(c, workflow.Referral) }

// GET /v1/case-referrals/{id}/assignments
func (s *Server) listReferralAssignments(c echo.Context) error {
	return s.listAssignmentsOf(c, workflow.Referral)
}

func sealed(in api.ReferralSealed) models.ReferralTexts {
	t := models.ReferralTexts{Narrative: in.Narrative, ActionsTaken: in.ActionsTaken}
	if in.Contact != nil {
		t.Contact, t.ContactProhibited, t.SafeMethod, t.SafeTimes = true, in.Contact.Prohibited, in.Contact.SafeMethod, in.Contact.SafeTimes
	}
	return t
}

func showSealed(t models.ReferralTexts) api.ReferralSealed {
	out := api.ReferralSealed{Narrative: t.Narrative, ActionsTaken: t.ActionsTaken}
	if t.Contact {
		out.Contact = &api.Contact{Prohibited: t.ContactProhibited, SafeMethod: t.SafeMethod, SafeTimes: t.SafeTimes}
	}
	return out
}

func showReferral(v desk.ReferralView) api.Referral {
	out := api.Referral{
		Head: head(v.Row.Record, v.OrganisationName), ReferralFields: api.ReferralFields(v.Row.ReferralFields), ReferralSealed: showSealed(v.Texts),
		Outcome: v.Row.Outcome, PossibleDuplicates: showDuplicates(v.Duplicates), Tail: tail(v.Actions, v.Thread),
	}
	if v.Row.Follows != nil {
		out.Follows = v.Row.Follows.String()
	}
	out.LegalHold, out.EraseAt, out.ErasedAt = &v.Row.LegalHold, utc(v.EraseAt), utc(v.Row.ErasedAt)
	if v.ErasureAsked {
		out.Erasure = showErasure(v.Row.Retention)
	}
	if code, says := workflow.Suspect(v.Row.SubjectCode); code != "" {
		out.Warnings = []api.Warning{{Pointer: "/subject_code", Code: code, Detail: says}}
	}
	for _, k := range v.Consents {
		out.Consents = append(out.Consents, showConsent(k))
	}
	blank(&out, v.Sight)
	return out
}
