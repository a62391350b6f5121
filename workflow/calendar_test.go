package workflow

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func dates(t *testing.T, texts ...string) (all []time.Time) {
	t.Helper()
	for _, text := range texts {
		on, err := time.Parse(time.DateOnly, text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, on)
	}
	return all
}

// Three working days of desks that don't work alike.
func TestWorkingDaysOfADesk(t *testing.T) {
	seoul, riyadh := time.FixedZone("KST", 9*3600), time.FixedZone("AST", 3*3600)
	gulf := []string{"sunday", "monday", "tuesday", "wednesday", "thursday"}
	for name, c := range map[string]struct {
		week      []string
		holidays  []string
		zone      *time.Location
		now, want string
	}{
		"Buddha's birthday, a Monday":     {nil, []string{"2012-05-28"}, seoul, "Thu 2012-05-24 16:00 +0900", "Wed 2012-05-30 16:00 +0900"},
		"it is no holiday elsewhere":      {nil, nil, seoul, "Thu 2012-05-24 16:00 +0900", "Tue 2012-05-29 16:00 +0900"},
		"a holiday on a Saturday":         {nil, []string{"2012-05-26"}, seoul, "Thu 2012-05-24 16:00 +0900", "Tue 2012-05-29 16:00 +0900"},
		"asked on a holiday":              {nil, []string{"2012-05-28"}, seoul, "Mon 2012-05-28 09:00 +0900", "Thu 2012-05-31 09:00 +0900"},
		"the holiday has begun in Seoul":  {nil, []string{"2012-05-28"}, seoul, "Sun 2012-05-27 16:00 +0000", "Thu 2012-05-31 01:00 +0900"},
		"a week that begins on Sunday":    {gulf, nil, riyadh, "Wed 2012-05-23 10:00 +0300", "Mon 2012-05-28 10:00 +0300"},
		"one working day a week":          {[]string{"saturday"}, nil, seoul, "Sat 2012-05-26 10:00 +0900", "Sat 2012-06-16 10:00 +0900"},
		"one working day, and it is off":  {[]string{"saturday"}, []string{"2012-06-02", "2012-06-16"}, seoul, "Sat 2012-05-26 10:00 +0900", "Sat 2012-06-30 10:00 +0900"},
		"no day that anybody could name":  {[]string{"someday"}, nil, seoul, "Fri 2012-05-25 10:00 +0900", "Wed 2012-05-30 10:00 +0900"},
		"from one year into the next one": {nil, []string{"2012-01-02"}, seoul, "Thu 2011-12-29 10:00 +0900", "Wed 2012-01-04 10:00 +0900"},
	} {
		got := Due(Submitted, "normal", at(t, c.now), time.Time{}, NewCalendar(c.week, dates(t, c.holidays...), c.zone))
		if want := at(t, c.want); !got.Equal(want) {
			t.Errorf("%s: due %v, promised %v", name, got.In(c.zone), want)
		}
	}
}

// Whatever the calendar: a deadline comes, on a working day, at the time of day
// of the question, and as many working days are from the one to the other.
func TestWorkingDaysAreCounted(t *testing.T) {
	var zones []*time.Location
	for _, name := range []string{"UTC", "Asia/Seoul", "Africa/Johannesburg", "Europe/Vienna", "America/Santiago", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Skip("no time zones here:", err)
		}
		zones = append(zones, zone)
	}
	rapid.Check(t, func(r *rapid.T) {
		week := rapid.SliceOfNDistinct(rapid.SampledFrom(Codes("weekday")), 1, 7, rapid.ID).Draw(r, "week")
		zone := rapid.SampledFrom(zones).Draw(r, "zone")
		now := time.Unix(rapid.Int64Range(1262304000, 1577836800).Draw(r, "now"), 0).In(zone)
		off := map[string]bool{}
		var holidays []time.Time
		for _, n := range rapid.SliceOfN(rapid.IntRange(-3, 500), 0, MaxHolidays).Draw(r, "holidays") {
			on := midnight(now.Year(), now.Month(), now.Day()+n)
			holidays = append(holidays, on)
			off[on.Format(time.DateOnly)] = true
		}
		days := rapid.IntRange(1, 10).Draw(r, "days")
		then := NewCalendar(week, holidays, zone).after(now, days)

		works := func(day time.Time) bool {
			return slices.Contains(week, strings.ToLower(day.Weekday().String())) && !off[day.Format(time.DateOnly)]
		}
		counted, last := 0, midnight(then.Year(), then.Month(), then.Day())
		for day := midnight(now.Year(), now.Month(), now.Day()+1); !day.After(last); day = day.AddDate(0, 0, 1) {
			if works(day) {
				counted++
			}
		}
		if counted != days || !works(last) {
			r.Fatalf("%d working days from %v to %v, promised %d", counted, now, then, days)
		}
		if now.Format(time.TimeOnly) != then.Format(time.TimeOnly) && !springs(then) {
			r.Fatalf("%v is not at the time of day of %v", then, now)
		}
	})
}

// springs reports whether the clocks skip some time around a moment.
func springs(then time.Time) bool {
	_, before := then.Add(-3 * time.Hour).Zone()
	_, after := then.Add(3 * time.Hour).Zone()
	return after > before
}
