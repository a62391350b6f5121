package workflow

import "time"

// AnswerSpan is how long a training request waits for its owner's answer
// before it lapses.
const AnswerSpan = 30 * 24 * time.Hour

// span is a length of time: of the clock, or of working days.
type span struct {
	clock time.Duration
	days  int
}

// spans are the two promises of each urgency: a desk takes a request within
// the first, a partner answers an offer within the second. Sources: the
// inter-agency referral form; Primero's defaults for GBV and time to assign.
var spans = map[string]struct{ take, answer span }{
	"emergency": {span{clock: time.Hour}, span{clock: 24 * time.Hour}},
	"urgent":    {span{clock: 24 * time.Hour}, span{clock: 72 * time.Hour}},
	"normal":    {span{days: 3}, span{clock: 14 * 24 * time.Hour}},
}

// Due says until when a request in a state waits for its next move: nil if
// nothing is due. A training request counts as normal. Working days are those
// of the desk's calendar.
func Due(state State, urgency string, now, until time.Time, c Calendar) *time.Time {
	promise, ok := spans[urgency]
	if !ok {
		promise = spans["normal"]
	}
	var due time.Time
	switch state {
	case Submitted:
		due = promise.take.after(now, c)
	case InTriage, Approved, Open:
		due = promise.answer.after(now, c)
	case InformationRequested:
		due = now.Add(AnswerSpan)
	case OnHold:
		if until.IsZero() {
			return nil
		}
		due = until
	default:
		return nil
	}
	due = due.UTC()
	return &due
}

// RespondBy gives the default deadline of an offer's answer.
func RespondBy(urgency string, now time.Time, c Calendar) time.Time {
	promise, ok := spans[urgency]
	if !ok {
		promise = spans["normal"]
	}
	return promise.answer.after(now, c).UTC()
}

func (s span) after(now time.Time, c Calendar) time.Time {
	if s.days > 0 {
		return c.after(now, s.days)
	}
	return now.Add(s.clock)
}

// ages are the years that the bands span.
var ages = map[string][2]int{"0_5": {0, 5}, "6_12": {6, 12}, "13_17": {13, 17}, "adult": {18, 200}, "unknown": {0, 200}}

// Ages gives the youngest and the oldest, in years, of an age band; of anything
// else, of everybody.
func Ages(band string) (youngest, oldest int) {
	span, ok := ages[band]
	if !ok {
		span = ages["unknown"]
	}
	return span[0], span[1]
}
