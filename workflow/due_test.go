package workflow

import (
	"testing"
	"time"
)

// usual is a calendar without holidays, in UTC.
var usual = NewCalendar(nil, nil, time.UTC)

const layout = "Mon 2006-01-02 15:04 -0700"

func at(t *testing.T, s string) time.Time {
	t.Helper()
	when, err := time.Parse(layout, s)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

// The clocks of docs/workflows.md: when a desk must have taken a request.
func TestTakeWithin(t *testing.T) {
	for _, c := range []struct{ urgency, now, due string }{
		{"emergency", "Tue 2012-04-03 12:00 +0000", "Tue 2012-04-03 13:00 +0000"},
		{"emergency", "Sat 2012-04-07 23:30 +0000", "Sun 2012-04-08 00:30 +0000"}, // emergencies know no weekend
		{"urgent", "Fri 2012-04-06 12:00 +0000", "Sat 2012-04-07 12:00 +0000"},
		{"normal", "Mon 2012-04-02 12:00 +0000", "Thu 2012-04-05 12:00 +0000"},
		{"normal", "Tue 2012-04-03 12:00 +0000", "Fri 2012-04-06 12:00 +0000"},
		{"normal", "Wed 2012-04-04 12:00 +0000", "Mon 2012-04-09 12:00 +0000"},
		{"normal", "Fri 2012-04-06 12:00 +0000", "Wed 2012-04-11 12:00 +0000"},
		{"normal", "Sat 2012-04-07 12:00 +0000", "Wed 2012-04-11 12:00 +0000"},
		{"normal", "Sun 2012-04-08 12:00 +0000", "Wed 2012-04-11 12:00 +0000"},
		{"", "Tue 2012-04-03 12:00 +0000", "Fri 2012-04-06 12:00 +0000"},     // a training
		{"high", "Tue 2012-04-03 12:00 +0000", "Fri 2012-04-06 12:00 +0000"}, // no urgency is normal
		// Monday morning in Jeju is still Sunday in London: three days of Jeju.
		{"normal", "Mon 2012-04-09 08:00 +0900", "Thu 2012-04-12 08:00 +0900"},
		{"normal", "Sun 2012-04-08 23:00 +0000", "Wed 2012-04-11 23:00 +0000"},
		// Friday evening in Lima is Saturday in London.
		{"normal", "Fri 2012-04-06 22:00 -0500", "Wed 2012-04-11 22:00 -0500"},
	} {
		now := at(t, c.now)
		got := Due(Submitted, c.urgency, now, time.Time{}, NewCalendar(nil, nil, now.Location()))
		if want := at(t, c.due); got == nil || !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%s, %s: due %v, promised %v", c.urgency, c.now, got, want.UTC())
		}
	}
}

// A working day ends at the same time of the clock, also where the clocks
// change over the weekend.
func TestWorkingDaysCrossAChangeOfClocks(t *testing.T) {
	vienna, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		t.Skip("no time zones here:", err)
	}
	got := Due(Submitted, "normal", time.Date(2012, 3, 23, 8, 0, 0, 0, time.UTC), time.Time{}, NewCalendar(nil, nil, vienna))
	if want := time.Date(2012, 3, 28, 9, 0, 0, 0, vienna); !got.Equal(want) {
		t.Errorf("due %v, promised %v", got, want)
	}
}

func TestDueByState(t *testing.T) {
	until := noon.AddDate(0, 0, 10)
	hours := map[string]map[State]int{ // from noon on; absent: nothing is due
		"emergency": {Submitted: 1, InTriage: 24, Approved: 24, Open: 24, InformationRequested: 30 * 24, OnHold: 240},
		"urgent":    {Submitted: 24, InTriage: 72, Approved: 72, Open: 72, InformationRequested: 30 * 24, OnHold: 240},
		"normal":    {Submitted: 72, InTriage: 14 * 24, Approved: 14 * 24, Open: 14 * 24, InformationRequested: 30 * 24, OnHold: 240},
	}
	for urgency, by := range hours {
		for _, w := range []*Workflow{Training, Referral} {
			for _, s := range states(w) {
				got := Due(s, urgency, noon, until, usual)
				want, ok := by[s]
				if (got != nil) != ok || ok && !got.Equal(noon.Add(time.Duration(want)*time.Hour)) {
					t.Errorf("%s, %s: due %v, promised in %d hours (%v)", urgency, s, got, want, ok)
				}
			}
		}
	}
	if got := Due(OnHold, "normal", noon, time.Time{}, usual); got != nil {
		t.Errorf("held for no known time, and due %v", got)
	}
}

func TestRespondBy(t *testing.T) {
	for urgency, hours := range map[string]int{"emergency": 24, "urgent": 72, "normal": 14 * 24, "": 14 * 24} {
		seoul := NewCalendar(nil, nil, time.FixedZone("KST", 9*3600))
		if got := RespondBy(urgency, noon, seoul); !got.Equal(noon.Add(time.Duration(hours)*time.Hour)) || got.Location() != time.UTC {
			t.Errorf("%q: %v, promised in %d hours", urgency, got, hours)
		}
	}
}

// Days count where Now is told: what was delivered today in Jeju was so while
// London still slept, and a training of Lima's evening is of that evening.
func TestDeliveredOnIsADayOfTheDesk(t *testing.T) {
	for name, c := range map[string]struct {
		now, starts string
		on          time.Time
		code        string
	}{
		"today in Jeju":              {"Tue 2012-04-03 08:00 +0900", "Tue 2012-04-03 06:00 +0900", day(3), ""},
		"tomorrow in Jeju":           {"Tue 2012-04-03 08:00 +0900", "Tue 2012-04-03 06:00 +0900", day(4), "delivered_in_future"},
		"the evening it starts":      {"Wed 2012-04-04 08:00 -0500", "Mon 2012-04-02 20:00 -0500", day(2), ""},
		"the day before it starts":   {"Wed 2012-04-04 08:00 -0500", "Mon 2012-04-02 20:00 -0500", day(1), "delivered_before_start"},
		"tomorrow in Lima":           {"Mon 2012-04-02 20:00 -0500", "Mon 2012-04-02 08:00 -0500", day(3), "delivered_in_future"},
		"the very day, told in UTC":  {"Tue 2012-04-03 23:59 +0000", "Tue 2012-04-03 23:58 +0000", day(3), ""},
		"before it starts, that day": {"Tue 2012-04-03 08:00 +0000", "Tue 2012-04-03 09:00 +0000", day(3), ""},
	} {
		f := goodDay()
		f.Now, f.Starts, f.Sent.DeliveredOn = at(t, c.now), at(t, c.starts).UTC(), c.on
		_, err := Training.Fire(Scheduled, Deliver, Partner, f)
		if got := codeOf(err); got != c.code {
			t.Errorf("%s: %q (%v), promised %q", name, got, err, c.code)
		}
	}
}
