-- The organisations that could take a request on, those that can first, by
-- score. One row an organisation and service of a case, one an organisation of
-- a training: of several services the one that meets most. A condition that is
-- not met is told by its own column; which of them forbid an offer is for the
-- workflow to say.
-- The caller puts in JOIN, or LEFT JOIN to hear of those without such a service
-- too, and which organisations.
-- training; kinds: codes in the order in which they are told; country,
-- subdivision: the empty text where unknown; near: countries of the same
-- subregion; languages: primary subtags; youngest, oldest: years; genders: those
-- that would do, none for any; cover_services, cover_organisations (the empty
-- text: any), cover_reach: how far consent goes, and covered: the reach that
-- allows an offer; request; not_of: the organisation that refers and was not asked
-- for, or null; confirmed_since; since, recently: what counts of the past; w_:
-- weights; unfit: those that can't, too; only: one organisation, or null; limit.
WITH asked AS NOT MATERIALIZED (
    SELECT cast(@training AS boolean) AS training, cast(@kinds AS text[]) AS kinds, cast(@request AS uuid) AS request,
        cast(@country AS text) AS country, cast(@subdivision AS text) AS subdivision, cast(@near AS text[]) AS near,
        cast(@languages AS text[]) AS languages, cast(@genders AS text[]) AS genders, cast(@youngest AS integer) AS youngest, cast(@oldest AS integer) AS oldest,
        cast(@covered AS integer) AS covered, cast(@not_of AS uuid) AS not_of, cast(@confirmed_since AS timestamptz) AS confirmed_since, cast(@unfit AS boolean) AS unfit
), covers AS (
    SELECT * FROM unnest(cast(@cover_services AS text[]), cast(@cover_organisations AS text[]), cast(@cover_reach AS integer[])) AS c (service, organisation, reach)
), offered AS (
    SELECT o.id AS organisation_id, o.name AS organisation_name, o.country AS seat_country, o.subdivision AS seat_subdivision, s.*,
        o.active AND coalesce(s.status = 'active', true) AS active,
        coalesce((s.countries = '{}' OR q.country = ANY (s.countries)) AND (s.subdivisions = '{}' OR q.subdivision = '' OR q.subdivision = ANY (s.subdivisions)), false) AS in_country
    FROM asked q
    CROSS JOIN organisations o
    %s (
        SELECT id AS service_id, organisation_id AS of_id, kind, status, countries, subdivisions, languages, minimum_age, maximum_age, genders,
            capacity_available, capacity_maximum, capacity_updated
        FROM services) s ON s.of_id = o.id AND s.kind = ANY (q.kinds)
    WHERE %s
), known AS (
    SELECT organisation_id, organisation_name, service_id, coalesce(kind, '') AS service, active, in_country,
        coalesce(capacity_available, 0) AS available, coalesce(capacity_maximum, 0) AS maximum, capacity_updated,
        coalesce(capacity_updated < q.confirmed_since, false) AS uncertain,
        coalesce(coalesce(minimum_age, 0) <= q.oldest AND coalesce(maximum_age, 200) >= q.youngest, false) AS for_age,
        coalesce(q.genders = '{}' OR s.genders = '{}' OR s.genders && q.genders, false) AS for_gender,
        coalesce(s.languages = '{}', true) AS any_language, spoken.languages AS spoken,
        EXISTS (
            SELECT FROM assignments a
            WHERE a.request_id = q.request AND a.organisation_id = s.organisation_id AND (q.training OR a.service = s.kind)
              AND a.state IN ('offered', 'accepted', 'in_progress', 'on_hold')) AS already,
        coalesce((SELECT max(c.reach) FROM covers c WHERE (s.kind IS NULL OR c.service = s.kind) AND c.organisation IN ('', cast(s.organisation_id AS text))), 0) AS reach,
        coalesce(organisation_id = q.not_of, false) AS own,
        CASE
            WHEN q.subdivision = '' AND subdivisions <> '{}' THEN 'part'
            WHEN q.subdivision <> '' AND (seat_subdivision = q.subdivision OR q.subdivision = ANY (subdivisions)) THEN 'subdivision'
            WHEN seat_country = q.country THEN 'country'
            WHEN q.country = ANY (countries) THEN 'served'
            WHEN seat_country = ANY (q.near) THEN 'neighbouring'
            ELSE 'anywhere' END AS nearness
    FROM asked q
    CROSS JOIN offered s
    CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(l ORDER BY l), '{}') AS languages FROM unnest(q.languages) AS l
        WHERE l IN (SELECT lower(split_part(x, '-', 1)) FROM unnest(s.languages) AS x)) spoken
    WHERE q.unfit OR active AND in_country -- first what sorts out the most
), judged AS (
    SELECT k.*, q.training OR q.languages = '{}' OR any_language OR spoken <> '{}' AS speaks
    FROM known k CROSS JOIN asked q
), weighed AS (
    SELECT j.*,
        cast(service_id IS NOT NULL AS integer) + cast(active AS integer) + cast(in_country AS integer) + cast(for_age AS integer)
            + cast(for_gender AS integer) + cast(speaks AS integer) + cast(available > 0 AS integer) AS met,
        service_id IS NOT NULL AND active AND in_country AND for_age AND for_gender AND speaks AND available > 0
            AND NOT already AND NOT own AND (q.training OR reach = q.covered) AS fits
    FROM judged j CROSS JOIN asked q
), best AS (
    SELECT DISTINCT ON (organisation_id, CASE WHEN NOT q.training THEN service END) w.*
    FROM weighed w CROSS JOIN asked q
    WHERE fits OR q.unfit
    ORDER BY organisation_id, CASE WHEN NOT q.training THEN service END, fits DESC, met DESC, array_position(q.kinds, service), available DESC, service_id
), short AS (
    SELECT * FROM best WHERE fits
    UNION ALL
    (SELECT * FROM best WHERE NOT fits ORDER BY met DESC, organisation_name COLLATE "C", organisation_id LIMIT @limit)
), covered AS (
    SELECT organisation_id, count(DISTINCT service) AS topics FROM known WHERE active AND in_country GROUP BY organisation_id
), history AS (
    SELECT * FROM track_records(ARRAY(SELECT DISTINCT organisation_id FROM short), @since, @recently)
), valued AS (
    SELECT b.*, coalesce(topics, 0) AS topics, live, recent, answered, accepted, coalesce(median_hours, 0) AS median_hours,
        CASE WHEN q.languages = '{}' THEN 1 WHEN any_language THEN 0.5 ELSE cardinality(spoken) / cast(cardinality(q.languages) AS float8) END AS language_value,
        -- A place is all that one request needs; more are room for the next.
        available / cast(available + 1 AS float8) * CASE WHEN uncertain THEN 0.5 ELSE 1 END AS capacity_value,
        10 / cast(10 + live AS float8) AS load_value,
        -- As if each had answered three more offers, in a day's time, and two of them with yes: who is new stands in the middle.
        24 / (24 + (answered * coalesce(median_hours, 0) + 3 * 24) / (answered + 3)) AS response_value,
        (accepted + 2) / cast(answered + 3 AS float8) AS acceptance_value,
        CASE nearness WHEN 'subdivision' THEN 1 WHEN 'country' THEN 0.8 WHEN 'served' THEN 0.6 WHEN 'neighbouring' THEN 0.4 ELSE 0.2 END AS nearness_value,
        coalesce(topics, 0) / cast(greatest(cardinality(q.kinds), 1) AS float8) AS topics_value,
        5 / cast(5 + recent AS float8) AS fairness_value
    FROM asked q CROSS JOIN short b
    JOIN history USING (organisation_id)
    LEFT JOIN covered USING (organisation_id)
), weights AS NOT MATERIALIZED (
    SELECT cast(@w_language AS integer) AS language, cast(@w_capacity AS integer) AS capacity, cast(@w_load AS integer) AS load, cast(@w_response AS integer) AS response,
        cast(@w_acceptance AS integer) AS acceptance, cast(@w_nearness AS integer) AS nearness, cast(@w_topics AS integer) AS topics, cast(@w_fairness AS integer) AS fairness
), scored AS (
    SELECT v.*, array_to_string(spoken, ', ') AS shared,
        CASE WHEN service_id IS NULL THEN 0 ELSE coalesce(cast(round(cast((w.language * language_value + w.capacity * capacity_value + w.load * load_value + w.response * response_value + w.acceptance * acceptance_value
            + w.nearness * nearness_value + w.topics * topics_value + w.fairness * fairness_value)
            / nullif(w.language + w.capacity + w.load + w.response + w.acceptance + w.nearness + w.topics + w.fairness, 0) AS numeric), 4) AS float8), 0) END AS score
    FROM valued v CROSS JOIN weights w
)
SELECT * FROM scored
ORDER BY fits DESC, met DESC, CASE WHEN fits THEN -score END, CASE WHEN fits THEN recent END, organisation_name COLLATE "C", organisation_id,
    array_position(cast(@kinds AS text[]), service)
LIMIT @limit
