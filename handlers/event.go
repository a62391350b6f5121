package handlers

import (
	"strconv"

	"onward/api"
	"onward/models"
)

func eventAfter(at *position) int64 {
	if at == nil || len(at.Keys) != 1 {
		return 0
	}
	after, err := strconv.ParseInt(at.Keys[0], 10, 64)
	if err != nil {
		return 0 // a sealed cursor never has this
	}
	return after
}

func eventNext(events []models.Event, more bool) *models.Position {
	if !more {
		return nil
	}
	last := events[len(events)-1]
	return &models.Position{Key: strconv.FormatInt(last.Position, 10), ID: last.ID.String()}
}

func showEvent(e models.Event) api.Event {
	out := api.Event{
		ID: e.ID.String(), Name: e.Name, Record: e.RecordID.String(), RecordKind: e.Workflow, Seq: e.Seq,
		Action: string(e.Action), From: string(e.FromState), To: string(e.ToState), By: e.ActorRole, At: e.At.UTC(), Data: e.Data,
	}
	if e.ActorID != nil {
		id := e.ActorID.String()
		out.Actor = &id
	}
	return out
}
