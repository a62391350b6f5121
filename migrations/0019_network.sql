-- +goose Up
-- Desks as the centres of a network: what they speak, when they work, and the
-- rules by which requests come to them.

ALTER TABLE desks
    ADD COLUMN languages    text[] NOT NULL DEFAULT '{}',
    ADD COLUMN working_days text[] NOT NULL DEFAULT '{monday,tuesday,wednesday,thursday,friday}',
    ADD COLUMN holidays     jsonb  NOT NULL DEFAULT '[]',
    ADD CONSTRAINT desks_working_days_known CHECK (working_days <> '{}'
        AND working_days <@ ARRAY ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']),
    ADD CONSTRAINT desks_holidays_bounded CHECK ( -- counting working days comes to an end
        CASE jsonb_typeof(holidays) WHEN 'array' THEN jsonb_array_length(holidays) <= 400 ELSE false END);

-- Whatever a rule leaves empty, it takes as it comes. Of the rules that fit a
-- request, the most specific one sends it to its desk (workflow/routing.go).
CREATE TABLE routing_rules (
    id         uuid        CONSTRAINT routing_rules_pkey PRIMARY KEY,
    version    integer     NOT NULL DEFAULT 1,
    desk_id    uuid        NOT NULL CONSTRAINT routing_rules_desk_fkey REFERENCES desks,
    kind       text        NOT NULL DEFAULT '' CONSTRAINT routing_rules_kind_known CHECK (kind IN ('', 'training_request', 'case_referral')),
    country    text        NOT NULL DEFAULT '',
    topic      text        NOT NULL DEFAULT '', -- of a training, or a service of a case
    language   text        NOT NULL DEFAULT '',
    note       text        NOT NULL DEFAULT '',
    active     boolean     NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT routing_rules_name_something CHECK (kind || country || topic || language <> '')
);
