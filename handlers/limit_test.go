package handlers

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"onward/desk"
	"onward/models"
	"onward/models/modelstest"
)

// limited puts a node with these limits before the service, and counts whom it
// tells of.
func (s *service) limited(l desk.Limits) *atomic.Int32 {
	s.t.Helper()
	var told atomic.Int32
	s.serve(desk.New(modelstest.Enter(s.t, s.dsn), s.now.now, desk.LimitReading(l, func(context.Context, models.Actor) { told.Add(1) })))
	return &told
}

// cases makes some cases, and gives their paths.
func (s *service) cases(n int) []string {
	s.t.Helper()
	paths := make([]string, n)
	for i := range paths {
		paths[i] = s.as("referrer").create("/v1/case-referrals", fmt.Sprintf(aReferral, "")).header.Get("Location")
	}
	return paths
}

// refused is for how long a reading is refused.
func (x answered) refused() time.Duration {
	x.t.Helper()
	seconds, err := strconv.Atoi(x.want(429, "reading_limit").header.Get("Retry-After"))
	if err != nil {
		x.t.Errorf("%v", err)
	}
	return time.Duration(seconds) * time.Second
}

// Within an hour a person opens so many different cases, and no more; those it
// has opened it opens again, and lists and its own work don't count.
func TestReadingIsLimited(t *testing.T) {
	t.Parallel()
	s := start(t)
	told := s.limited(desk.Limits{Roles: map[string]int{"admin": 3}})
	paths := s.cases(5)
	admin := s.as("admin")
	for _, path := range paths[:3] {
		admin.do("GET", "/v1/case-referrals", "").want(200)
		admin.do("GET", path, "").want(200)
		s.now.advance(10 * time.Minute)
	}
	if wait := admin.do("GET", paths[3], "").refused(); wait <= 29*time.Minute || wait > 30*time.Minute {
		t.Errorf("wait %v, the oldest was read half an hour ago", wait)
	}
	admin.do("GET", paths[0], "").want(200) // read again: now the second is the oldest
	if wait := admin.do("GET", paths[3], "").refused(); wait <= 39*time.Minute || wait > 40*time.Minute {
		t.Errorf("wait %v, the oldest was read twenty minutes ago", wait)
	}
	admin.do("GET", "/v1/case-referrals", "").want(200)
	admin.fire(paths[3], "take", "").want(200)
	s.as("network").do("GET", paths[3], "").want(200)
	if got := s.readings(paths[4]); len(got) != 4 {
		t.Errorf("what was refused is recorded as read: %v", got)
	}
	if told.Load() != 1 {
		t.Errorf("told %d times within the hour", told.Load())
	}
	s.now.advance(51 * time.Minute)
	admin.do("GET", paths[3], "").want(200) // two have grown old, one counts
	admin.do("GET", paths[4], "").want(200)
	admin.do("GET", paths[1], "").refused()
	if told.Load() != 1 {
		t.Errorf("told %d times within the hour", told.Load())
	}
	s.now.advance(20 * time.Minute)
	admin.do("GET", paths[1], "").want(200)
	admin.do("GET", paths[2], "").refused()
	if told.Load() != 2 {
		t.Errorf("told %d times in two hours", told.Load())
	}
}

// Fifty at once, on two nodes: exactly as many as the limit lets through.
func TestReadingIsLimitedAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t)
	paths := s.cases(50)
	limits := desk.Limits{Roles: map[string]int{"admin": 7}}
	var urls []string
	for range 2 {
		s.limited(limits)
		urls = append(urls, s.url)
	}
	var read, refused atomic.Int32
	var all sync.WaitGroup
	for i, path := range paths {
		node := *s
		node.url = urls[i%2]
		one := &person{&node, s.as("admin").token, s.as("admin").user}
		all.Go(func() {
			switch got := one.do("GET", path, ""); got.status {
			case 200:
				read.Add(1)
			case 429:
				refused.Add(1)
			default:
				t.Errorf("%d %s", got.status, got.body)
			}
		})
	}
	all.Wait()
	if read.Load() != 7 || refused.Load() != 43 {
		t.Errorf("%d were read, %d refused, want 7 and 43", read.Load(), refused.Load())
	}
}

// The limit is the role's; of several roles, the largest; and where none is
// set, a hundred.
func TestTheLimitIsTheRoles(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.limited(desk.Limits{Roles: map[string]int{"admin": 2, "partner": 1}})
	s.addPerson("both", s.iom, &s.jeju.ID, "admin", "partner")
	paths := s.cases(3)
	for i, path := range paths {
		s.as("referrer").do("GET", path, "").want(200) // a hundred
		if i < 2 {
			s.as("both").do("GET", path, "").want(200)
		} else {
			s.as("both").do("GET", path, "").refused()
		}
		s.as("admin").fire(path, "take", "").want(200)
		s.as("admin").fire(path, "open", `, "urgency": "urgent", "services": ["child_protection"]`).want(200)
		at := s.offered(path, "iom")
		s.as("iom").do("GET", at, "").want(200) // an offer shows nothing sealed
		s.as("iom").fire(at, "accept", "").want(200)
		if i < 1 {
			s.as("iom").do("GET", path, "").want(200)
			s.as("iom").do("GET", at, "").want(200) // the same case, by its assignment
		} else {
			s.as("iom").do("GET", path, "").refused()
			s.as("iom").do("GET", at, "").refused() // its thread is sealed too
		}
	}
	s.limited(desk.Limits{})
	_, err := s.look().ExecContext(t.Context(), `INSERT INTO accesses (id, at, referral_id, user_id, organisation_id, operation, as_role, parts, request_id)
		SELECT gen_random_uuid(), now(), gen_random_uuid(), $1, $2, 'getReferral', 'admin', '{sealed}', 'r' FROM generate_series(1, 99)`, s.as("network").user.ID, s.unitar.ID)
	s.must(err)
	s.as("network").do("GET", paths[0], "").want(200)
	s.as("network").do("GET", paths[1], "").refused()
}

// Lists have a limit of their own: so many different cases, however often.
func TestListsAreLimited(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.limited(desk.Limits{Lists: 4})
	s.cases(3)
	admin := s.as("admin")
	for range 3 {
		admin.do("GET", "/v1/case-referrals", "").want(200)
	}
	s.now.advance(20 * time.Minute)
	more := s.cases(2)
	if wait := admin.do("GET", "/v1/case-referrals", "").refused(); wait <= 39*time.Minute || wait > 40*time.Minute {
		t.Errorf("wait %v", wait)
	}
	admin.do("GET", "/v1/case-referrals?limit=1", "").want(200)
	admin.do("GET", "/v1/case-referrals?limit=2", "").refused()
	admin.do("GET", more[0], "").want(200)    // opened, not listed
	admin.fire(more[0], "take", "").want(200) // work, which shows the case
	s.now.advance(41 * time.Minute)
	admin.do("GET", "/v1/case-referrals?limit=4", "").want(200)
	if wait := admin.do("GET", "/v1/case-referrals", "").refused(); wait > time.Hour || wait <= 59*time.Minute {
		t.Errorf("wait %v", wait)
	}
	admin.do("GET", "/v1/training-requests", "").want(200)
}
