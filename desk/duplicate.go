package desk

import (
	"context"

	"github.com/google/uuid"

	"onward/fault"
	"onward/match"
	"onward/models"
	"onward/workflow"
)

// keepTokens makes what was sent of the person into tokens; of the traits
// themselves nothing is kept. They are of what was sent together: where
// nothing was (nil), they stay as they are, but for those of another gender.
func (d *Desk) keepTokens(tx *models.Tx, r *models.Referral, sent *match.Traits, wasGender string) error {
	if sent == nil {
		if r.Gender == wasGender {
			return nil
		}
		return tx.DropTokens(r.ID, "gender")
	}
	traits := *sent
	traits.Gender = r.Gender
	var tokens []models.MatchToken
	for label, token := range match.Tokens(d.db.Blind("match traits"), traits) {
		tokens = append(tokens, models.MatchToken{ReferralID: r.ID, Traits: label, Token: token})
	}
	return tx.PutTokens(r.ID, tokens)
}

// traitsFaults names what can't be so of the traits that were sent.
func (d *Desk) traitsFaults(sent *match.Traits) []fault.Field {
	if sent == nil || sent.BirthYear <= d.now().Year() {
		return nil
	}
	return []fault.Field{{Pointer: "/match_traits/birth_year", Code: "in_future", Detail: "This year must not lie in the future."}}
}

// LinkDuplicate records what an admin decided of two cases: the same person,
// or another. It is an event of the case that it was said of, and to be read
// of both.
//
// Errors: not_found, wrong_role, those of the precondition, wrong_state,
// invalid.
func (d *Desk) LinkDuplicate(ctx context.Context, a models.Actor, id, other uuid.UUID, verdict string, pre Precondition, faulty []fault.Field) (l models.DuplicateLink, err error) {
	err = d.write(ctx, a, func(ctx context.Context, tx *models.Tx) error {
		// Two admins may decide of the same two cases at once, each from its own end.
		if err := tx.LockPair(id, other); err != nil {
			return err
		}
		return d.change(ctx, a, workflow.Referral, id, workflow.LinkDuplicate, pre, workflow.ByDuplicates, func(s *scene) (map[string]any, error) {
			if len(faulty) > 0 {
				return nil, fault.Values(faulty...)
			}
			// Whoever administers a desk may see every case at it.
			there, err := tx.At(other, s.desk.ID)
			if err != nil {
				return nil, err
			}
			if !there || other == id {
				return nil, fault.Values(fault.Field{Pointer: "/referral_id", Code: "unknown_referral", Detail: "The desk has no other such referral."})
			}
			l = models.DuplicateLink{One: id, Other: other, Verdict: verdict, DecidedBy: a.UserID, DecidedAt: s.now}
			return map[string]any{"referral": other, "verdict": verdict}, tx.PutLink(l)
		})
	})
	return l, err
}

// Duplicates lists the cases that may be of the same person as a case, for
// the admin of its desk.
//
// Errors: not_found; wrong_role for anybody else.
func (d *Desk) Duplicates(ctx context.Context, a models.Actor, id uuid.UUID) (found []models.Duplicate, err error) {
	err = d.read(ctx, a, func(tx *models.Tx) error {
		if _, err := d.permitted(tx, a, workflow.Referral, id, workflow.LinkDuplicate); err != nil {
			return err
		}
		found, err = tx.DuplicatesOf(id)
		return err
	})
	return found, err
}
