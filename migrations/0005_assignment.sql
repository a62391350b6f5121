-- +goose Up
CREATE TABLE assignments (
    id                  uuid        CONSTRAINT assignments_pkey PRIMARY KEY,
    kind                text        NOT NULL CONSTRAINT assignments_kind_known CHECK (kind IN ('training_request', 'case_referral')),
    request_id          uuid        NOT NULL,
    training_request_id uuid        GENERATED ALWAYS AS (CASE kind WHEN 'training_request' THEN request_id END) STORED
        CONSTRAINT assignments_training_fkey REFERENCES training_requests,
    case_referral_id    uuid        GENERATED ALWAYS AS (CASE kind WHEN 'case_referral' THEN request_id END) STORED
        CONSTRAINT assignments_referral_fkey REFERENCES case_referrals,
    organisation_id     uuid        NOT NULL CONSTRAINT assignments_organisation_fkey REFERENCES organisations,
    service_id          uuid        NOT NULL CONSTRAINT assignments_service_fkey REFERENCES services,
    service             text        NOT NULL, -- the code: of a case's service, or of the topic that matched
    consent_id          uuid        CONSTRAINT assignments_consent_fkey REFERENCES consents,
    state               text        NOT NULL,
    version             integer     NOT NULL,
    round               integer     NOT NULL,
    offered_by          uuid        NOT NULL CONSTRAINT assignments_offerer_fkey REFERENCES users,
    respond_by          timestamptz NOT NULL,
    message             text        NOT NULL DEFAULT '',
    reason              text        NOT NULL DEFAULT '', -- the code of the one given last
    outcome             text        NOT NULL DEFAULT '',
    created_at          timestamptz NOT NULL,
    updated_at          timestamptz NOT NULL,
    accepted_at         timestamptz,
    ended_at            timestamptz,
    CONSTRAINT assignments_case_has_consent CHECK (kind <> 'case_referral' OR consent_id IS NOT NULL),
    CONSTRAINT assignments_ended CHECK ((ended_at IS NOT NULL) = (state IN ('declined', 'expired', 'returned', 'completed', 'revoked')))
);
-- One live assignment an organisation and service of a case; one live a
-- training and organisation; one taken a training.
CREATE UNIQUE INDEX assignments_one_live_per_service ON assignments (case_referral_id, organisation_id, service)
    WHERE kind = 'case_referral' AND state IN ('offered', 'accepted', 'in_progress', 'on_hold');
CREATE UNIQUE INDEX assignments_one_live_per_training ON assignments (training_request_id, organisation_id)
    WHERE kind = 'training_request' AND state IN ('offered', 'accepted', 'in_progress', 'on_hold');
CREATE UNIQUE INDEX assignments_one_taken ON assignments (training_request_id)
    WHERE kind = 'training_request' AND state IN ('accepted', 'in_progress', 'on_hold');
CREATE INDEX assignments_by_request ON assignments (request_id, created_at, id);
CREATE INDEX assignments_by_organisation ON assignments (organisation_id, created_at, id);
CREATE INDEX assignments_by_respond_by ON assignments (respond_by, id) WHERE state = 'offered';

CREATE CONSTRAINT TRIGGER assignments_agree AFTER INSERT OR UPDATE OF state, version ON assignments DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION record_agrees_with_log();
-- An assignment is never a draft: it never leaves.
CREATE TRIGGER assignments_only_drafts_leave BEFORE DELETE ON assignments
    FOR EACH ROW EXECUTE FUNCTION only_drafts_leave();
CREATE TRIGGER assignments_no_truncate BEFORE TRUNCATE ON assignments FOR EACH STATEMENT EXECUTE FUNCTION only_drafts_leave();
