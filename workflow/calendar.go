package workflow

import (
	"slices"
	"time"
)

// MaxHolidays is how many holidays a calendar has at most, so that counting
// its days always ends.
const MaxHolidays = 400

// Calendar says which days a desk works, and where on Earth its days begin.
type Calendar struct {
	works    [7]bool            // by time.Weekday
	holidays map[time.Time]bool // by their midnight, UTC
	zone     *time.Location
}

// WorkingWeek gives the weekdays of a desk that names none: Monday to Friday.
func WorkingWeek() []string { return Codes("weekday")[:5] }

// NewCalendar makes a calendar of weekdays (codes of the vocabulary `weekday`;
// none is the usual week), of the dates of holidays, and of a time zone.
func NewCalendar(weekdays []string, holidays []time.Time, zone *time.Location) Calendar {
	c := Calendar{holidays: make(map[time.Time]bool, len(holidays)), zone: zone}
	for i, code := range Codes("weekday") { // in the order of ISO 8601: from Monday on
		c.works[(i+1)%7] = slices.Contains(weekdays, code)
	}
	if c.works == [7]bool{} {
		return NewCalendar(WorkingWeek(), holidays, zone)
	}
	for _, h := range holidays {
		year, month, day := h.Date()
		c.holidays[midnight(year, month, day)] = true
	}
	return c
}

func midnight(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// after gives the same time of day on the n-th working day after the day of a
// moment. Where the clocks skip that time on that day, it is the skipped time
// by the one or the other of the two clocks.
func (c Calendar) after(now time.Time, days int) time.Time {
	now = now.In(c.zone)
	year, month, day := now.Date()
	for days > 0 { // dates are counted, not hours: a day that the clocks change has 23 or 25
		day++
		if date := midnight(year, month, day); c.works[date.Weekday()] && !c.holidays[date] {
			days--
		}
	}
	hour, minute, second := now.Clock()
	return time.Date(year, month, day, hour, minute, second, now.Nanosecond(), c.zone)
}
