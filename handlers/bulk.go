package handlers

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"slices"

	"onward/api"
	"onward/desk"
	"onward/fault"
	"onward/models"
	"onward/workflow"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
)

// bulkReply has a result for each item, in the order in which they were sent.
type bulkReply struct {
	Items []bulkResult `json:"items"`
}

// bulkResult is what became of one record: its state and version now, or the
// problem that a move of it alone would have been answered with.
type bulkResult struct {
	Kind    string   `json:"kind"`
	ID      string   `json:"id"`
	Status  int      `json:"status"`
	State   string   `json:"state,omitzero"`
	Version int      `json:"version,omitzero"`
	Problem *problem `json:"problem,omitzero"`
}

// POST /v1/queue/bulk
func (s *Server) moveMany(c echo.Context) error {
	in, b, err := read[api.Bulk](c)
	if err != nil {
		return err
	}
	do, sent := workflow.Action(in.Action), workflow.Input{Question: in.Question, Reason: why(in.Reason), Priority: in.Priority}
	flow := firstWith(do)
	act(c, flow, do)
	if err := carried(flow, do, b, "items"); err != nil {
		return err
	}
	var refused []models.Denial
	err = s.once(c, b, func(ctx context.Context) (reply, error) {
		sent.Faulty = append(s.check(in), twice(in.Items)...)
		if err := refuse(append(sent.Faulty, flow.Lacking(do, sent)...)); err != nil {
			return reply{}, err
		}
		moved, err := s.desk.Bulk(ctx, actor(c), do, sent, items(in.Items))
		if err != nil {
			return reply{}, err
		}
		refused = denials(c, in.Items, moved)
		return answer(http.StatusOK, "", 0, s.showMoved(c, in.Items, moved))
	})
	for _, d := range refused {
		s.denied(d)
	}
	return err
}

// firstWith is the workflow that knows an action; of what none knows, the body
// is refused whichever it is.
func firstWith(do workflow.Action) desk.Flow {
	for _, flow := range []desk.Flow{workflow.Training, workflow.Referral} {
		if _, known := flow.DoneBy(do); known {
			return flow
		}
	}
	return workflow.Training
}

// twice names each item that was named before.
func twice(items []api.BulkItem) (fields []fault.Field) {
	var seen []string
	for i, x := range items {
		if id := canonical(x.ID); slices.Contains(seen, id) {
			fields = append(fields, fault.Field{Pointer: fmt.Sprintf("/items/%d/id", i), Code: codeNotUnique, Detail: explanations["unique"].detail})
		} else {
			seen = append(seen, id)
		}
	}
	return fields
}

func items(sent []api.BulkItem) []desk.Item {
	all := make([]desk.Item, len(sent))
	for i, x := range sent {
		flow, _ := workflow.Named(x.Kind)
		all[i] = desk.Item{Flow: flow, ID: uuid.MustParse(x.ID), Pre: desk.Whatever}
		if x.Version != nil {
			all[i].Pre = func(version int) error { return matched(*x.Version, version, nil) }
		}
	}
	return all
}

func (s *Server) showMoved(c echo.Context, sent []api.BulkItem, moved []desk.Moved) bulkReply {
	all := make([]bulkResult, len(sent))
	for i, m := range moved {
		all[i] = bulkResult{Kind: sent[i].Kind, ID: canonical(sent[i].ID), Status: http.StatusOK, State: string(m.State), Version: m.Version}
		if m.Refused != nil {
			p := s.problems.problem(m.Refused, requestID(c))
			all[i].Status, all[i].Problem = p.Status, &p
		}
	}
	return bulkReply{all}
}

// denials are what is kept of the items that were refused, as if each had been
// asked for alone: many at once are no way to try ids unseen.
func denials(c echo.Context, sent []api.BulkItem, moved []desk.Moved) (all []models.Denial) {
	for i, m := range moved {
		if m.Refused != nil && isDenial(c, m.Refused) {
			d := denial(c, m.Refused)
			d.Target, d.Among = optionalID(sent[i].ID), path.Base(pathOf(sent[i].Kind))
			all = append(all, d)
		}
	}
	return all
}
