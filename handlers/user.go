package handlers

import (
	"context"
	"net/http"

	"onward/api"
	"onward/desk"
	"onward/models"
	"onward/workflow"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
)

const users = "/v1/users/"

// POST /v1/users
func (s *Server) createUser(c echo.Context) error {
	in, b, err := read[api.NewUser](c)
	if err != nil {
		return err
	}
	in.Active = in.Active || !b.has("active")
	return s.once(c, b, func(ctx context.Context) (reply, error) {
		if err := refuse(s.check(in)); err != nil {
			return reply{}, err
		}
		var row models.User
		setUser(&row, in)
		if err := s.desk.AddUser(ctx, actor(c), &row); err != nil {
			return reply{}, err
		}
		return s.userAfter(ctx, c, http.StatusCreated, row.ID)
	})
}

func setUser(row *models.User, in api.NewUser) {
	row.UserFields, row.DeskID = models.UserFields(in.UserFields), optionalID(in.Desk)
	row.OrganisationID = uuid.MustParse(in.OrganisationID) // checked
}

func (s *Server) userAfter(ctx context.Context, c echo.Context, status int, id uuid.UUID) (reply, error) {
	v, err := s.desk.User(ctx, actor(c), id)
	if err != nil {
		return reply{}, err
	}
	return answer(status, location(status, users+id.String()), v.Version, showUser(v))
}

// GET /v1/users
func (s *Server) listUsers(c echo.Context) error {
	p := query(c)
	f := models.UserFilter{Organisation: id(p, "organisation"), Role: p.code("role", workflow.Codes("role")...), Text: p.search(100), Active: p.boolean("active")}
	sl := s.slice(p, "created_at")
	return list(s, c, p, func(ctx context.Context, a models.Actor) ([]desk.UserView, *models.Position, error) {
		return s.desk.Users(ctx, a, f, sl)
	}, showUser)
}

// GET /v1/users/{id}
func (s *Server) getUser(c echo.Context) error {
	v, err := inPath(c, s.desk.User)
	if err != nil {
		return err
	}
	return respond(c, v.Version, showUser(v))
}

// PATCH /v1/users/{id}
func (s *Server) editUser(c echo.Context) error {
	v, err := inPath(c, s.desk.User)
	if err != nil {
		return err
	}
	p, err := readPatch[api.NewUser](c)
	if err != nil {
		return err
	}
	return s.change(c, v.ID, func(ctx context.Context) error {
		return s.desk.EditUser(ctx, actor(c), v.ID, mustMatch(c), func(u *models.User) error {
			said := api.NewUser{UserFields: api.UserFields(u.UserFields), OrganisationID: u.OrganisationID.String()}
			if u.DeskID != nil {
				said.Desk = u.DeskID.String()
			}
			if err := p.apply(&said); err != nil {
				return err
			}
			if err := refuse(s.check(said)); err != nil {
				return err
			}
			setUser(u, said)
			return nil
		})
	}, s.userAfter)
}

// GET /v1/me
func (s *Server) getMe(c echo.Context) error {
	if err := query(c).done(); err != nil {
		return err
	}
	me := actor(c)
	v, err := s.desk.User(c.Request().Context(), me, me.UserID)
	if err != nil {
		return err
	}
	return write(c, http.StatusOK, api.Me{User: showUser(v), TokenID: me.TokenID.String()})
}

func showUser(v desk.UserView) api.User {
	out := api.User{
		ID: v.ID.String(), Version: v.Version, UserFields: api.UserFields(v.UserFields),
		Organisation: api.Link{ID: v.OrganisationID.String(), Name: v.OrganisationName}, CreatedAt: v.CreatedAt.UTC(), UpdatedAt: v.UpdatedAt.UTC(),
	}
	if v.DeskID != nil {
		id := v.DeskID.String()
		out.Desk = &id
	}
	return out
}
