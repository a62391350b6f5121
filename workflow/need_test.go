package workflow

import (
	"slices"
	"testing"
	"time"

	"onward/fault"

	"github.com/google/go-cmp/cmp"
)

// without takes one member away.
var without = map[string]func(*Input){
	"question": func(i *Input) { i.Question = " \n" }, "answer": func(i *Input) { i.Answer = "" }, "desk": func(i *Input) { i.Desk = "" },
	"reason": func(i *Input) { i.Reason = nil }, "priority": func(i *Input) { i.Priority = "" }, "urgency": func(i *Input) { i.Urgency = "" },
	"services": func(i *Input) { i.Services = nil }, "organisation_id": func(i *Input) { i.Organisation = "" }, "service": func(i *Input) { i.Service = "" },
	"starts_at": func(i *Input) { i.StartsAt = time.Time{} }, "ends_at": func(i *Input) { i.EndsAt = time.Time{} }, "mode": func(i *Input) { i.Mode = "" },
	"place": func(i *Input) { i.Place, i.Link = "", "" }, "participants": func(i *Input) { i.Participants = 0 }, "delivered_on": func(i *Input) { i.DeliveredOn = time.Time{} },
	"levels": func(i *Input) { i.Levels = nil }, "objectives": func(i *Input) { i.Objectives = nil }, "outcome": func(i *Input) { i.Outcome = "" },
	"organisations": func(i *Input) { i.Organisations = nil }, "note": func(i *Input) { i.Note = "" }, "until": func(i *Input) { i.Until = time.Time{} },
}

// Each promised need, missing, is told by its pointer; nothing else is.
func TestEachMissingNeedIsTold(t *testing.T) {
	for _, w := range All() {
		for _, l := range promises[w.Name].lines {
			for _, need := range l.needs {
				f := factsFor(l)
				without[need](&f.Sent)
				for _, from := range l.from {
					_, err := w.Fire(State(from), Action(l.do), l.by, f)
					wantFields(t, w.Name+" "+from+" "+l.do, err, "/"+need, "required")
				}
			}
			f := factsFor(l)
			f.Sent = only(l)
			if _, err := w.Fire(State(l.from[0]), Action(l.do), l.by, f); err != nil {
				t.Errorf("%s: %s needs more than was promised: %v", w.Name, l.do, err)
			}
		}
	}
}

// only is good input with nothing but what a line needs.
func only(l line) Input {
	i := goodInput()
	for member, drop := range without {
		if !slices.Contains(l.needs, member) {
			drop(&i)
		}
	}
	i.Message, i.RespondBy, i.Draft = "", time.Time{}, slices.Contains(l.conds, "sent as a draft")
	return i
}

// factsFor are facts under which every guard of a line holds.
func factsFor(l line) Facts {
	for _, f := range product(l.dims()) {
		if len(l.broken(f)) == 0 && f.Partner != nil && f.Desk != nil {
			return f
		}
	}
	panic("no facts let " + l.do + " pass")
}

// wantFields asks for an invalid with exactly these pairs of pointer and code.
func wantFields(t *testing.T, what string, err error, pairs ...string) {
	t.Helper()
	no, ok := fault.As(err)
	if !ok || no.Kind != fault.Invalid || no.Code != fault.CodeInvalid {
		t.Errorf("%s: %v, not an invalid", what, err)
		return
	}
	var got []string
	for _, f := range no.Fields {
		if f.Detail == "" {
			t.Errorf("%s: %s says nothing for a person", what, f.Pointer)
		}
		got = append(got, f.Pointer, string(f.Code))
	}
	if diff := cmp.Diff(pairs, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestWhatIsSentIsJudged(t *testing.T) {
	for name, c := range map[string]struct {
		w    *Workflow
		from State
		do   Action
		as   Role
		but  func(*Facts)
		want []string
	}{
		"other without a note":     {Training, InTriage, Reject, Admin, func(f *Facts) { f.Sent.Reason = &Reason{Code: "other"} }, []string{"/reason/note", "required"}},
		"other with a blank note":  {Training, InTriage, Reject, Admin, func(f *Facts) { f.Sent.Reason = &Reason{"other", " "} }, []string{"/reason/note", "required"}},
		"another list's reason":    {Training, InTriage, Reject, Admin, func(f *Facts) { f.Sent.Reason = &Reason{"not_a_trafficking_case", ""} }, []string{"/reason/code", "unknown_code"}},
		"a case's own reason":      {Referral, InTriage, Reject, Admin, func(f *Facts) { f.Sent.Reason = &Reason{"no_funding", ""} }, []string{"/reason/code", "unknown_code"}},
		"a reason without a code":  {Assignment, Offered, Decline, Partner, func(f *Facts) { f.Sent.Reason = &Reason{} }, []string{"/reason/code", "unknown_code"}},
		"decline by a return code": {Assignment, Offered, Decline, Partner, func(f *Facts) { f.Sent.Reason = &Reason{"moved_away", ""} }, []string{"/reason/code", "unknown_code"}},
		"an unknown priority":      {Training, InTriage, Approve, Admin, func(f *Facts) { f.Sent.Priority = "urgent" }, []string{"/priority", "unknown_code"}},
		"an unknown mode":          {Training, Matched, Schedule, Partner, func(f *Facts) { f.Sent.Mode = "by_post" }, []string{"/mode", "unknown_code"}},
		"an unknown urgency":       {Referral, InTriage, OpenCase, Admin, func(f *Facts) { f.Sent.Urgency = "high" }, []string{"/urgency", "unknown_code"}},
		"one unknown service":      {Referral, InTriage, OpenCase, Admin, func(f *Facts) { f.Sent.Services = []string{"food", "pizza"} }, []string{"/services/1", "unknown_code"}},
		"an unknown offer":         {Referral, Open, Offer, Admin, func(f *Facts) { f.Sent.Service = "pizza" }, []string{"/service", "unknown_code"}},
		"a case's outcome no_show": {Referral, Open, Close, Admin, func(f *Facts) { f.Sent.Outcome = "no_show" }, []string{"/outcome", "unknown_code"}},
		"a training's outcome":     {Training, Delivered, Close, Admin, func(f *Facts) { f.Sent.Outcome = "helped" }, []string{"/outcome", "unknown_code"}},
		"respond_by now":           {Training, Approved, Offer, Admin, func(f *Facts) { f.Sent.RespondBy = noon }, []string{"/respond_by", "not_in_future"}},
		"respond_by past":          {Referral, Open, Offer, Admin, func(f *Facts) { f.Sent.RespondBy = noon.Add(-1) }, []string{"/respond_by", "not_in_future"}},
		"until past":               {Referral, InService, Hold, Admin, func(f *Facts) { f.Sent.Until = noon }, []string{"/until", "not_in_future"}},
		"no result at all":         {Training, Delivered, Evaluate, Owner, func(f *Facts) { f.Sent.Objectives = nil }, []string{"/objectives", "required"}},
		"one result of two":        {Training, Delivered, Evaluate, Owner, func(f *Facts) { f.Sent.Objectives = []Result{{1, true, ""}} }, []string{"/objectives", "required"}},
		"a result of nothing":      {Training, Delivered, Evaluate, Owner, func(f *Facts) { f.Sent.Objectives = []Result{{0, true, ""}, {2, true, ""}} }, []string{"/objectives/1/index", "unknown_objective"}},
		"a result told twice":      {Training, Delivered, Evaluate, Admin, func(f *Facts) { f.Sent.Objectives = []Result{{0, true, ""}, {0, false, ""}} }, []string{"/objectives/1/index", "unknown_objective"}},
		"a negative result":        {Training, Delivered, Evaluate, Admin, func(f *Facts) { f.Sent.Objectives = []Result{{-1, true, ""}, {0, true, ""}} }, []string{"/objectives/0/index", "unknown_objective"}},
		"what was faulty when read": {Training, Scheduled, Deliver, Partner, func(f *Facts) {
			f.Sent.Participants, f.Sent.Faulty = 0, []fault.Field{{Pointer: "/participants", Code: "too_small", Detail: "At least 1."}}
		}, []string{"/participants", "too_small"}},
		"everything missing": {
			Training, Scheduled, Reschedule, Admin, func(f *Facts) { f.Sent = Input{} },
			[]string{"/starts_at", "required", "/ends_at", "required", "/mode", "required", "/place", "required", "/reason", "required"},
		},
	} {
		f := goodDay()
		c.but(&f)
		_, err := c.w.Fire(c.from, c.do, c.as, f)
		wantFields(t, name, err, c.want...)
	}
}

func TestWhatMayBeSentIsNotNeeded(t *testing.T) {
	f := goodDay()
	f.Sent.RespondBy, f.Sent.Message, f.Sent.Link = time.Time{}, "", ""
	for _, c := range []struct {
		w    *Workflow
		from State
		do   Action
	}{{Training, Approved, Offer}, {Referral, InService, Offer}, {Training, Matched, Schedule}} {
		if _, err := c.w.Fire(c.from, c.do, Admin, f); err != nil {
			t.Errorf("%s: %v", c.do, err)
		}
	}
	f.Sent.Place, f.Sent.Link = "", "https://example.org"
	if _, err := Training.Fire(Matched, Schedule, Admin, f); err != nil {
		t.Errorf("a link does instead of a place: %v", err)
	}
	f.Objectives, f.Sent.Objectives = 0, nil
	if _, err := Training.Fire(Delivered, Evaluate, Owner, f); err != nil {
		t.Errorf("no objective was promised, so none needs a result: %v", err)
	}
}

// Needs are told last: after the role, the state and the guards (docs/contract.md,
// rule 12).
func TestNeedsAreToldLast(t *testing.T) {
	f := goodDay()
	f.Sent = Input{Faulty: []fault.Field{{Pointer: "/desk", Code: "not_an_id", Detail: "Not an id."}}}
	for _, c := range []struct {
		from State
		as   Role
		same bool
		want fault.Code
	}{
		{InTriage, Owner, true, fault.CodeWrongRole},
		{Submitted, Admin, true, fault.CodeWrongState},
		{InTriage, Admin, true, "same_desk"},
		{InTriage, Admin, false, fault.CodeInvalid},
	} {
		f.Desk.Same = c.same
		if _, err := Training.Fire(c.from, Transfer, c.as, f); !fault.Is(err, c.want) {
			t.Errorf("transfer from %s by %v: %v, not %s", c.from, c.as, err, c.want)
		}
	}
	_, err := Training.Fire(InTriage, "promote", Admin, f)
	wantFields(t, "no such action", err, "/action", "unknown_code")
}
