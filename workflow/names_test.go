package workflow

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"onward/fault"
)

// The events' public names, as docs/workflows.md lists them, with those of the
// rows that are not moves.
var eventNames = map[string]string{
	"training_request": "approved closed created deleted delisted delivered edited enlisted evaluated information_provided information_requested lapsed matched offer_made offers_planned plan_cancelled plan_exhausted " +
		"rejected reopened rescheduled scheduled submitted taken transferred unmatched withdrawn",
	"case_referral": "begun closed consent_added consent_revoked created deleted delisted duplicate_linked edited enlisted erased erasure_announced erasure_requested held information_provided information_requested " +
		"legal_hold_lifted legal_hold_set offer_made offers_planned opened override_approved plan_cancelled plan_exhausted rejected reopened resumed search_reopened submitted taken transferred withdrawn",
	"assignment": "accepted completed declined expired held offered resumed returned revoked started",
}

func TestEventNames(t *testing.T) {
	for _, w := range All() {
		names := map[string]bool{}
		for _, r := range w.Rows {
			names[r.event()] = true
		}
		if got := strings.Join(slices.Sorted(maps.Keys(names)), " "); got != eventNames[w.Name] {
			t.Errorf("%s:\n%s\npromised\n%s", w.Name, got, eventNames[w.Name])
		}
		if noun := map[string]string{"training_request": "training", "case_referral": "referral", "assignment": "assignment"}[w.Name]; w.Noun != noun {
			t.Errorf("%s: its events begin with %q", w.Name, w.Noun)
		}
	}
	move, err := Referral.Fire(InTriage, OpenCase, Admin, goodDay())
	if err != nil || move.Event != "referral.opened" {
		t.Errorf("%+v, %v", move, err)
	}
}

// Each effect has a row that it can fire, and its reason is of that row's list.
func TestEffectsExist(t *testing.T) {
	for _, w := range All() {
		for _, r := range w.Rows {
			for _, c := range r.Then {
				if c.On == Plan {
					continue // it offers on the word of an admin, who named whom
				}
				on := []*Workflow{Assignment}
				if c.On == Request {
					on = []*Workflow{Training, Referral}
				}
				if !slices.ContainsFunc(on, func(o *Workflow) bool {
					return slices.ContainsFunc(o.rowsOf(c.Do), func(r Row) bool { return r.By&Effect != 0 && r.Needs == nil })
				}) {
					t.Errorf("%s: %s has the effect %s: %s, which nothing can fire", w.Name, r.Do, c.On, c.Do)
				}
				if c.Do == Revoke && !slices.Contains(Codes("revoke_reason"), c.Reason) || c.Do != Revoke && c.Reason != "" {
					t.Errorf("%s: %s revokes for the unknown reason %q", w.Name, r.Do, c.Reason)
				}
			}
		}
	}
}

// States, actions, guards and members are snake_case; a guard's code is said
// by a sentence.
func TestNamesAreSnakeCase(t *testing.T) {
	check := func(kind, name string) {
		if !snake.MatchString(name) {
			t.Errorf("the %s %q is not snake_case", kind, name)
		}
	}
	for _, w := range All() {
		check("workflow", w.Name)
		for _, s := range w.States {
			check("state", string(s))
		}
		for _, r := range w.Rows {
			check("action", string(r.Do))
			for _, m := range w.Carries(r.Do) {
				check("member", m)
			}
		}
	}
	for _, g := range Guards() {
		check("guard", string(g.Code))
		if !strings.HasSuffix(g.Says, ".") {
			t.Errorf("%s says no sentence: %q", g.Code, g.Says)
		}
	}
}

var snake = regexp.MustCompile(`^[a-z0-9]+(_[a-z0-9]+)*$`)

func TestWhatTheEdgeAsksOfATable(t *testing.T) {
	if got := fmt.Sprint(Training.Carries(Reschedule)); got != "[starts_at sessions ends_at mode place link reason]" {
		t.Errorf("reschedule carries %s", got)
	}
	if got := fmt.Sprint(Referral.Carries(Offer)); got != "[organisation_id service respond_by message]" {
		t.Errorf("offer carries %s", got)
	}
	for _, c := range []struct {
		w    *Workflow
		do   Action
		door Door
		ok   bool
	}{
		{Training, Submit, Transitions, true},
		{Training, Offer, ByAssignments, true},
		{Training, Edit, ByPatch, true},
		{Training, Create, ByPost, true},
		{Training, Match, "", false},
		{Training, Lapse, "", false},
		{Training, "promote", "", false},
		{Referral, AddConsent, ByConsents, true},
		{Referral, ApproveOverride, ByApprovals, true},
		{Referral, LinkDuplicate, ByDuplicates, true},
		{Referral, PlanOffers, ByOffers, true},
		{Training, CancelPlan, ByOffers, true},
		{Training, ExhaustPlan, "", false},
		{Referral, Delete, ByDelete, true},
		{Assignment, Expire, "", false},
		{Assignment, Start, Transitions, true},
		{Assignment, Offer, ByAssignments, true},
	} {
		if door, ok := c.w.DoneBy(c.do); door != c.door || ok != c.ok {
			t.Errorf("%s of %s is done by %q, %v", c.do, c.w.Name, door, ok)
		}
	}
	for _, w := range All() {
		if found, ok := Named(w.Name); !ok || found != w {
			t.Errorf("%s is not found by its name", w.Name)
		}
		for _, s := range w.States {
			if ends := !slices.ContainsFunc(w.Transitions(), func(m Transition) bool { return m.From == s && m.To != s && m.Action != Reopen }); ends != w.End(s) {
				t.Errorf("%s: %s is an end: %v", w.Name, s, w.End(s))
			}
		}
	}
	if _, ok := Named("tickets"); ok {
		t.Error("there are tickets")
	}
}

// codeOf is the code of a refusal; empty if there was none.
func codeOf(err error) string {
	if no, ok := fault.As(err); ok {
		return string(no.Code)
	}
	return ""
}
