package handlers

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-ical"

	"onward/models"
	"onward/workflow"
)

// calendarEvents parses a calendar with another library than the one that wrote
// it, and holds its lines against RFC 5545, 3.1.
func calendarEvents(t *testing.T, text string) []ical.Event {
	t.Helper()
	if !strings.HasSuffix(text, "END:VCALENDAR\r\n") {
		t.Errorf("it ends with %q", text[max(0, len(text)-20):])
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		if len(line) > 75 || strings.ContainsAny(line, "\r\n") || !utf8.ValidString(line) || line == "" {
			t.Errorf("a line of %d octets: %q", len(line), line)
		}
	}
	calendar, err := ical.NewDecoder(strings.NewReader(text)).Decode()
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	for name, want := range map[string]string{"VERSION": "2.0", "METHOD": "PUBLISH", "CALSCALE": "GREGORIAN", "PRODID": "-//Onward//Onward 1//EN"} {
		if got := calendar.Props.Get(name); got == nil || got.Value != want {
			t.Errorf("%s is %v, want %s", name, got, want)
		}
	}
	return calendar.Events()
}

// lineOf is an event in a line.
func lineOf(t *testing.T, e ical.Event) string {
	t.Helper()
	at := func(name string) string {
		when, err := e.Props.DateTime(name, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		return when.Format("02T15:04Z07")
	}
	text := func(name string) string {
		p := e.Props.Get(name)
		if p == nil {
			return "-"
		}
		if p.ValueType() == ical.ValueText {
			words, err := p.Text()
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			return words
		}
		return p.Value
	}
	_, number, _ := strings.Cut(text("UID"), ".")
	return strings.Join([]string{number, text("SEQUENCE"), text("STATUS"), at("DTSTART"), at("DTEND"), text("LOCATION"), text("URL"), text("CONFERENCE"), text("DESCRIPTION")}, "|")
}

func (p *person) calendar(path string) answered {
	p.s.t.Helper()
	return p.do("GET", path+"/calendar.ics", "")
}

// reads holds the calendar of a training against what its events should say.
func (s *service) reads(t *testing.T, path string, want ...string) {
	t.Helper()
	x := s.as("jurist").calendar(path).want(200)
	if got := x.header.Get("Content-Type"); got != "text/calendar; charset=utf-8" {
		t.Errorf("it is %s", got)
	}
	reference := s.as("jurist").do("GET", path, "").str("reference")
	var got []string
	for _, e := range calendarEvents(t, string(x.body)) {
		got = append(got, strings.ReplaceAll(lineOf(t, e), reference, "TR"))
		if uid := e.Props.Get("UID").Value; !strings.HasPrefix(uid, last(path)+".") || !strings.HasSuffix(uid, "@onward") {
			t.Errorf("UID %s", uid)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("it reads\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

const threeDays = `"sessions": [
	{"starts_at": "2012-09-17T09:00:00+05:00", "ends_at": "2012-09-17T12:00:00+05:00"},
	{"starts_at": "2012-09-17T12:00:00+05:00", "ends_at": "2012-09-17T17:00:00+05:00", "link": "https://example.org/room?a=1;b,c"},
	{"starts_at": "2012-09-24T09:00:00+05:00", "ends_at": "2012-09-24T17:00:00+05:00", "place": "Court 2, hall; first floor"}]`

// A calendar follows a training through its life: schedule, another schedule,
// the partner's leaving, a new one, and its end.
func TestACalendarFollows(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.approvedTraining()
	s.as("jurist").calendar(path).want(409, "not_scheduled")
	at := s.offered(path, "unitar")
	s.as("unitar").fire(at, "accept", "").want(200)
	s.as("unitar").calendar(path).want(409, "not_scheduled")
	s.as("stranger").calendar(path).want(404)

	s.as("unitar").fire(path, "schedule", `, "mode": "blended", "place": "Lahore", `+threeDays).want(200)
	s.reads(t, path,
		"1.1@onward|0|CONFIRMED|17T04:00Z|17T07:00Z|Lahore|-|-|Training TR, session 1 of 3",
		"1.2@onward|0|CONFIRMED|17T07:00Z|17T12:00Z|-|https://example.org/room?a=1;b,c|https://example.org/room?a=1;b,c|Training TR, session 2 of 3",
		"1.3@onward|0|CONFIRMED|24T04:00Z|24T12:00Z|Court 2, hall; first floor|-|-|Training TR, session 3 of 3")
	x := s.as("unitar").do("GET", path, "").want(200)
	if x.str("schedule", "starts_at") != "2012-09-17T04:00:00Z" || x.str("schedule", "ends_at") != "2012-09-24T12:00:00Z" || len(x.list("schedule", "sessions")) != 3 || x.at("schedule", "sequence") != 0.0 {
		t.Errorf("%s", x.body)
	}
	for _, who := range []string{"unitar", "admin", "network"} {
		s.as(who).calendar(path).want(200)
	}
	s.as("iom").calendar(path).want(404)
	s.as("admin of Geneva").calendar(path).want(404)

	tag := s.as("jurist").calendar(path).header.Get("ETag")
	s.as("jurist").do("GET", path+"/calendar.ics", "", "If-None-Match: "+tag).want(304)
	s.as("jurist").do("GET", path+"/calendar.ics?tz=Asia", "").want(400, "malformed")

	s.as("unitar").fire(path, "reschedule", `, "mode": "online", "link": "https://example.org/room", "reason": {"code": "venue"}, "starts_at": "2012-09-20T04:00:00Z", "ends_at": "2012-09-21T12:00:00Z"`).want(200)
	s.as("jurist").do("GET", path+"/calendar.ics", "", "If-None-Match: "+tag).want(200)
	gone := []string{
		"1.2@onward|1|CANCELLED|17T07:00Z|17T12:00Z|-|https://example.org/room?a=1;b,c|https://example.org/room?a=1;b,c|Training TR",
		"1.3@onward|1|CANCELLED|24T04:00Z|24T12:00Z|Court 2, hall; first floor|-|-|Training TR",
	}
	s.reads(t, path, append([]string{"1.1@onward|1|CONFIRMED|20T04:00Z|21T12:00Z|-|https://example.org/room|https://example.org/room|Training TR"}, gone...)...)

	s.as("unitar").fire(at, "return", `, "reason": {"code": "no_capacity"}`).want(200)
	s.state(path, "approved")
	s.as("unitar").calendar(path).want(404)
	for i := range gone {
		gone[i] = strings.Replace(gone[i], "|1|", "|2|", 1)
	}
	s.reads(t, path, append([]string{"1.1@onward|2|CANCELLED|20T04:00Z|21T12:00Z|-|-|-|Training TR"}, gone...)...)

	s.as("ewha").fire(s.offered(path, "ewha"), "accept", "").want(200)
	s.as("ewha").fire(path, "schedule", `, "mode": "onsite", "place": "Seoul", "sessions": [{"starts_at": "2012-10-01T00:00:00Z", "ends_at": "2012-10-01T09:00:00Z"}, {"starts_at": "2012-10-02T00:00:00Z", "ends_at": "2012-10-02T09:00:00Z"}]`).want(200)
	s.reads(t, path,
		"1.1@onward|3|CONFIRMED|01T00:00Z|01T09:00Z|Seoul|-|-|Training TR, session 1 of 2",
		"1.2@onward|3|CONFIRMED|02T00:00Z|02T09:00Z|Seoul|-|-|Training TR, session 2 of 2",
		"1.3@onward|3|CANCELLED|24T04:00Z|24T12:00Z|Court 2, hall; first floor|-|-|Training TR")
	s.as("jurist").fire(path, "withdraw", `, "reason": {"code": "no_longer_needed"}`).want(200)
	for _, e := range calendarEvents(t, string(s.as("jurist").calendar(path).want(200).body)) {
		if line := lineOf(t, e); !strings.Contains(line, "|4|CANCELLED|") {
			t.Errorf("after its withdrawal it says %s", line)
		}
	}
	s.agrees()
}

// What was delivered took place, and stays in calendars when the request is
// opened again; the new schedule has events of its own.
func TestWhatTookPlaceStaysInTheCalendar(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.reach("/v1/training-requests", ways["/v1/training-requests"][workflow.Closed])
	if body := string(s.as("jurist").calendar(path).want(200).body); !strings.Contains(body, "STATUS:CONFIRMED") || strings.Contains(body, "CANCELLED") {
		t.Errorf("%s", body)
	}
	s.as("admin").fire(path, "reopen", `, "reason": {"code": "error"}`).want(200)
	s.as("jurist").calendar(path).want(409, "not_scheduled")
	s.as("admin").fire(path, "approve", `, "priority": "low"`).want(200)
	s.as("ewha").fire(s.offered(path, "ewha"), "accept", "").want(200)
	s.as("ewha").fire(path, "schedule", aSchedule).want(200)
	if body := string(s.as("jurist").calendar(path).want(200).body); !strings.Contains(body, ".2.1@onward") {
		t.Errorf("the second round has the names of the first: %s", body)
	}
}

// Sessions stand in order and agree with what is sent beside them; each ends
// after it starts, within five years.
func TestSessionsAreJudged(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.reach("/v1/training-requests", ways["/v1/training-requests"][workflow.Matched])
	one := func(from, to string) string {
		return fmt.Sprintf(`{"starts_at": "2012-09-%s:00:00Z", "ends_at": "2012-09-%s:00:00Z"}`, from, to)
	}
	many := strings.TrimSuffix(strings.Repeat(one("10T08", "10T09")+", ", 61), ", ")
	first, second := one("10T08", "10T12"), one("10T12", "10T18")
	for name, c := range map[string]struct {
		body                string
		status              int
		code, pointer, says string
	}{
		"no time at all":        {`"sessions": []`, 422, "invalid", "/starts_at", "required"},
		"too many":              {`"sessions": [` + many + `]`, 422, "invalid", "/sessions", "too_many"},
		"overlapping":           {`"sessions": [` + first + `, ` + one("10T11", "10T14") + `]`, 422, "invalid", "/sessions/1/starts_at", "out_of_order"},
		"out of order":          {`"sessions": [` + second + `, ` + first + `]`, 422, "invalid", "/sessions/1/starts_at", "out_of_order"},
		"another start":         {`"starts_at": "2012-09-10T07:00:00Z", "sessions": [` + first + `]`, 422, "invalid", "/starts_at", "not_of_sessions"},
		"another end":           {`"ends_at": "2012-09-10T19:00:00Z", "sessions": [` + first + `, ` + second + `]`, 422, "invalid", "/ends_at", "not_of_sessions"},
		"no end of a session":   {`"sessions": [{"starts_at": "2012-09-10T08:00:00Z"}]`, 422, "invalid", "/sessions/0/ends_at", "required"},
		"a link that is none":   {`"sessions": [{"starts_at": "2012-09-10T08:00:00Z", "ends_at": "2012-09-10T09:00:00Z", "link": "room 2"}]`, 422, "invalid", "/sessions/0/link", "not_a_url"},
		"ends before it starts": {`"sessions": [` + first + `, ` + second + `, ` + one("12T08", "12T08") + `]`, 409, "ends_before_start", "/sessions/2/ends_at", "ends_before_start"},
		"too far ahead":         {`"sessions": [` + first + `, {"starts_at": "2199-09-10T08:00:00Z", "ends_at": "2199-09-10T09:00:00Z"}]`, 409, "too_far_ahead", "/sessions/1/ends_at", "too_far_ahead"},
		"ends before, as ever":  {`"starts_at": "2012-09-10T08:00:00Z", "ends_at": "2012-09-10T07:00:00Z"`, 409, "ends_before_start", "/ends_at", "ends_before_start"},
	} {
		x := s.as("unitar").fire(path, "schedule", `, "mode": "onsite", "place": "Lahore", `+c.body).want(c.status, c.code)
		if x.str("errors", 0, "pointer") != c.pointer || x.str("errors", 0, "code") != c.says {
			t.Errorf("%s: %s", name, x.body)
		}
	}
	s.as("unitar").fire(path, "schedule", `, "mode": "onsite", "place": "Lahore", "starts_at": "2012-09-10T10:00:00+02:00", "ends_at": "2012-09-10T18:00:00Z", "sessions": [`+first+`, `+second+`]`).want(200)
	events := s.as("admin").do("GET", path+"/events", "").want(200).list("items")
	if e, _ := events[len(events)-1].(map[string]any); fmt.Sprint(e["data"]) != "map[ends_at:2012-09-10T18:00:00Z mode:onsite sessions:2 starts_at:2012-09-10T08:00:00Z]" {
		t.Errorf("the log says %v", e["data"])
	}
	s.agrees()
}

// titles are hard for a calendar: what has to be escaped, what must not be
// folded within, and what reads from the right.
var titles = []string{
	"a,b;c\\d:e\"f", "\\n is not a line break, nor is \\, a comma", "BEGIN:VEVENT", "x\nEND:VCALENDAR\nBEGIN:VCALENDAR", "trailing space ", " leading", "\ttab",
	strings.Repeat("é", 100), strings.Repeat("👩‍⚖️", 40), strings.Repeat("x", 66) + "👩‍⚖️ court", strings.Repeat("x", 200), strings.Repeat("x ", 100),
	"تدريب على مقاضاة المتاجرين بالبشر، للمساعدين القانونيين في لاهور؛ اليوم الأول", "הכשרה, פרקליטות; תיקים", "قانون English قانون", "교육, 검사; 제주",
	strings.Repeat("a,", 80), strings.Repeat(";", 150), strings.Repeat("\\", 99), "<b>bold</b>" + strings.Repeat(">", 90),
}

// calendarOf holds a title through the other library.
func calendarOf(t *testing.T, title string) {
	t.Helper()
	at := time.Date(2012, 9, 17, 4, 0, 0, 0, time.UTC)
	row := &models.Training{TrainingFields: models.TrainingFields{Title: title}, Place: title}
	row.Reference, row.UpdatedAt = "TR-7KQ4-M2XD", at
	row.Sessions = []models.Session{{Session: workflow.Session{StartsAt: at, EndsAt: at.Add(time.Hour)}, Round: 1, Number: 1}}
	events := calendarEvents(t, calendar(row))
	if len(events) != 1 {
		t.Fatalf("%q makes %d events", title, len(events))
	}
	for _, name := range []string{"SUMMARY", "LOCATION"} {
		got, err := events[0].Props.Text(name)
		if err != nil || got != title {
			t.Errorf("%s of %q reads %q: %v", name, title, got, err)
		}
	}
}

func TestTitlesOfACalendar(t *testing.T) {
	t.Parallel()
	for _, title := range titles {
		for cut := range 4 { // so that each sign comes to stand where a line is folded
			calendarOf(t, strings.Repeat("x", cut)+title)
		}
	}
}

func FuzzTitlesOfACalendar(f *testing.F) {
	for _, title := range titles {
		f.Add(title)
	}
	f.Fuzz(func(t *testing.T, title string) {
		if utf8.ValidString(title) && isText(title) && utf8.RuneCountInString(title) <= 500 {
			calendarOf(t, title)
		}
	})
}

// Where the one who left would have taught, and by which link, is not for the
// next whom the training is offered: nor that there was anybody.
func TestTheNextPartnerReadsNoOldRooms(t *testing.T) {
	t.Parallel()
	s := start(t)
	path := s.approvedTraining()
	first := s.offered(path, "unitar")
	s.as("unitar").fire(first, "accept", "").want(200)
	s.as("unitar").fire(path, "schedule", `, "mode": "blended", "place": "Lahore", "sessions": [
		{"starts_at": "2012-09-17T04:00:00Z", "ends_at": "2012-09-17T12:00:00Z", "place": "CANARY hall"},
		{"starts_at": "2012-09-18T04:00:00Z", "ends_at": "2012-09-18T12:00:00Z", "link": "https://example.org/CANARY"}]`).want(200)
	s.as("unitar").fire(first, "return", `, "reason": {"code": "no_capacity"}`).want(200)
	next := s.offered(path, "ewha")
	s.as("ewha").do("GET", path+"/calendar.ics", "").want(409, "not_scheduled")
	if got := s.as("jurist").do("GET", path+"/calendar.ics", "").want(200); strings.Count(string(got.body), "STATUS:CANCELLED") != 2 {
		t.Errorf("who asked for it is not told that it was called off: %s", got.body)
	}
	s.as("ewha").fire(next, "accept", "").want(200)
	s.as("ewha").do("GET", path+"/calendar.ics", "").want(409, "not_scheduled")
	s.as("ewha").fire(path, "schedule", `, "mode": "onsite", "place": "Seoul", "starts_at": "2012-10-17T04:00:00Z", "ends_at": "2012-10-17T12:00:00Z"`).want(200)
	s.as("ewha").do("GET", path+"/calendar.ics", "").want(200).silent("the calendar", "CANARY", "Lahore")
}
