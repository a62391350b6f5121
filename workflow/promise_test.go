package workflow

import (
	"fmt"
	"slices"
	"strings"

	"onward/fault"
)

// What docs/workflows.md promises, transcribed from its text by hand and not from
// the tables of this package: from | action | to | by | needs | if.
var promises = map[string]*promise{
	"training_request": read(`
new                             | create              | submitted             | owner          |                                        | sent whole, complete
new                             | create              | draft                 | owner          |                                        | sent as a draft
draft, information_requested    | edit                | (same)                | owner          |                                        |
in_triage                       | edit                | (same)                | admin          |                                        |
draft                           | delete              | (same)                | owner          |                                        |
draft                           | submit              | submitted             | owner          |                                        | complete
submitted                       | take                | in_triage             | admin          |                                        |
in_triage                       | request_information | information_requested | admin          | question                               |
information_requested           | provide_information | in_triage             | owner          | answer                                 |
information_requested           | lapse               | withdrawn             | clock          |                                        | answer overdue
in_triage                       | transfer            | submitted             | admin          | desk, reason                           | another desk, active desk
in_triage                       | approve             | approved              | admin          | priority                               |
in_triage                       | reject              | rejected              | admin          | reason                                 |
approved, offered               | offer               | offered               | admin, clock, effect | organisation_id                        | partner active, serves it, serves the country, has capacity, no live assignment of it
approved, offered               | enlist              | (same)                | admin          | organisation_id                        | partner active, serves it, serves the country, no live assignment of it, no place left
approved, offered               | delist              | (same)                | admin, clock   |                                        |
approved, offered               | plan_offers         | (same)                | admin          | organisations                          |
offered                         | cancel_plan         | (same)                | admin          |                                        |
offered                         | exhaust_plan        | (same)                | effect         |                                        |
offered                         | match               | matched               | effect         |                                        |
offered                         | unmatch             | approved              | effect         |                                        | none live
matched, scheduled              | unmatch             | approved              | effect         |                                        | none held
matched                         | schedule            | scheduled             | partner, admin | starts_at, ends_at, mode, place        | end after start, within five years
scheduled                       | reschedule          | scheduled             | partner, admin | starts_at, ends_at, mode, place, reason | end after start, within five years
scheduled                       | deliver             | delivered             | partner, admin | participants, delivered_on             | not in the future, not before it starts
delivered                       | evaluate            | evaluated             | owner, admin   | levels, objectives                     |
delivered, evaluated            | close               | closed                | admin          | outcome                                |
draft, submitted, in_triage, information_requested, approved, offered, matched, scheduled | withdraw | withdrawn | owner, admin | reason |
rejected, closed, withdrawn     | reopen              | in_triage             | admin          | reason                                 | complete`),

	"case_referral": read(`
new                             | create              | submitted             | owner          |                                        | sent whole, complete, consent recorded
new                             | create              | draft                 | owner          |                                        | sent as a draft
draft, information_requested    | edit                | (same)                | owner          |                                        |
in_triage                       | edit                | (same)                | admin          |                                        |
draft                           | delete              | (same)                | owner          |                                        |
draft, submitted, in_triage, information_requested, open, in_service, on_hold | add_consent | (same) | owner, admin |             |
submitted, in_triage, information_requested, open, in_service, on_hold | approve_override | (same) | admin |                       |
submitted, in_triage, information_requested, open, in_service, on_hold, rejected, closed, consent_revoked, withdrawn | link_duplicate | (same) | admin | | not erased
draft                           | submit              | submitted             | owner          |                                        | complete, consent recorded
submitted                       | take                | in_triage             | admin          |                                        |
in_triage                       | request_information | information_requested | admin          | question                               |
information_requested           | provide_information | in_triage             | owner          | answer                                 |
in_triage                       | transfer            | submitted             | admin          | desk, reason                           | another desk, active desk
in_triage                       | open                | open                  | admin          | urgency, services                      | child at least urgent
in_triage                       | reject              | rejected              | admin          | reason                                 |
open, in_service                | offer               | (same)                | admin, clock, effect | organisation_id, service               | consent covers, consent unexpired, override approved, partner active, serves it, serves the country, serves the age, serves the gender, serves the language, has capacity, no live assignment of it
open, in_service                | enlist              | (same)                | admin          | organisation_id, service               | consent covers, consent unexpired, override approved, partner active, serves it, serves the country, serves the age, serves the gender, serves the language, no live assignment of it, no place left
open, in_service, on_hold       | delist              | (same)                | admin, clock   |                                        |
open, in_service                | plan_offers         | (same)                | admin          | organisations, service                 |
open, in_service, on_hold       | cancel_plan         | (same)                | admin          |                                        |
open, in_service                | exhaust_plan        | (same)                | effect         |                                        |
open, in_service                | begin               | in_service            | effect         |                                        |
in_service                      | reopen_search       | open                  | effect         |                                        | none live, none accepted or further
open, in_service                | hold                | on_hold               | admin          | reason, until                          |
on_hold                         | resume              | open                  | admin          |                                        | none accepted or further
on_hold                         | resume              | in_service            | admin          |                                        | one accepted or further
on_hold                         | resume              | open                  | clock          |                                        | hold over, none accepted or further
on_hold                         | resume              | in_service            | clock          |                                        | hold over, one accepted or further
open, in_service                | close               | closed                | admin          | outcome                                | none live
draft, submitted, in_triage, information_requested, open, in_service, on_hold | revoke_consent | consent_revoked | owner, admin | |
draft, submitted, in_triage, information_requested, open, in_service, on_hold | withdraw | withdrawn | owner, admin | reason      |
rejected, closed, withdrawn     | reopen              | in_triage             | admin          | reason                                 | not erased, complete, consent recorded
submitted, in_triage, information_requested, open, in_service, on_hold, rejected, closed, consent_revoked, withdrawn | set_legal_hold | (same) | admin | reason | not erased, no legal hold
submitted, in_triage, information_requested, open, in_service, on_hold, rejected, closed, consent_revoked, withdrawn | lift_legal_hold | (same) | admin | | a legal hold
rejected, closed, consent_revoked, withdrawn | announce_erasure | (same)      | clock          |                                        | not erased, no legal hold, notice due
rejected, closed, consent_revoked, withdrawn | request_erasure | (same)       | admin          |                                        | not erased, no legal hold, erasure not requested
rejected, closed, consent_revoked, withdrawn | erase | (same)                 | admin          |                                        | not erased, no legal hold, erasure requested, a second person
rejected, closed, consent_revoked, withdrawn | erase | (same)                 | clock          |                                        | not erased, no legal hold, retention over`),

	"assignment": read(`
new                             | offer               | offered               | admin, clock, effect |                                  |
offered                         | accept              | accepted              | partner        |                                        | request open, before respond_by, place left, consent covers, consent unexpired, override approved
offered                         | decline             | declined              | partner        | reason                                 |
offered                         | expire              | expired               | clock          |                                        | respond_by passed
accepted                        | start               | in_progress           | partner, effect |                                       |
on_hold                         | start               | in_progress           | effect         |                                        |
in_progress                     | hold                | on_hold               | partner        | reason                                 |
on_hold                         | resume              | in_progress           | partner        |                                        |
accepted, in_progress, on_hold  | return              | returned              | partner        | reason                                 | not delivered
in_progress                     | complete            | completed             | partner        | outcome, note                          | delivered if a training
in_progress, on_hold            | complete            | completed             | effect         |                                        |
offered, accepted, in_progress, on_hold | revoke      | revoked               | admin          | reason                                 | not delivered
offered, accepted, in_progress, on_hold | revoke      | revoked               | effect         |                                        |`),
}

type promise struct{ lines []line }

type line struct {
	from         []string
	do, to       string
	by           Role
	needs, conds []string
}

func read(table string) *promise {
	p := &promise{}
	for text := range strings.SplitSeq(strings.TrimSpace(table), "\n") {
		cells := strings.Split(text, "|")
		if len(cells) != 6 {
			panic(fmt.Sprintf("%d cells: %s", len(cells), text))
		}
		l := line{from: words(cells[0]), do: strings.TrimSpace(cells[1]), to: strings.TrimSpace(cells[2]), needs: words(cells[4]), conds: words(cells[5])}
		for _, name := range words(cells[3]) {
			l.by |= Role(1 << slices.Index(roleNames, name))
		}
		p.lines = append(p.lines, l)
	}
	return p
}

func words(cell string) []string {
	var all []string
	for w := range strings.SplitSeq(cell, ",") {
		if w = strings.TrimSpace(w); w != "" {
			all = append(all, w)
		}
	}
	return all
}

func (l line) target(from State) State {
	if l.to == "(same)" {
		return from
	}
	return State(l.to)
}

// dims are the dimensions that the guards of a line look at.
func (l line) dims() []string {
	var names []string
	for _, g := range l.conds {
		names = append(names, naiveGuards[g].dims...)
	}
	return names
}

// broken gives the codes of the guards that do not hold.
func (l line) broken(f Facts) []fault.Code {
	var codes []fault.Code
	for _, name := range l.conds {
		if g := naiveGuards[name]; !g.holds(f) {
			codes = append(codes, g.code)
		}
	}
	return codes
}

// expect says where an action leads, or else which codes may refuse it.
func (p *promise) expect(from State, do Action, as Role, f Facts) (State, []fault.Code) {
	known, ever := false, false
	var codes []fault.Code
	for _, l := range p.lines {
		if l.do != string(do) {
			continue
		}
		known = true
		if l.by&as == 0 {
			continue
		}
		ever = true
		if !slices.Contains(l.from, string(from)) {
			continue
		}
		broken := l.broken(f)
		if len(broken) == 0 {
			return l.target(from), nil
		}
		codes = append(codes, broken...)
	}
	switch {
	case !known:
		codes = []fault.Code{fault.CodeInvalid}
	case !ever:
		codes = []fault.Code{fault.CodeWrongRole}
	case codes == nil:
		codes = []fault.Code{fault.CodeWrongState}
	}
	return "", codes
}

// allowed lists what a person could do before anything is sent, sorted.
func (p *promise) allowed(from State, as Role, f Facts) []string {
	f.Sent, f.Desk = Input{}, nil
	if f.RequestKind == "" {
		f.Partner, f.Consent = nil, max(f.Consent, f.Best)
	}
	all := []string{}
	for _, l := range p.lines {
		if l.by&as&(Owner|Admin|Partner) != 0 && slices.Contains(l.from, string(from)) && len(l.broken(f)) == 0 && !slices.Contains(all, l.do) {
			all = append(all, l.do)
		}
	}
	slices.Sort(all)
	return all
}
