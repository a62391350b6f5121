-- +goose Up
-- Waiting lists: requests that wait for a place of a service that is full. Who
-- may: the desk of the request alone; how many wait, the service's partner too.

CREATE TABLE waits (
    id                  uuid        CONSTRAINT waits_pkey PRIMARY KEY,
    version             integer     NOT NULL,
    kind                text        NOT NULL CONSTRAINT waits_kind_known CHECK (kind IN ('training_request', 'case_referral')),
    request_id          uuid        NOT NULL,
    training_request_id uuid        GENERATED ALWAYS AS (CASE kind WHEN 'training_request' THEN request_id END) STORED
        CONSTRAINT waits_training_fkey REFERENCES training_requests,
    case_referral_id    uuid        GENERATED ALWAYS AS (CASE kind WHEN 'case_referral' THEN request_id END) STORED
        CONSTRAINT waits_referral_fkey REFERENCES case_referrals,
    organisation_id     uuid        NOT NULL CONSTRAINT waits_organisation_fkey REFERENCES organisations,
    service_id          uuid        NOT NULL CONSTRAINT waits_service_fkey REFERENCES services,
    service             text        NOT NULL, -- its code
    state               text        NOT NULL CONSTRAINT waits_state_known CHECK (state IN ('waiting', 'offered', 'ended')),
    reason              text        NOT NULL DEFAULT '', -- the code of what ended it, where there is one
    assignment_id       uuid        CONSTRAINT waits_assignment_fkey REFERENCES assignments CONSTRAINT waits_assignment_key UNIQUE,
    made_by             uuid        NOT NULL CONSTRAINT waits_maker_fkey REFERENCES users,
    since               timestamptz NOT NULL,
    updated_at          timestamptz NOT NULL,
    ended_at            timestamptz,
    CONSTRAINT waits_ended CHECK ((ended_at IS NULL) = (state = 'waiting')),
    CONSTRAINT waits_offered CHECK ((assignment_id IS NOT NULL) = (state = 'offered'))
);
CREATE UNIQUE INDEX waits_once ON waits (request_id, service_id) WHERE state = 'waiting';
CREATE INDEX waits_by_request ON waits (request_id, since, id);
CREATE INDEX waits_by_service ON waits (service_id) WHERE state = 'waiting';

ALTER TABLE waits ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY waits_of_desk ON waits USING (
    (SELECT caller.sees_all())
    OR request_id = ANY ((SELECT caller.through())::uuid[])
    OR (SELECT caller.desk()) IS NOT NULL AND (
        EXISTS (SELECT FROM case_referrals c WHERE c.id = waits.request_id AND c.desk_id = (SELECT caller.desk()))
        OR EXISTS (SELECT FROM training_requests t WHERE t.id = waits.request_id AND t.desk_id = (SELECT caller.desk()))));

-- A list in its order, by urgency, then since. Only requests that can be
-- offered now have a turn.
CREATE VIEW waiting_lists WITH (security_invoker = true) AS
SELECT w.id, w.service_id, w.since,
    row_number() OVER (PARTITION BY w.service_id ORDER BY array_position(ARRAY ['emergency', 'urgent', 'normal'], coalesce(c.urgency, 'normal')), w.since, w.id) AS position
FROM waits w
LEFT JOIN case_referrals c ON c.id = w.case_referral_id
LEFT JOIN training_requests t ON t.id = w.training_request_id
WHERE w.state = 'waiting' AND coalesce(c.state, t.state) IN ('approved', 'offered', 'open', 'in_service');

-- How many wait for a service, and where some of them are: no desk sees all of
-- them, so both are asked as the system, by the owner of the function.
-- +goose StatementBegin
CREATE FUNCTION waiting_for(full_service uuid) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    asking text := current_setting('onward.actor', true);
    n      bigint;
BEGIN
    PERFORM set_config('onward.actor', 'system', true);
    n := (SELECT count(*) FROM waits WHERE service_id = full_service AND state = 'waiting');
    PERFORM set_config('onward.actor', coalesce(asking, ''), true);
    RETURN n;
END $$;
CREATE FUNCTION positions_of(entries uuid[]) RETURNS TABLE (entry uuid, turn bigint) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    asking text := current_setting('onward.actor', true);
BEGIN
    PERFORM set_config('onward.actor', 'system', true);
    RETURN QUERY SELECT l.id, l.position FROM waiting_lists l
        WHERE l.id = ANY (entries) AND l.service_id IN (SELECT w.service_id FROM waits w WHERE w.id = ANY (entries));
    PERFORM set_config('onward.actor', coalesce(asking, ''), true);
END $$;
-- +goose StatementEnd
