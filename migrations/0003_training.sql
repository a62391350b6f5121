-- +goose Up
CREATE TABLE training_requests (
    id                    uuid        CONSTRAINT training_requests_pkey PRIMARY KEY,
    reference             text        NOT NULL CONSTRAINT training_requests_reference_key UNIQUE,
    state                 text        NOT NULL,
    version               integer     NOT NULL,
    desk_id               uuid        NOT NULL CONSTRAINT training_requests_desk_fkey REFERENCES desks,
    owner_id              uuid        NOT NULL CONSTRAINT training_requests_owner_fkey REFERENCES users,
    organisation_id       uuid        NOT NULL CONSTRAINT training_requests_organisation_fkey REFERENCES organisations,
    round                 integer     NOT NULL DEFAULT 1, -- grows with each reopening
    created_at            timestamptz NOT NULL,
    updated_at            timestamptz NOT NULL,
    due_at                timestamptz,
    asked_at              timestamptz,
    held_until            timestamptz,
    reason                text        NOT NULL DEFAULT '', -- the code of the one given last
    outcome               text        NOT NULL DEFAULT '',

    title                 text        NOT NULL DEFAULT '',
    description           text        NOT NULL DEFAULT '',
    audiences             text[]      NOT NULL DEFAULT '{}',
    topics                text[]      NOT NULL DEFAULT '{}',
    tier                  text        NOT NULL DEFAULT '',
    mode                  text        NOT NULL DEFAULT '',
    country               text        NOT NULL DEFAULT '',
    subdivision           text        NOT NULL DEFAULT '',
    languages             text[]      NOT NULL DEFAULT '{}',
    participants_expected integer     NOT NULL DEFAULT 0,
    preferred_from        date,
    preferred_to          date,
    duration_hours        integer     NOT NULL DEFAULT 0,
    follow_up_theme       text        NOT NULL DEFAULT '',
    origin_workshop       text        NOT NULL DEFAULT '',
    objectives            jsonb       NOT NULL DEFAULT '[]',

    priority              text        NOT NULL DEFAULT '',
    starts_at             timestamptz,
    ends_at               timestamptz,
    scheduled_mode        text        NOT NULL DEFAULT '',
    place                 text        NOT NULL DEFAULT '',
    link                  text        NOT NULL DEFAULT '',
    participants          integer     NOT NULL DEFAULT 0,
    delivered_on          date,
    levels                jsonb, -- Kirkpatrick's; null: not evaluated
    results               jsonb,

    CONSTRAINT training_requests_complete CHECK (state IN ('draft', 'withdrawn') OR
        title <> '' AND audiences <> '{}' AND topics <> '{}' AND mode <> '' AND country <> '' AND languages <> '{}' AND participants_expected > 0),
    CONSTRAINT training_requests_preferred_sane CHECK (preferred_from <= preferred_to),
    CONSTRAINT training_requests_scheduled CHECK (state NOT IN ('scheduled', 'delivered', 'evaluated') OR coalesce(ends_at > starts_at, false)),
    CONSTRAINT training_requests_delivered CHECK (state NOT IN ('delivered', 'evaluated') OR delivered_on IS NOT NULL AND participants > 0)
);
CREATE INDEX training_requests_by_desk ON training_requests (desk_id, created_at, id);
CREATE INDEX training_requests_by_organisation ON training_requests (organisation_id, created_at, id);
CREATE INDEX training_requests_by_due ON training_requests (due_at, id) WHERE due_at IS NOT NULL;

CREATE CONSTRAINT TRIGGER training_requests_agree AFTER INSERT OR UPDATE OF state, version ON training_requests DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION record_agrees_with_log();
CREATE TRIGGER training_requests_only_drafts_leave BEFORE DELETE ON training_requests
    FOR EACH ROW EXECUTE FUNCTION only_drafts_leave();
CREATE TRIGGER training_requests_no_truncate BEFORE TRUNCATE ON training_requests FOR EACH STATEMENT EXECUTE FUNCTION only_drafts_leave();
