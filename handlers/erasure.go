package handlers

import (
	"context"
	"net/http"

	"onward/api"
	"onward/models"
	"onward/workflow"

	"github.com/labstack/echo/v4"
)

// POST /v1/case-referrals/{id}/erasure
func (s *Server) eraseReferral(c echo.Context) error {
	id, err := s.may(c, workflow.Referral, workflow.RequestErasure)
	if err != nil {
		return err
	}
	sent, b, err := readOptional[api.NewErasure](c)
	if err != nil {
		return err
	}
	in := workflow.Input{Reason: why(sent.Reason), Faulty: s.check(sent)}
	return s.once(c, b, func(ctx context.Context) (reply, error) {
		done, err := s.desk.Erase(ctx, actor(c), id, mayMatch(c), in)
		if err != nil {
			return reply{}, err
		}
		return s.referralAfter(ctx, c, map[bool]int{false: http.StatusAccepted, true: http.StatusOK}[done], id)
	})
}

func showErasure(r models.Retention) *api.Erasure {
	return &api.Erasure{RequestedBy: r.ErasureAskedBy.String(), RequestedAt: r.ErasureAskedAt.UTC(), LapsesAt: r.ErasureLapses().UTC()}
}
