package workflow

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"onward/fault"
)

// Need is a member that an action carries beside `action`.
type Need struct {
	Member string // its name in the body; "place|link" is satisfied by either
	Of     string // the vocabulary of its code or codes; empty: no code
	Future bool   // a time that must still come
}

// The needs of the tables.
var (
	question     = Need{Member: "question"}
	answer       = Need{Member: "answer"}
	desk         = Need{Member: "desk"}
	priority     = Need{Member: "priority", Of: "priority"}
	urgency      = Need{Member: "urgency", Of: "urgency"}
	services     = Need{Member: "services", Of: "services"}
	organisation = Need{Member: "organisation_id"}
	service      = Need{Member: "service", Of: "services"}
	respondBy    = Need{Member: "respond_by", Future: true}
	message      = Need{Member: "message"}

	organisations = Need{Member: "organisations"}
	respondWithin = Need{Member: "respond_within_hours"}
	broadcast     = Need{Member: "broadcast"}

	startsAt     = Need{Member: "starts_at|sessions"}
	endsAt       = Need{Member: "ends_at|sessions"}
	mode         = Need{Member: "mode", Of: "mode"}
	placeOrLink  = Need{Member: "place|link"}
	place        = Need{Member: "place"}
	link         = Need{Member: "link"}
	participants = Need{Member: "participants"}
	deliveredOn  = Need{Member: "delivered_on"}
	levels       = Need{Member: "levels"}
	results      = Need{Member: "objectives"}
	note         = Need{Member: "note"}
	until        = Need{Member: "until", Future: true}
)

func reason(vocabulary string) Need  { return Need{Member: "reason", Of: vocabulary} }
func outcome(vocabulary string) Need { return Need{Member: "outcome", Of: vocabulary} }

func (n Need) check() error {
	if n.Member == "" {
		return fmt.Errorf("a need has no member")
	}
	if n.Of != "" && len(Codes(n.Of)) == 0 {
		return fmt.Errorf("the need %q is of an unknown vocabulary %q", n.Member, n.Of)
	}
	return nil
}

// Reason is why: a code of the action's list, and a note (which `other`
// demands).
type Reason struct{ Code, Note string }

// Level is one of Kirkpatrick's four, with a score from 1 to 5.
type Level struct {
	Level string
	Score int
	Note  string
}

// Result says whether a SMART objective, counted from 0, was met.
type Result struct {
	Index int
	Met   bool
	Note  string
}

// Input is all that an action can carry. The zero value of a member means
// that it was not sent.
type Input struct {
	Draft        bool // create: keep it a draft
	Reason       *Reason
	Question     string
	Answer       string
	Desk         string
	Priority     string
	Urgency      string
	Services     []string
	Organisation string
	Service      string
	RespondBy    time.Time
	Message      string

	Organisations []string // plan_offers: in order
	RespondWithin int      // hours
	Broadcast     bool     // to all at once

	StartsAt     time.Time
	EndsAt       time.Time
	Sessions     []Session
	Mode         string
	Place        string
	Link         string
	Participants int
	DeliveredOn  time.Time
	Levels       []Level
	Objectives   []Result
	Outcome      string
	Note         string
	Until        time.Time

	// Faulty are members whose values can't be so, found when they were read.
	// They are told after the state and the guards were asked (docs/contract.md,
	// rule 12).
	Faulty []fault.Field
}

// codes gives a member's code or codes, and the moment of a member that is a
// time; nil and zero for other members.
func (i Input) codes(member string) []string {
	switch member {
	case "reason":
		if i.Reason != nil {
			return []string{i.Reason.Code}
		}
	case "services":
		return i.Services
	case "organisations":
		return i.Organisations
	default:
		if one := i.text(member); strings.TrimSpace(one) != "" {
			return []string{one}
		}
	}
	return nil
}

func (i Input) text(member string) string {
	return map[string]string{
		"question": i.Question, "answer": i.Answer, "desk": i.Desk, "priority": i.Priority, "urgency": i.Urgency,
		"organisation_id": i.Organisation, "service": i.Service, "message": i.Message, "mode": i.Mode, "place": i.Place,
		"link": i.Link, "outcome": i.Outcome, "note": i.Note,
	}[member]
}

func (i Input) moment(member string) time.Time {
	return map[string]time.Time{
		"respond_by": i.RespondBy, "starts_at": i.StartsAt, "ends_at": i.EndsAt,
		"delivered_on": i.DeliveredOn, "until": i.Until,
	}[member]
}

func (i Input) given(member string) bool {
	for _, one := range strings.Split(member, "|") {
		if len(i.codes(one)) > 0 || !i.moment(one).IsZero() || one == "sessions" && len(i.Sessions) > 0 {
			return true
		}
	}
	return member == "participants" && i.Participants > 0 ||
		member == "levels" && len(i.Levels) > 0 ||
		member == "objectives" && len(i.Objectives) > 0
}

// unmet refuses a move whose needs were not sent, or not well.
func unmet(r Row, f Facts) error {
	fields := slices.Clone(f.Sent.Faulty)
	fields = append(fields, lacking(r, f.Sent)...)
	for _, n := range append(slices.Clone(r.Needs), r.May...) {
		fields = append(fields, n.faults(f)...)
	}
	fields = append(fields, missingResults(r, f)...)
	if len(fields) == 0 {
		return nil
	}
	return fault.Values(fields...)
}

// lacking names the needed members that were not sent.
func lacking(r Row, sent Input) []fault.Field {
	var fields []fault.Field
	for _, n := range r.Needs {
		if !sent.given(n.Member) && !named(sent.Faulty, n.Member) {
			fields = append(fields, fault.Field{Pointer: "/" + strings.Split(n.Member, "|")[0], Code: "required", Detail: fmt.Sprintf("The action %q needs %s.", r.Do, strings.ReplaceAll(n.Member, "|", " or "))})
		}
	}
	return fields
}

// Lacking names the members that an action needs and that were not sent, where
// one thing is sent for many records: whatever their states, none could be moved.
func (w *Workflow) Lacking(do Action, sent Input) []fault.Field {
	for _, r := range w.rowsOf(do) {
		return lacking(r, sent) // the rows of an action that persons do need the same
	}
	return nil
}

func named(fields []fault.Field, member string) bool {
	return slices.ContainsFunc(fields, func(f fault.Field) bool {
		return f.Pointer == "/"+member || strings.HasPrefix(f.Pointer, "/"+member+"/")
	})
}

func (n Need) faults(f Facts) []fault.Field {
	if n.Future && !f.Sent.moment(n.Member).IsZero() && !f.Sent.moment(n.Member).After(f.Now) {
		return []fault.Field{{Pointer: "/" + n.Member, Code: "not_in_future", Detail: "This time must lie in the future."}}
	}
	if n.Of == "" {
		return nil
	}
	var fields []fault.Field
	for i, code := range f.Sent.codes(n.Member) {
		if !slices.Contains(Codes(n.Of), code) {
			fields = append(fields, fault.Field{Pointer: n.pointer(i), Code: "unknown_code", Detail: "Allowed: " + strings.Join(Codes(n.Of), ", ") + "."})
		}
	}
	if r := f.Sent.Reason; n.Member == "reason" && r != nil && r.Code == "other" && strings.TrimSpace(r.Note) == "" {
		fields = append(fields, fault.Field{Pointer: "/reason/note", Code: "required", Detail: "The reason \"other\" needs a note."})
	}
	return fields
}

func (n Need) pointer(i int) string {
	switch n.Member {
	case "reason":
		return "/reason/code"
	case "services":
		return fmt.Sprintf("/services/%d", i)
	}
	return "/" + n.Member
}

// missingResults asks for a result of each objective that was promised.
func missingResults(r Row, f Facts) []fault.Field {
	if r.Do != Evaluate {
		return nil
	}
	var fields []fault.Field
	seen := map[int]bool{}
	for i, o := range f.Sent.Objectives {
		if o.Index < 0 || o.Index >= f.Objectives || seen[o.Index] {
			fields = append(fields, fault.Field{Pointer: fmt.Sprintf("/objectives/%d/index", i), Code: "unknown_objective", Detail: "Each result names another objective of the request, counted from 0."})
		}
		seen[o.Index] = true
	}
	if len(fields) == 0 && len(seen) < f.Objectives {
		fields = append(fields, fault.Field{Pointer: "/objectives", Code: "required", Detail: fmt.Sprintf("The request has %d objectives; give a result for each.", f.Objectives)})
	}
	return fields
}

// Members names the members of some needs.
func Members(needs []Need) []string {
	all := []string{}
	for _, n := range needs {
		all = append(all, n.Member)
	}
	return all
}
