-- All that routing looks at, as it is now: every desk, the oldest first, each
-- with the active rules that send requests to it and the rank of their age.
-- Closed desks are there too, so that a rule to one can be told to be skipped.
-- Parameters: none.
SELECT d.id, d.name, d.countries, d.languages, d.is_default, d.active,
       coalesce(json_agg(json_build_object('ID', r.id, 'Age', r.age, 'Kind', r.kind, 'Country', r.country, 'Topic', r.topic, 'Language', r.language))
                FILTER (WHERE r.id IS NOT NULL), '[]')::text AS rules
FROM desks d
LEFT JOIN (SELECT *, row_number() OVER (ORDER BY created_at, id) AS age FROM routing_rules WHERE active) r ON r.desk_id = d.id
GROUP BY d.id
ORDER BY d.created_at, d.id
