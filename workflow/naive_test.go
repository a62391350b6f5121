package workflow

import "slices"

// naive knows of a world only its states, and how docs/workflows.md says that one
// move moves the others: no table, no guard, no effect, no interpreter.
type naive struct {
	training    bool
	request     State
	assignments []State
	old         int // so many of them are of earlier rounds
}

// did follows an action that was allowed: on the request (i < 0) or on the
// i-th assignment, which goes to a state.
func (n *naive) did(i int, do Action, to State) {
	if i < 0 {
		n.requestDid(do, to)
		return
	}
	n.assignments[i] = to
	if do == Accept {
		n.accepted(i)
	}
	if slices.Contains([]State{Declined, Lapsed, Returned, Revoked}, to) {
		n.lost()
	}
}

func (n *naive) requestDid(do Action, to State) {
	n.request = to
	switch do {
	case Offer:
		n.assignments = append(n.assignments, Offered)
	case Withdraw, RevokeConsent: // open assignments are revoked
		n.each(func(s State) State { return Revoked })
	case Deliver: // starts its assignment
		n.each(func(s State) State { return InProgress })
	case Close: // completes its assignment
		n.each(func(s State) State { return Completed })
	case Reopen: // what earlier assignments did no longer counts
		n.old = len(n.assignments)
	}
}

// accepted: a training is matched and its other offers are revoked; a case is
// in service, or stays on hold.
func (n *naive) accepted(i int) {
	switch {
	case n.training:
		n.request = Matched
		for j, s := range n.assignments {
			if j != i && s == Offered {
				n.assignments[j] = Revoked
			}
		}
	case n.request != OnHold:
		n.request = InService
	}
}

// lost: an assignment ended in nothing. A training whose last offer, or whose
// match, that was is approved again; a case with nobody left is open again.
func (n *naive) lost() {
	switch n.request {
	case Offered, Matched, Scheduled:
		if n.live() == 0 {
			n.request = Approved
		}
	case InService:
		if n.live() == 0 && n.count(Completed) == 0 {
			n.request = Open
		}
	}
}

func (n *naive) each(to func(State) State) {
	for i, s := range n.assignments[n.old:] {
		if slices.Contains([]State{Offered, Accepted, InProgress, OnHold}, s) {
			n.assignments[n.old+i] = to(s)
		}
	}
}

func (n *naive) live() int { return n.count(Offered) + n.taken() }

func (n *naive) taken() int { return n.count(Accepted) + n.count(InProgress) + n.count(OnHold) }

func (n *naive) count(s State) int {
	c := 0
	for _, a := range n.assignments[n.old:] {
		if a == s {
			c++
		}
	}
	return c
}
