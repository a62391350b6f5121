package workflow

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// Need to know, as docs/workflows.md tells it: who, the assignment's state, days
// since it ended, and the parts that are shown.
const needsToKnow = `
owner   | any         | 0  | trace summary message person sealed consent
admin   | any         | 0  | trace summary message person sealed consent matching
partner | offered     | 0  | trace summary message
partner | accepted    | 0  | trace summary message person sealed
partner | in_progress | 0  | trace summary message person sealed
partner | on_hold     | 0  | trace summary message person sealed
partner | completed   | 0  | trace summary message person sealed
partner | completed   | 30 | trace summary message person sealed
partner | completed   | 31 | trace
partner | declined    | 0  | trace
partner | expired     | 0  | trace
partner | returned    | 0  | trace
partner | revoked     | 0  | trace
partner | none        | 0  |
nobody  | any         | 0  |
clock   | any         | 0  |
effect  | any         | 0  |`

var everyPart = []Part{Trace, Summary, Message, Person, Sealed, Consent, Matching}

func TestNeedToKnow(t *testing.T) {
	for text := range strings.SplitSeq(strings.TrimSpace(needsToKnow), "\n") {
		cells := strings.Split(text, "|")
		who, state, parts := strings.TrimSpace(cells[0]), strings.TrimSpace(cells[1]), strings.Fields(cells[3])
		days, err := time.ParseDuration(strings.TrimSpace(cells[2]) + "h")
		if err != nil {
			t.Fatal(err)
		}
		var as Role
		if i := slices.Index(roleNames, who); i >= 0 {
			as = 1 << i
		}
		on := []State{State(state)}
		switch state {
		case "any":
			on = slices.Concat(Assignment.States, []State{""})
		case "none":
			on = []State{"", New, Draft}
		}
		for _, s := range on {
			for _, part := range everyPart {
				if got, want := Sees(as, s, 24*days, part), slices.Contains(parts, string(part)); got != want {
					t.Errorf("%s of %s, %v after its end: sees %s: %v, promised %v", who, s, 24*days, part, got, want)
				}
			}
		}
	}
}

// Completion is readable to the last moment of its thirty days.
func TestCompletionIsReadableForThirtyDays(t *testing.T) {
	if span := 30 * 24 * time.Hour; !Sees(Partner, Completed, span, Person) || Sees(Partner, Completed, span+1, Person) || !Sees(Partner, Completed, span+1, Trace) {
		t.Error("the thirty days end at another moment")
	}
	if !Sees(Partner, Accepted, 31*24*time.Hour, Person) {
		t.Error("only a completed assignment runs out")
	}
}

// Two roles see what either sees, and nothing more.
func TestTwoRolesSeeWhatEitherSees(t *testing.T) {
	for _, a := range roleSets() {
		for _, s := range Assignment.States {
			for _, part := range everyPart {
				either := false
				for _, one := range a.Each() {
					either = either || Sees(one, s, 0, part)
				}
				if Sees(a, s, 0, part) != either {
					t.Errorf("%v of %s: %s", a, s, part)
				}
			}
		}
	}
}
