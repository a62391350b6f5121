package workflow

import (
	"fmt"
	"slices"
	"time"

	"onward/fault"
)

// world is one request and its assignments, moved as package desk moves them:
// Fire decides, the interpreter carries out.
type world struct {
	w           *Workflow
	state       State
	round       int // grows with each reopen
	assignments []*offer
	now         time.Time

	asked, heldUntil, starts, consentEnds time.Time
	draft, consented                      bool
	legalHold, erasureAsked, erased       bool
	moves                                 []string
}

// offer is an assignment: to one organisation, of one service.
type offer struct {
	org, service, round int
	state               State
	respondBy           time.Time
}

func newWorld(w *Workflow) *world {
	return &world{w: w, state: New, now: noon, consented: true, consentEnds: noon.AddDate(1, 0, 0)}
}

// facts are what package desk would gather. Each organisation has one place.
func (o *world) facts(a *offer, org, service int) Facts {
	f := goodDay()
	f.Now, f.Asked, f.HeldUntil, f.Starts = o.now, o.asked, o.heldUntil, o.starts
	f.Sent.RespondBy, f.Sent.Until = o.now.Add(48*time.Hour), o.now.Add(24*time.Hour)
	f.Sent.StartsAt, f.Sent.EndsAt, f.Sent.DeliveredOn = o.now.Add(time.Hour), o.now.Add(2*time.Hour), f.day(o.now)
	f.Sent.Draft = o.draft
	f.LegalHold, f.ErasureAsked, f.Erased = o.legalHold, o.erasureAsked, o.erased
	f.Recorded = o.consented && o.now.Before(o.consentEnds)
	f.Consent = Covered
	if o.w == Referral && !o.consented {
		f.Consent = Uncovered
	} else if o.w == Referral && !f.Recorded {
		f.Consent = Expired
	}
	f.Best = f.Consent
	f.Offered, f.Taken, f.Completed = o.count(Offered), o.taken(), o.count(Completed)
	f.Partner = ablePartner()
	if a != nil {
		f.RespondBy, f.RequestKind, f.RequestState = a.respondBy, o.w.Name, o.state
		org, service = a.org, a.service
	}
	for _, b := range o.assignments {
		if b.org == org && b.isTaken() {
			f.Partner.Capacity--
		}
		if b.org == org && b.service == service && (b.isTaken() || b.state == Offered) {
			f.Partner.Already = true
		}
	}
	return f
}

func (a *offer) isTaken() bool { return slices.Contains(in(Accepted, InProgress, OnHold), a.state) }

// count counts the assignments of this round in a state.
func (o *world) count(s State) int {
	n := 0
	for _, a := range o.assignments {
		if a.round == o.round && a.state == s {
			n++
		}
	}
	return n
}

func (o *world) taken() int { return o.count(Accepted) + o.count(InProgress) + o.count(OnHold) }

// fire fires an action on the request (a is nil) or on an assignment, and
// carries out its effects. Refused, it changes nothing.
func (o *world) fire(a *offer, do Action, as Role, org, service int) error {
	move, err := o.decide(a, do, as, org, service)
	if err != nil {
		return err
	}
	o.carryOut(a, move)
	switch { // what desk keeps beside the state
	case a != nil:
	case do == Offer:
		fresh := &offer{org: org, service: service, round: o.round, state: New, respondBy: o.now.Add(48 * time.Hour)}
		made, err := o.decide(fresh, Offer, Admin, org, service)
		if err != nil {
			panic(err)
		}
		o.assignments = append(o.assignments, fresh)
		o.carryOut(fresh, made)
	case do == RequestInformation:
		o.asked = o.now
	case do == Hold:
		o.heldUntil = o.now.Add(24 * time.Hour)
	case do == Schedule || do == Reschedule:
		o.starts = o.now.Add(time.Hour)
	case do == AddConsent:
		o.consentEnds = o.now.AddDate(1, 0, 0)
	case do == RevokeConsent:
		o.consented = false
	case do == SetLegalHold || do == LiftLegalHold:
		o.legalHold, o.erasureAsked = do == SetLegalHold, false
	case do == RequestErasure:
		o.erasureAsked = true
	case do == Erase:
		o.erased = true
	case do == Reopen:
		o.round++
		o.erasureAsked = false
	}
	return nil
}

func (o *world) decide(a *offer, do Action, as Role, org, service int) (Move, error) {
	if a == nil {
		return o.w.Fire(o.state, do, as, o.facts(nil, org, service))
	}
	return Assignment.Fire(a.state, do, as, o.facts(a, org, service))
}

// carryOut moves the record, then those that it moves: first what the first
// cause names, with all that follows from it.
func (o *world) carryOut(a *offer, m Move) {
	state, name := &o.state, o.w.Name
	if a != nil {
		state, name = &a.state, fmt.Sprintf("organisation %d, service %d", a.org, a.service)
	}
	o.moves = append(o.moves, fmt.Sprintf("%s: %s -> %s (%s)", name, m.From, m.To, m.Event))
	if *state != m.From || !slices.Contains(m.Workflow.Transitions(), Transition{m.Workflow.Name, m.From, m.Action, m.To}) {
		panic(fmt.Sprintf("%s is %s, and moved %+v", name, *state, m))
	}
	if m.Workflow.End(m.From) && m.To != m.From && m.Action != Reopen {
		panic(fmt.Sprintf("the end %s is left by %s", m.From, m.Action))
	}
	*state = m.To
	for _, c := range m.Then {
		for _, target := range o.targets(c.On) {
			next, err := o.decide(target, c.Do, Effect, 0, 0)
			if no, ok := fault.As(err); err != nil && (!ok || no.Kind != fault.Conflict && no.Code != fault.CodeInvalid) {
				panic(err)
			} else if err == nil {
				o.carryOut(target, next)
			}
		}
	}
}

// targets gives whom a cause moves; nil is the request.
func (o *world) targets(on Target) []*offer {
	if on == Request {
		return []*offer{nil}
	}
	var all []*offer
	for _, a := range o.assignments {
		if on == Plan {
			break // there are none here
		}
		if a.round == o.round && (on != Taken && a.state == Offered || on != Offers && a.isTaken()) {
			all = append(all, a)
		}
	}
	return all
}
