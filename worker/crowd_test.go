package worker

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/models"
)

// The 21st refusal within ten minutes is told, then nothing for an hour; what
// is not there, and slips, count for nothing; each actor stands alone.
func TestCrowdNamesWhoIsRefusedAgainAndAgain(t *testing.T) {
	t.Parallel()
	start := time.Date(2012, 3, 30, 9, 0, 0, 0, time.UTC)
	one, other := uuid.New(), uuid.New()
	for name, tc := range map[string]struct {
		every  time.Duration
		times  int
		as     models.Denial
		told   int
		before int // how many of another actor's come first
	}{
		"20 foreign records":                {time.Second, 20, models.Denial{Status: 404, Existed: true}, 0, 0},
		"21 foreign records":                {time.Second, 21, models.Denial{Status: 404, Existed: true}, 1, 0},
		"21 functions of others":            {time.Second, 21, models.Denial{Status: 403}, 1, 0},
		"21 in ten minutes":                 {30 * time.Second, 21, models.Denial{Status: 403}, 1, 0},
		"slowly":                            {31 * time.Second, 100, models.Denial{Status: 403}, 0, 0},
		"for an hour":                       {time.Second, 3600, models.Denial{Status: 403}, 1, 0},
		"for two hours":                     {time.Second, 7200, models.Denial{Status: 403}, 2, 0},
		"what is not there":                 {time.Second, 500, models.Denial{Status: 404}, 0, 0},
		"a state that forbids it":           {time.Second, 500, models.Denial{Status: 409, Existed: true}, 0, 0},
		"too many of what there is":         {time.Second, 500, models.Denial{Status: 429, Existed: true}, 0, 0},
		"with what another did, no crowd":   {time.Second, 20, models.Denial{Status: 403}, 0, 20},
		"another who was told is no excuse": {time.Second, 21, models.Denial{Status: 403}, 1, 21},
	} {
		c := crowd{}
		for range tc.before {
			c.add(models.Denial{Status: 403, ActorID: &other, At: start})
		}
		told := 0
		for i := range tc.times {
			d := tc.as
			d.ActorID, d.At = &one, start.Add(time.Duration(i)*tc.every)
			if _, many := c.add(d); many {
				told++
			}
		}
		if told != tc.told {
			t.Errorf("%s: told %d times, want %d", name, told, tc.told)
		}
	}
}

// What touches nothing is written 100 times an hour for each actor, and what
// touches something always.
func TestCrowdBoundsStrays(t *testing.T) {
	t.Parallel()
	start := time.Date(2012, 3, 30, 9, 0, 0, 0, time.UTC)
	one, other := uuid.New(), uuid.New()
	c := crowd{}
	rows := func(d models.Denial, actor *uuid.UUID, at time.Duration) (n int) {
		for range 250 {
			d.ActorID, d.At = actor, start.Add(at)
			if kept, _ := c.add(d); kept {
				n++
			}
		}
		return n
	}
	for _, tc := range []struct {
		name      string
		got, want int
	}{
		{"absent", rows(models.Denial{Status: 404}, &one, 0), 100},
		{"too many", rows(models.Denial{Status: 429, Existed: true}, &one, time.Minute), 0},
		{"foreign", rows(models.Denial{Status: 404, Existed: true}, &one, time.Minute), 250},
		{"another's", rows(models.Denial{Status: 404}, &other, time.Minute), 100},
		{"nobody's", rows(models.Denial{Status: 429}, nil, time.Minute), 100},
		{"absent, an hour later", rows(models.Denial{Status: 404}, &one, time.Hour), 100},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: %d rows, want %d", tc.name, tc.got, tc.want)
		}
	}
}
