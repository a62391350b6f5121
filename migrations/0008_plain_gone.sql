-- +goose Up
-- What 0007 sealed is not kept beside it.

UPDATE consents SET reason_given = reason <> '';
ALTER TABLE consents DROP COLUMN reason, DROP COLUMN approval_note,
    ADD CONSTRAINT consents_override_has_reason CHECK (basis NOT IN ('best_interest_override', 'vital_interest') OR reason_given);
ALTER TABLE assignments DROP COLUMN message;
DROP TABLE referral_texts;
DROP TABLE event_texts;
