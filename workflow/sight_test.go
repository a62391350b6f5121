package workflow

import (
	"strings"
	"testing"
	"time"

	"onward/fault"
)

// What an offer shows: nothing that tells who the person is (docs/workflows.md,
// need to know).
func TestAnOfferShowsNoIdentity(t *testing.T) {
	offered := PartnerSight(Offered, 0, nil)
	for _, m := range strings.Fields("age_band country subdivision languages urgency summary") {
		if !offered.Shows(m) {
			t.Errorf("an offer hides %s", m)
		}
	}
	for _, m := range strings.Fields("owner subject_code gender trafficking_status exploitation_types citizenships protection_flags services decision_reason narrative actions_taken contact thread consents follows") {
		if offered.Shows(m) {
			t.Errorf("an offer shows %s", m)
		}
		if !SightOf(Owner).Shows(m) || !SightOf(Admin).Shows(m) {
			t.Errorf("%s is hidden from the owner or the admin", m)
		}
	}
}

// After the end nothing of the person is left, whatever consent said.
func TestNothingOfThePersonAfterTheEnd(t *testing.T) {
	for _, s := range []State{Declined, Lapsed, Returned, Revoked} {
		if p := PartnerSight(s, 0, nil); p.SeesPart(Summary) || p.SeesPart(Person) || p.SeesPart(Sealed) || p.SeesPart(Consent) || !p.SeesPart(Trace) {
			t.Errorf("%s: %v", s, p)
		}
	}
	if p := PartnerSight(Completed, AfterCompletion+time.Second, nil); p.SeesPart(Person) || !p.SeesPart(Trace) {
		t.Errorf("long completed: %v", p)
	}
}

// What consent withholds is a member that a partner would see otherwise.
func TestConsentWithholds(t *testing.T) {
	for _, m := range Codes("withheld") {
		if !PartnerSight(Accepted, 0, nil).Shows(m) || PartnerSight(Accepted, 0, []string{m}).Shows(m) {
			t.Errorf("%s is withheld in vain, or not at all", m)
		}
	}
	if both := PartnerSight(Accepted, 0, []string{"narrative"}).Or(PartnerSight(Offered, 0, nil)); both.Shows("narrative") || !both.Shows("gender") {
		t.Error("two sights show what neither does, or hide what either shows")
	}
}

func TestUnsealedShowsNothingSealed(t *testing.T) {
	if s := SightOf(Admin).Unsealed(); s.SeesPart(Sealed) || !s.SeesPart(Person) || !s.SeesPart(Consent) {
		t.Errorf("%v", s)
	}
	if (Sight{}).Shows("id") || SightOf(0).Shows("id") || SightOf(Clock).Shows("id") {
		t.Error("nobody sees something")
	}
}

func TestAges(t *testing.T) {
	for band, want := range map[string][2]int{"0_5": {0, 5}, "6_12": {6, 12}, "13_17": {13, 17}, "adult": {18, 200}, "unknown": {0, 200}, "": {0, 200}} {
		if youngest, oldest := Ages(band); [2]int{youngest, oldest} != want {
			t.Errorf("%q: %d to %d", band, youngest, oldest)
		}
	}
}

// Permit asks of the role alone: it agrees with what Fire says in any state.
func TestPermitAgreesWithFire(t *testing.T) {
	for _, w := range All() {
		for _, do := range append(promises[w.Name].actions(), "promote") {
			for _, as := range roleSets() {
				never := false
				for _, s := range states(w) {
					_, err := w.Fire(s, do, as, goodDay())
					never = never || fault.Is(err, fault.CodeWrongRole)
				}
				if err := w.Permit(do, as); never != fault.Is(err, fault.CodeWrongRole) || !never && err != nil {
					t.Errorf("%s: %s × %v: %v", w.Name, do, as, err)
				}
			}
		}
	}
}
