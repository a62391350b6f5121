// Package workflow holds the three state machines of Onward as tables, and
// decides moves. It is pure: no clock, no row, no request, no I/O. Fire
// decides and does nothing; package desk carries the decision out.
package workflow

import (
	"fmt"
	"slices"
	"strings"

	"onward/fault"
)

type (
	// State of a record: an adjective or a participle.
	State string
	// Action that moves a record: an imperative.
	Action string
)

// New is where a record is before its first event.
const New State = "new"

// Role is what a caller is to one record; a person may be several at once,
// so a Role is a set of bits.
type Role uint8

// The roles of the tables.
const (
	Owner   Role = 1 << iota // the person who created the record, or a colleague with the same role
	Admin                    // a coordinator of the record's desk, or of the network
	Partner                  // staff of the organisation that holds the assignment
	Clock                    // the system, when a time has come
	Effect                   // another machine's move
)

var roleNames = []string{"owner", "admin", "partner", "clock", "effect"}

// Each gives the roles of the set one by one.
func (r Role) Each() []Role {
	var all []Role
	for i := range roleNames {
		if one := Role(1 << i); r&one != 0 {
			all = append(all, one)
		}
	}
	return all
}

func (r Role) String() string {
	var names []string
	for i, name := range roleNames {
		if r&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// Row reads aloud: From these states, a caller who is one of By may Do this,
// carrying Needs, If the guards hold; the record becomes To, and Then the
// effects happen in the same transaction.
type Row struct {
	From  []State
	Do    Action
	To    State // Same: the state stays
	By    Role
	Needs []Need
	May   []Need // members that the action can carry and doesn't need
	If    []Guard
	Then  []Cause
	Event string // the public name's participle, where it isn't the action's own
	Door  Door   // the endpoint, where it isn't …/transitions
}

// Same as To leaves the state as it is: such a row records a change that is
// not a move.
const Same State = ""

// Door is the endpoint through which an action is done.
type Door string

// The doors. ByEffect and the clock's rows have none: no request fires them.
const (
	Transitions   Door = ""                   // POST …/{id}/transitions
	ByPost        Door = "post"               // POST on the collection
	ByPatch       Door = "patch"              // PATCH …/{id}
	ByDelete      Door = "delete"             // DELETE …/{id}
	ByAssignments Door = "assignments"        // POST …/{id}/assignments
	ByConsents    Door = "consents"           // POST …/{id}/consents
	ByApprovals   Door = "override-approvals" // POST …/{id}/override-approvals
	ByErasure     Door = "erasure"            // POST …/{id}/erasure
	ByDuplicates  Door = "duplicates"         // POST …/{id}/duplicates
	ByOffers      Door = "offers"             // POST …/{id}/offers, DELETE …/{id}/offers/{plan_id}
	ByWaiting     Door = "waiting"            // POST …/{id}/waiting, DELETE …/{id}/waiting/{entry_id}
)

// Target is whom an effect moves.
type Target string

// The targets of effects.
const (
	Request Target = "request" // the request that the assignment belongs to
	Offers  Target = "offers"  // the assignments of the request that are still offered
	Taken   Target = "taken"   // those accepted, in progress or on hold
	Live    Target = "live"    // both, and the plans of further offers
	Plan    Target = "plan"    // the plan that an offer was made by; of a request, each that waits to go on
)

// Cause is an effect on another machine: fire Do there, as Effect. Where that
// machine has no such row in its present state, or a guard of it does not
// hold, nothing happens. On a plan, Do is the offer to whom it names next, or,
// where nobody is left, its end.
type Cause struct {
	On     Target
	Do     Action
	Reason string // the code that the caused move records
}

// Move is a decision: what will happen to the record.
type Move struct {
	Workflow *Workflow
	Action   Action
	From, To State
	As       Role // the one role that gave the right
	Event    string
	Then     []Cause
}

// Available is an action that a caller could take now.
type Available struct {
	Action    Action
	To        State
	Needs     []string
	BlockedBy fault.Code // of the guard that stands in the way; empty if none does
}

// Fire decides whether a caller who is `as` to a record in state `in` may do
// an action. It returns the move, or a fault:
//
//	invalid      no such action (/action), a needed member is missing, a code is not of its list
//	wrong_role   the caller's roles never have this action
//	wrong_state  not from this state; State and AllowedActions say what is possible
//	<guard>      the code of the guard that does not hold
func (w *Workflow) Fire(in State, do Action, as Role, f Facts) (Move, error) {
	rows := w.rowsOf(do)
	if len(rows) == 0 {
		return Move{}, fault.Values(fault.Field{Pointer: "/action", Code: "unknown_code", Detail: "There is no such action here."})
	}
	if err := w.Permit(do, as); err != nil {
		return Move{}, err
	}
	rows = slices.DeleteFunc(rows, func(r Row) bool { return r.By&as == 0 || !slices.Contains(r.From, in) })
	if len(rows) == 0 {
		return Move{}, w.refuse(in, as, f, fault.CodeWrongState, fmt.Sprintf("%q is not possible while the record is %q.", do, in))
	}
	var broken *Guard
	for _, r := range rows {
		guard := firstBroken(r.If, f)
		if guard == nil {
			if err := unmet(r, f); err != nil {
				return Move{}, err
			}
			return w.move(r, in, as), nil
		}
		if broken == nil {
			broken = guard
		}
	}
	return Move{}, w.refuse(in, as, f, broken.Code, broken.Says, broken.fields(f)...)
}

// Permit refuses an action that the caller's roles never have, whatever the
// state; it is asked before anything else (docs/contract.md, rule 12).
//
// Errors: wrong_role.
func (w *Workflow) Permit(do Action, as Role) error {
	rows := w.rowsOf(do)
	if len(rows) == 0 || slices.ContainsFunc(rows, func(r Row) bool { return r.By&as != 0 }) {
		return nil
	}
	return fault.New(fault.Forbidden, fault.CodeWrongRole, fmt.Sprintf("Your role never has the action %q on this record.", do))
}

// Actions lists what a caller who is `as` can do with a record in state `in`.
// Guards that judge what is sent are not asked, for nothing was sent yet.
func (w *Workflow) Actions(in State, as Role, f Facts) []Available {
	var all []Available
	for _, r := range w.Rows {
		if r.By&as&^(Clock|Effect) == 0 || !slices.Contains(r.From, in) {
			continue
		}
		next := Available{Action: r.Do, To: r.to(in), Needs: Members(r.Needs)}
		if r.Do == Evaluate && f.Objectives > 0 {
			next.Needs = append(next.Needs, results.Member) // what was promised is asked for
		}
		if g := firstBroken(r.If, f); g != nil {
			next.BlockedBy = g.Code
		}
		all = merge(all, next)
	}
	return all
}

// merge keeps one entry an action: of two rows whose guards exclude each
// other, the one that is open.
func merge(all []Available, next Available) []Available {
	i := slices.IndexFunc(all, func(a Available) bool { return a.Action == next.Action })
	switch {
	case i < 0:
		return append(all, next)
	case all[i].BlockedBy != "" && next.BlockedBy == "":
		all[i] = next
	}
	return all
}

// Hinders gives the code of the first guard of an action that does not hold,
// whatever the state; empty if all hold.
func (w *Workflow) Hinders(do Action, f Facts) fault.Code {
	for _, r := range w.rowsOf(do) {
		if g := firstBroken(r.If, f); g != nil {
			return g.Code
		}
	}
	return ""
}

func (w *Workflow) refuse(in State, as Role, f Facts, code fault.Code, says string, fields ...fault.Field) *fault.Fault {
	no := fault.New(fault.Conflict, code, says, fields...)
	no.State = string(in)
	no.AllowedActions = []string{}
	for _, a := range w.Actions(in, as, f.unsent()) {
		if a.BlockedBy == "" {
			no.AllowedActions = append(no.AllowedActions, string(a.Action))
		}
	}
	return no
}

func (w *Workflow) move(r Row, in State, as Role) Move {
	return Move{
		Workflow: w, Action: r.Do, From: in, To: r.to(in), As: (r.By & as).Each()[0],
		Event: w.EventOf(r), Then: r.Then,
	}
}

// EventOf is the public name of the event of a row's moves.
func (w *Workflow) EventOf(r Row) string { return w.Noun + "." + r.event() }

func (w *Workflow) rowsOf(do Action) []Row {
	var rows []Row
	for _, r := range w.Rows {
		if r.Do == do {
			rows = append(rows, r)
		}
	}
	return rows
}

func (r Row) to(in State) State {
	if r.To == Same {
		return in
	}
	return r.To
}

func (r Row) event() string {
	if r.Event != "" {
		return r.Event
	}
	return participle(r.Do)
}

func in(states ...State) []State { return states }

func needs(n ...Need) []Need { return n }

func when(g ...Guard) []Guard { return g }

func then(c ...Cause) []Cause { return c }
