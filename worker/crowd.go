package worker

import (
	"net/http"
	"time"

	"github.com/google/uuid"

	"onward/models"
)

// An actor who is refused what others may see or do more often than tooMany
// times within tooManyWithin is named in the log, once in warnedEvery. Of what
// an actor asks for that is not there, or too often, straysAtMost rows are
// written in warnedEvery.
const (
	tooMany       = 20
	tooManyWithin = 10 * time.Minute
	warnedEvery   = time.Hour
	straysAtMost  = 100
)

// crowd is who was refused since the start, by id; nobody known is uuid.Nil.
// One goroutine uses it.
type crowd map[uuid.UUID]*refused

type refused struct {
	hits   []time.Time // of the last tooManyWithin, at most tooMany and one
	warned time.Time
	since  time.Time // from when on strays are counted
	strays int
}

// add counts an attempt. It says whether a row of it is kept, and whether
// somebody should look at its actor.
func (c crowd) add(d models.Denial) (kept, many bool) {
	r := c.of(d.ActorID)
	if d.Status == http.StatusTooManyRequests || d.Status == http.StatusNotFound && !d.Existed {
		if d.At.Sub(r.since) >= warnedEvery {
			r.since, r.strays = d.At, 0
		}
		r.strays++
		return r.strays <= straysAtMost, false
	}
	if d.ActorID == nil || d.Status != http.StatusForbidden && d.Status != http.StatusNotFound {
		return true, false
	}
	for len(r.hits) > tooMany || len(r.hits) > 0 && d.At.Sub(r.hits[0]) > tooManyWithin {
		r.hits = r.hits[1:]
	}
	r.hits = append(r.hits, d.At)
	many = len(r.hits) > tooMany && d.At.Sub(r.warned) >= warnedEvery
	if many {
		r.warned = d.At
	}
	return true, many
}

func (c crowd) of(actor *uuid.UUID) *refused {
	var id uuid.UUID
	if actor != nil {
		id = *actor
	}
	if c[id] == nil {
		c[id] = &refused{}
	}
	return c[id]
}
