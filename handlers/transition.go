package handlers

import (
	"context"
	"net/http"
	"slices"

	"onward/api"
	"onward/desk"
	"onward/fault"
	"onward/workflow"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
)

// fire answers POST …/{id}/transitions of a request.
func (s *Server) fire(c echo.Context, flow desk.Flow, show func(context.Context, echo.Context, int, uuid.UUID) (reply, error)) error {
	id, err := s.may(c, flow, "")
	if err != nil {
		return err
	}
	do, in, b, err := s.readTransition(c, flow)
	if err != nil {
		return err
	}
	return s.once(c, b, func(ctx context.Context) (reply, error) {
		if err := s.desk.Fire(ctx, actor(c), flow, id, mustMatch(c), do, in); err != nil {
			return reply{}, err
		}
		return show(ctx, c, http.StatusOK, id)
	})
}

// readTransition reads an action and what it carries. A member that the action
// doesn't carry is refused like one that doesn't exist.
//
// Errors: those of read.
func (s *Server) readTransition(c echo.Context, flow desk.Flow) (workflow.Action, workflow.Input, body, error) {
	sent, b, err := read[api.Transition](c)
	if err != nil {
		return "", workflow.Input{}, b, err
	}
	do, in := workflow.Action(sent.Action), input(sent)
	act(c, flow, do)
	in.Faulty = s.check(sent)
	return do, in, b, carried(flow, do, b)
}

// carried refuses a member that an action does not carry, as one that does
// not exist.
func carried(flow desk.Flow, do workflow.Action, b body, beside ...string) error {
	if _, known := flow.DoneBy(do); !known {
		return nil // which is told later
	}
	for _, m := range b.members {
		if m != "action" && !slices.Contains(beside, m) && !slices.Contains(flow.Carries(do), m) {
			const detail = "The action does not carry this member."
			return fault.Shape(detail, fault.Field{Pointer: "/" + m, Code: codeUnknown, Detail: detail})
		}
	}
	return nil
}

func input(t api.Transition) workflow.Input {
	in := workflow.Input{
		Question: t.Question, Answer: t.Answer, Desk: t.Desk, Priority: t.Priority, Urgency: t.Urgency, Services: t.Services,
		StartsAt: t.StartsAt, EndsAt: t.EndsAt, Mode: t.Mode, Place: t.Place, Link: t.Link, Participants: t.Participants,
		DeliveredOn: t.DeliveredOn, Outcome: t.Outcome, Note: t.Note, Until: t.Until,
	}
	in.Reason = why(t.Reason)
	for _, x := range t.Sessions {
		in.Sessions = append(in.Sessions, workflow.Session(x))
	}
	for _, l := range t.Levels {
		in.Levels = append(in.Levels, workflow.Level(l))
	}
	for _, r := range t.Objectives {
		if r.Index != nil && r.Met != nil { // check names what is missing
			in.Objectives = append(in.Objectives, workflow.Result{Index: *r.Index, Met: *r.Met, Note: r.Note})
		}
	}
	return in
}

func why(r *api.Reason) *workflow.Reason {
	if r == nil {
		return nil
	}
	return &workflow.Reason{Code: r.Code, Note: r.Note}
}

// listEvents answers GET …/{id}/events.
func (s *Server) listEvents(c echo.Context, flow desk.Flow) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	// Who may hear of the record is decided first: what is wrong with the query
	// must not tell a foreign record from an absent one.
	if _, _, err := s.desk.Events(c.Request().Context(), actor(c), flow, id, 0, 0); err != nil {
		return err
	}
	p := query(c)
	limit, after := p.limit(), eventAfter(p.cursor(s.cursors))
	if err := p.done(); err != nil {
		return err
	}
	events, more, err := s.desk.Events(c.Request().Context(), actor(c), flow, id, after, limit)
	if err != nil {
		return err
	}
	return respondPage(s, c, events, eventNext(events, more), showEvent)
}
