-- +goose Up
-- What ranks the organisations that could take a request on.

-- What counts how much, by part, each from 0 to 10 (models.Weights).
ALTER TABLE desks ADD COLUMN weights jsonb NOT NULL
    DEFAULT '{"language": 3, "capacity": 2, "load": 1, "response": 2, "acceptance": 2, "nearness": 3, "topics": 4, "fairness": 1}';

CREATE INDEX services_by_kind ON services (kind, organisation_id);
CREATE INDEX assignments_live_by_organisation ON assignments (organisation_id) WHERE state IN ('offered', 'accepted', 'in_progress', 'on_hold');

-- How organisations have answered since a moment, and what they have at hand:
-- counts and a median over all desks, which no one desk can see. An offer that
-- was revoked before its answer says nothing; one that expired is a no that
-- took all its time.
-- +goose StatementBegin
CREATE FUNCTION track_records(organisations uuid[], since timestamptz, recently timestamptz)
    RETURNS TABLE (organisation_id uuid, live bigint, recent bigint, answered bigint, accepted bigint, median_hours float8)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    asking text := current_setting('onward.actor', true);
BEGIN
    PERFORM set_config('onward.actor', 'system', true);
    RETURN QUERY
        SELECT o.id, l.live, h.recent, h.answered, h.accepted, h.median_hours
        FROM unnest(organisations) AS o (id)
        CROSS JOIN LATERAL (
            SELECT count(*) AS live FROM assignments a
            WHERE a.organisation_id = o.id AND a.state IN ('offered', 'accepted', 'in_progress', 'on_hold')
        ) l
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE a.created_at >= recently) AS recent, count(t.hours) AS answered, count(a.accepted_at) AS accepted,
                percentile_cont(0.5) WITHIN GROUP (ORDER BY t.hours) AS median_hours
            FROM assignments a
            CROSS JOIN LATERAL (
                SELECT extract(epoch FROM coalesce(a.accepted_at, CASE WHEN a.state IN ('declined', 'expired') THEN a.ended_at END) - a.created_at)::float8 / 3600 AS hours
            ) t
            WHERE a.organisation_id = o.id AND a.created_at >= since
        ) h;
    PERFORM set_config('onward.actor', coalesce(asking, ''), true);
END $$;
-- +goose StatementEnd
