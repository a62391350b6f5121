-- +goose Up
-- A training takes place in sessions; one that has a start and an end and no
-- more is one session. What was cancelled stays, so that calendars hear of it.
SELECT set_config('onward.actor', 'system', true);
ALTER TABLE training_requests
    ADD COLUMN sessions jsonb, -- null: never scheduled
    ADD COLUMN calendar_sequence integer NOT NULL DEFAULT 0 CONSTRAINT training_requests_sequence_sane CHECK (calendar_sequence >= 0);
UPDATE training_requests SET sessions = jsonb_build_array(jsonb_build_object(
    'StartsAt', to_char(starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'EndsAt', to_char(ends_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'Place', '', 'Link', '', 'Round', round, 'Number', 1, 'Cancelled', state = 'withdrawn'))
WHERE starts_at IS NOT NULL AND ends_at IS NOT NULL;
