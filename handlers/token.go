package handlers

import (
	"context"
	"net/http"

	"onward/api"
	"onward/models"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
)

// POST /v1/tokens
func (s *Server) createToken(c echo.Context) error {
	in, b, err := read[api.NewToken](c)
	if err != nil {
		return err
	}
	return s.once(c, b, func(ctx context.Context) (reply, error) {
		of, _ := uuid.Parse(in.UserID) // "" means the caller; check names what isn't an id
		token, row, err := s.desk.IssueToken(ctx, actor(c), of, in.Name, in.ExpiresAt, s.check(in))
		if err != nil {
			return reply{}, err
		}
		out := showToken(row)
		out.Token = token
		return answer(http.StatusCreated, "/v1/tokens/"+row.ID.String(), 0, out)
	})
}

// GET /v1/tokens
func (s *Server) listTokens(c echo.Context) error {
	p := query(c)
	sl := s.slice(p, "created_at")
	return list(s, c, p, func(ctx context.Context, a models.Actor) ([]models.Token, *models.Position, error) {
		return s.desk.Tokens(ctx, a, sl)
	}, showToken)
}

// DELETE /v1/tokens/{id}
func (s *Server) revokeToken(c echo.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	p := query(c)
	offspring := p.boolean("offspring")
	if err := p.done(); err != nil {
		return err
	}
	if err := s.desk.RevokeToken(c.Request().Context(), actor(c), id, offspring != nil && *offspring); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func showToken(t models.Token) api.Token {
	return api.Token{
		ID: t.ID.String(), Name: t.Name, UserID: t.UserID.String(), CreatedAt: t.CreatedAt.UTC(), ExpiresAt: t.ExpiresAt.UTC(),
		LastUsedAt: utc(t.LastUsedAt), RevokedAt: utc(t.RevokedAt), MadeWith: optionalText(t.MadeWith),
	}
}
