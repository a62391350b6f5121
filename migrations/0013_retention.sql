-- +goose Up
-- How long a case is kept, and what is left of it.
--
-- Who may read and write the new columns is who may read and write their rows.
-- legal_hold and erased_at are changed by moves of the workflow alone.

ALTER TABLE desks ADD COLUMN retention_months integer NOT NULL DEFAULT 24
    CONSTRAINT desks_retention_sane CHECK (retention_months BETWEEN 1 AND 240);

ALTER TABLE case_referrals
    ADD COLUMN ended_at             timestamptz,
    ADD COLUMN legal_hold           boolean NOT NULL DEFAULT false,
    ADD COLUMN erasure_announced_at timestamptz,
    ADD COLUMN erasure_asked_by     uuid CONSTRAINT case_referrals_erasure_asker_fkey REFERENCES users,
    ADD COLUMN erasure_asked_at     timestamptz,
    ADD COLUMN erased_at            timestamptz;

-- Nothing has moved a case since it ended.
UPDATE case_referrals SET ended_at = updated_at WHERE state IN ('rejected', 'closed', 'consent_revoked', 'withdrawn');

ALTER TABLE case_referrals
    DROP CONSTRAINT case_referrals_complete,
    ADD CONSTRAINT case_referrals_complete CHECK (state IN ('draft', 'withdrawn', 'consent_revoked') OR erased_at IS NOT NULL OR
        subject_code <> '' AND age_band <> '' AND country <> '' AND services <> '{}' AND urgency <> '' AND summary <> ''),
    ADD CONSTRAINT case_referrals_ended CHECK ((ended_at IS NOT NULL) = (state IN ('rejected', 'closed', 'consent_revoked', 'withdrawn'))),
    ADD CONSTRAINT case_referrals_erasure_asked_whole CHECK ((erasure_asked_by IS NULL) = (erasure_asked_at IS NULL)),
    ADD CONSTRAINT case_referrals_erased_ended CHECK (erased_at IS NULL OR ended_at IS NOT NULL),
    ADD CONSTRAINT case_referrals_erased_not_held CHECK (erased_at IS NULL OR NOT legal_hold),
    ADD CONSTRAINT case_referrals_erased_empty CHECK (erased_at IS NULL OR
        subject_code = '' AND summary = '' AND subdivision = '' AND follows IS NULL);

-- What the clock looks through, desk by desk.
CREATE INDEX case_referrals_by_end ON case_referrals (desk_id, ended_at)
    WHERE ended_at IS NOT NULL AND erased_at IS NULL AND NOT legal_hold;
