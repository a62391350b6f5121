-- +goose Up
CREATE TABLE case_referrals (
    id                 uuid        CONSTRAINT case_referrals_pkey PRIMARY KEY,
    reference          text        NOT NULL CONSTRAINT case_referrals_reference_key UNIQUE,
    state              text        NOT NULL,
    version            integer     NOT NULL,
    desk_id            uuid        NOT NULL CONSTRAINT case_referrals_desk_fkey REFERENCES desks,
    owner_id           uuid        NOT NULL CONSTRAINT case_referrals_owner_fkey REFERENCES users,
    organisation_id    uuid        NOT NULL CONSTRAINT case_referrals_organisation_fkey REFERENCES organisations,
    round              integer     NOT NULL DEFAULT 1, -- grows with each reopening
    created_at         timestamptz NOT NULL,
    updated_at         timestamptz NOT NULL,
    due_at             timestamptz,
    asked_at           timestamptz,
    held_until         timestamptz,
    reason             text        NOT NULL DEFAULT '', -- the code of the one given last
    outcome            text        NOT NULL DEFAULT '',
    follows            uuid        CONSTRAINT case_referrals_follows_fkey REFERENCES case_referrals ON DELETE SET NULL,

    subject_code       text        NOT NULL DEFAULT '',
    age_band           text        NOT NULL DEFAULT '',
    gender             text        NOT NULL DEFAULT '',
    trafficking_status text        NOT NULL DEFAULT '',
    exploitation_types text[]      NOT NULL DEFAULT '{}',
    citizenships       text[]      NOT NULL DEFAULT '{}',
    country            text        NOT NULL DEFAULT '',
    subdivision        text        NOT NULL DEFAULT '',
    languages          text[]      NOT NULL DEFAULT '{}',
    protection_flags   text[]      NOT NULL DEFAULT '{}',
    services           text[]      NOT NULL DEFAULT '{}',
    urgency            text        NOT NULL DEFAULT '',
    summary            text        NOT NULL DEFAULT '',
    decision_reason    text        NOT NULL DEFAULT '',

    CONSTRAINT case_referrals_complete CHECK (state IN ('draft', 'withdrawn', 'consent_revoked') OR
        subject_code <> '' AND age_band <> '' AND country <> '' AND services <> '{}' AND urgency <> '' AND summary <> ''),
    CONSTRAINT case_referrals_held CHECK (state <> 'on_hold' OR held_until IS NOT NULL)
);
CREATE INDEX case_referrals_by_desk ON case_referrals (desk_id, created_at, id);
CREATE INDEX case_referrals_by_organisation ON case_referrals (organisation_id, created_at, id);
CREATE INDEX case_referrals_by_due ON case_referrals (due_at, id) WHERE due_at IS NOT NULL;

CREATE CONSTRAINT TRIGGER case_referrals_agree AFTER INSERT OR UPDATE OF state, version ON case_referrals DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION record_agrees_with_log();
CREATE TRIGGER case_referrals_only_drafts_leave BEFORE DELETE ON case_referrals
    FOR EACH ROW EXECUTE FUNCTION only_drafts_leave();
CREATE TRIGGER case_referrals_no_truncate BEFORE TRUNCATE ON case_referrals FOR EACH STATEMENT EXECUTE FUNCTION only_drafts_leave();

-- What of a case is kept apart: nothing but the reading of one record touches
-- this table.
CREATE TABLE referral_texts (
    referral_id        uuid    CONSTRAINT referral_texts_pkey PRIMARY KEY CONSTRAINT referral_texts_referral_fkey REFERENCES case_referrals ON DELETE CASCADE,
    narrative          text    NOT NULL DEFAULT '',
    actions_taken      text    NOT NULL DEFAULT '',
    contact            boolean NOT NULL DEFAULT false, -- whether anything is known of contact
    contact_prohibited boolean NOT NULL DEFAULT false,
    safe_method        text    NOT NULL DEFAULT '',
    safe_times         text    NOT NULL DEFAULT ''
);

CREATE TABLE consents (
    id            uuid        CONSTRAINT consents_pkey PRIMARY KEY,
    referral_id   uuid        NOT NULL CONSTRAINT consents_referral_fkey REFERENCES case_referrals ON DELETE CASCADE,
    basis         text        NOT NULL,
    given_by      text        NOT NULL,
    given_at      timestamptz NOT NULL,
    purposes      text[]      NOT NULL,
    organisations text[]      NOT NULL DEFAULT '{}', -- ids; empty: any partner
    services      text[]      NOT NULL DEFAULT '{}', -- empty: any service
    withheld      text[]      NOT NULL DEFAULT '{}',
    reason        text        NOT NULL DEFAULT '',
    expires_at    timestamptz,
    recorded_by   uuid        NOT NULL CONSTRAINT consents_recorder_fkey REFERENCES users,
    recorded_at   timestamptz NOT NULL,
    ended_at      timestamptz,
    approved_by   uuid        CONSTRAINT consents_approver_fkey REFERENCES users,
    approved_at   timestamptz,
    approval_note text        NOT NULL DEFAULT '',
    CONSTRAINT consents_override_has_reason CHECK (basis NOT IN ('best_interest_override', 'vital_interest') OR reason <> ''),
    CONSTRAINT consents_second_person CHECK (approved_by <> recorded_by),
    CONSTRAINT consents_approval_whole CHECK ((approved_by IS NULL) = (approved_at IS NULL))
);
CREATE INDEX consents_by_referral ON consents (referral_id, recorded_at);
