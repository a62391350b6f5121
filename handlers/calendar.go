package handlers

import (
	"fmt"
	"net/http"

	"onward/api"
	"onward/models"

	ics "github.com/arran4/golang-ical"
	"github.com/labstack/echo/v4"
)

const mediaCalendar = "text/calendar; charset=utf-8" // RFC 5545, 8.1

// GET /v1/training-requests/{id}/calendar.ics
func (s *Server) getTrainingCalendar(c echo.Context) error {
	t, err := inPath(c, s.desk.Calendar)
	if err != nil {
		return err
	}
	if notModified(c, t.Version) {
		return known(c, t.Version)
	}
	setETag(c, t.Version)
	c.Response().Header().Set(echo.HeaderContentDisposition, fmt.Sprintf("attachment; filename=%q", t.Reference+".ics"))
	return c.Blob(http.StatusOK, mediaCalendar, []byte(calendar(t)))
}

// calendar is a training as an iCalendar object (RFC 5545): a VEVENT a session,
// in UTC. It names no person. Its stamps are the record's own, so that a version
// always reads the same.
func calendar(t *models.Training) string {
	all := ics.Calendar{}
	all.SetVersion("2.0")
	all.SetProductId("-//Onward//Onward 1//EN")
	all.SetCalscale("GREGORIAN")
	all.SetMethod(ics.MethodPublish)
	planned := len(showSessions(t))
	for _, x := range t.Sessions {
		e := all.AddEvent(fmt.Sprintf("%s.%d.%d@onward", t.ID, x.Round, x.Number))
		e.SetDtStampTime(t.UpdatedAt)
		e.SetModifiedAt(t.UpdatedAt)
		e.SetStartAt(x.StartsAt)
		e.SetEndAt(x.EndsAt)
		e.SetSequence(t.CalendarSequence)
		e.SetSummary(t.Title)
		e.SetStatus(ics.ObjectStatusConfirmed)
		e.SetDescription("Training " + t.Reference)
		switch {
		case x.Cancelled:
			e.SetStatus(ics.ObjectStatusCancelled)
		case planned > 1:
			e.SetDescription(fmt.Sprintf("Training %s, session %d of %d", t.Reference, x.Number, planned))
		}
		place, link := where(t, x)
		if place != "" {
			e.SetLocation(place)
		}
		if link != "" {
			e.SetURL(link)
			e.AddProperty("CONFERENCE", link, ics.WithValue("URI")) // RFC 7986, 5.11
		}
	}
	return all.Serialize(ics.WithNewLineWindows)
}

// where is the place and the link of a session: its own, if it has any.
func where(t *models.Training, x models.Session) (place, link string) {
	if x.Place != "" || x.Link != "" {
		return x.Place, x.Link
	}
	return t.Place, t.Link
}

// showSessions are those that take place, or did.
func showSessions(t *models.Training) []api.Session {
	all := []api.Session{}
	for _, x := range t.Sessions {
		if !x.Cancelled {
			all = append(all, api.Session{StartsAt: x.StartsAt.UTC(), EndsAt: x.EndsAt.UTC(), Place: x.Place, Link: x.Link})
		}
	}
	return all
}
