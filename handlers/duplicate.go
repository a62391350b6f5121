package handlers

import (
	"context"
	"fmt"
	"net/http"

	"onward/api"
	"onward/match"
	"onward/models"
	"onward/workflow"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
)

// POST /v1/case-referrals/{id}/duplicates
func (s *Server) linkDuplicate(c echo.Context) error {
	id, err := s.may(c, workflow.Referral, workflow.LinkDuplicate)
	if err != nil {
		return err
	}
	in, b, err := read[api.NewVerdict](c)
	if err != nil {
		return err
	}
	return s.once(c, b, func(ctx context.Context) (reply, error) {
		other, _ := uuid.Parse(in.ReferralID) // check names it where it isn't one
		l, err := s.desk.LinkDuplicate(ctx, actor(c), id, other, in.Verdict, mayMatch(c), s.check(in))
		if err != nil {
			return reply{}, err
		}
		said := api.Verdict{NewVerdict: in, DecidedBy: l.DecidedBy.String(), DecidedAt: l.DecidedAt}
		return answer(http.StatusCreated, referrals+id.String()+"/duplicates", 0, said)
	})
}

// GET /v1/case-referrals/{id}/duplicates
func (s *Server) listDuplicates(c echo.Context) error {
	id, err := s.may(c, workflow.Referral, workflow.LinkDuplicate)
	if err != nil {
		return err
	}
	found, err := s.desk.Duplicates(c.Request().Context(), actor(c), id)
	if err != nil {
		return err
	}
	return respondPage(s, c, found, nil, showDuplicate)
}

// traits is what was sent to find the person again by; nil: nothing.
func traits(in *api.MatchTraits) *match.Traits {
	if in == nil {
		return nil
	}
	out := &match.Traits{Name: in.Name, Origin: in.Origin}
	if in.BirthYear != nil {
		out.BirthYear = *in.BirthYear
	}
	return out
}

// patchedTraits is traits of a patch, where null takes away what was sent
// before.
func patchedTraits(p patch[api.ReferralPatch]) (*match.Traits, error) {
	if !p.has("match_traits") {
		return nil, nil
	}
	var said api.ReferralPatch
	if err := p.apply(&said); err != nil || said.MatchTraits != nil {
		return traits(said.MatchTraits), err
	}
	return &match.Traits{}, nil
}

func showDuplicates(found []models.Duplicate) []api.Duplicate {
	if found == nil {
		return nil // nobody looked
	}
	out := make([]api.Duplicate, len(found))
	for i, f := range found {
		out[i] = showDuplicate(f)
	}
	return out
}

func showDuplicate(f models.Duplicate) api.Duplicate {
	out := api.Duplicate{ID: f.ID.String(), Reference: f.Reference, Agreeing: match.Agreeing(f.Shared), Of: len(match.Names), DecidedAt: utc(f.DecidedAt)}
	if f.DecidedBy != nil {
		out.Verdict, out.DecidedBy = &f.Verdict, f.DecidedBy.String()
	}
	switch f.Verdict {
	case "same_person":
		out.Text = fmt.Sprintf("is of the same person as %s, an admin decided", f.Reference)
	case "different_person":
		out.Text = fmt.Sprintf("is of another person than %s, an admin decided", f.Reference)
	default:
		out.Text = fmt.Sprintf("may be of the same person as %s: %d of %d traits agree", f.Reference, len(out.Agreeing), out.Of)
	}
	return out
}
