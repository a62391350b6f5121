package workflow

import (
	"fmt"
	"strings"
	"testing"

	"onward/fault"
)

// A table that can't be right stops the program at start-up, with words that
// lead to the row.
func TestDefineRefusesBadTables(t *testing.T) {
	begin := Row{From: in(New), Do: Create, To: Draft, By: Owner}
	finish := Row{From: in(Draft), Do: Close, To: Closed, By: Admin}
	holds := func(Facts) bool { return true }
	guarded := func(codes ...fault.Code) []Guard {
		var all []Guard
		for _, c := range codes {
			all = append(all, Guard{Code: c, Says: "No.", Holds: holds})
		}
		return all
	}
	twin := func(first, second []Guard) []Row {
		a, b := finish, finish
		a.If, b.If, b.To = first, second, Withdrawn
		return []Row{begin, a, b}
	}
	for name, c := range map[string]struct {
		ends []State
		rows []Row
		says string
	}{
		"two rows for one state, action and role": {in(Closed), []Row{begin, finish, {From: in(Submitted, Draft), Do: Close, To: Closed, By: Owner | Admin}}, "two rows for draft × close × admin"},
		"a state twice in one row":                {in(Closed), []Row{begin, {From: in(Draft, Draft), Do: Close, To: Closed, By: Admin}}, "two rows for draft × close × admin"},
		"twin rows with the same guards":          {in(Closed, Withdrawn), twin(guarded("a", "b"), guarded("a", "b")), "two rows"},
		"twin rows, one without a guard":          {in(Closed, Withdrawn), twin(guarded("a"), nil), "two rows"},
		"an unreachable state":                    {in(Closed), []Row{begin, finish, {From: in(Open), Do: Close, To: Closed, By: Admin}}, `"open" is unreachable`},
		"a circle that nothing leads to":          {in(Closed), []Row{begin, finish, {From: in(Open, OnHold), Do: Hold, To: OnHold, By: Admin}, {From: in(OnHold), Do: Resume, To: Open, By: Admin}, {From: in(Open), Do: Close, To: Closed, By: Admin}}, "is unreachable"},
		"a state that nothing leads out of":       {in(Closed), []Row{begin, finish, {From: in(Draft), Do: Hold, To: OnHold, By: Admin}}, `"on_hold" has no way to an end`},
		"a circle with no way to an end":          {in(Closed), []Row{begin, finish, {From: in(Draft), Do: Hold, To: OnHold, By: Admin}, {From: in(OnHold), Do: Resume, To: Open, By: Admin}, {From: in(Open), Do: Hold, To: OnHold, By: Admin}}, "has no way to an end"},
		"no end at all":                           {nil, []Row{begin}, "has no way to an end"},
		"an end that is no state":                 {in(Closed, Revoked), []Row{begin, finish}, `end "revoked" is no state`},
		"an end with a way out":                   {in(Closed), []Row{begin, finish, {From: in(Closed), Do: Resume, To: Draft, By: Admin}}, `a way out that is not reopen: "resume"`},
		"a way back to before the record was":     {in(Closed), []Row{begin, finish, {From: in(Draft), Do: Delete, To: New, By: Owner}}, "before the record was"},
		"a creation that creates nothing":         {in(Closed), []Row{begin, finish, {From: in(New), Do: Edit, By: Owner}}, "before the record was"},
		"a guard with no code":                    {in(Closed), []Row{begin, {From: in(Draft), Do: Close, To: Closed, By: Admin, If: []Guard{{Says: "No.", Holds: holds}}}}, "no code, no sentence or no test"},
		"a guard with no sentence":                {in(Closed), []Row{begin, {From: in(Draft), Do: Close, To: Closed, By: Admin, If: []Guard{{Code: "x", Holds: holds}}}}, "no code, no sentence or no test"},
		"a guard with no test":                    {in(Closed), []Row{begin, {From: in(Draft), Do: Close, To: Closed, By: Admin, If: []Guard{{Code: "x", Says: "No."}}}}, "no code, no sentence or no test"},
		"a need of an unknown vocabulary":         {in(Closed), []Row{begin, {From: in(Draft), Do: Close, To: Closed, By: Admin, Needs: needs(reason("weather"))}}, `unknown vocabulary "weather"`},
		"an option of an unknown vocabulary":      {in(Closed), []Row{begin, {From: in(Draft), Do: Close, To: Closed, By: Admin, May: needs(outcome("weather"))}}, `unknown vocabulary "weather"`},
		"a need with no member":                   {in(Closed), []Row{begin, {From: in(Draft), Do: Close, To: Closed, By: Admin, Needs: needs(Need{})}}, "no member"},
		"a row from nowhere":                      {in(Closed), []Row{begin, finish, {Do: Close, To: Closed, By: Admin}}, "says not who"},
		"a row that does nothing":                 {in(Closed), []Row{begin, {From: in(Draft), To: Closed, By: Admin}}, "says not who"},
		"a row for nobody":                        {in(Closed), []Row{begin, {From: in(Draft), Do: Close, To: Closed}}, "says not who"},
	} {
		said := definePanics(c.ends, c.rows)
		if !strings.HasPrefix(said, "workflow x: ") || !strings.Contains(said, c.says) {
			t.Errorf("%s: define says %q, not %q", name, said, c.says)
		}
	}
}

func TestDefineTakesGoodTables(t *testing.T) {
	open := Guard{Code: "shut", Says: "It is shut.", Holds: func(f Facts) bool { return f.Offered > 0 }}
	shut := Guard{Code: "open", Says: "It is open.", Holds: func(f Facts) bool { return f.Offered == 0 }}
	if said := definePanics(in(Closed, Withdrawn), []Row{
		{From: in(New), Do: Create, To: Draft, By: Owner},
		{From: in(Draft), Do: Close, To: Closed, By: Admin, If: when(open)},
		{From: in(Draft), Do: Close, To: Withdrawn, By: Admin, If: when(shut)},
		{From: in(Draft, Closed), Do: Edit, By: Owner}, // a change, not a way out
		{From: in(Closed), Do: Reopen, To: Draft, By: Admin},
	}); said != "" {
		t.Errorf("define panics: %s", said)
	}
}

func definePanics(ends []State, rows []Row) (said string) {
	defer func() {
		if r := recover(); r != nil {
			said = fmt.Sprint(r)
		}
	}()
	define("x", "x", ends, rows)
	return ""
}
