package handlers

import (
	"onward/fault"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
)

// pathID reads an id in the path. What can't be one names nothing that exists.
func pathID(c echo.Context, name string) (uuid.UUID, error) {
	text := c.Param(name)
	id, err := uuid.Parse(text)
	if err != nil || len(text) != 36 {
		return uuid.Nil, fault.Absent()
	}
	return id, nil
}

func optionalID(text string) *uuid.UUID {
	id, err := uuid.Parse(text)
	if err != nil {
		return nil // check has named it where it isn't one
	}
	return &id
}

func textOf(id *uuid.UUID) string {
	if id == nil {
		return ""
	}
	return id.String()
}

// canonical is an id as this service writes it: a client may send capitals.
func canonical(text string) string {
	id, err := uuid.Parse(text)
	if err != nil || len(text) != 36 {
		return text // which check refuses
	}
	return id.String()
}

func canonicals(texts []string) (ids []string) {
	for _, text := range texts {
		ids = append(ids, canonical(text))
	}
	return ids
}
