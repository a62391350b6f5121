-- How many events no link holds, and the first of those that were passed over:
-- older than a moment, though one behind it in the log is chained.
-- before
SELECT count(*) AS waiting, min(position) FILTER (WHERE at < @before AND position < (SELECT max(event_position) FROM chain)) AS passed_over
FROM events e
WHERE NOT EXISTS (SELECT FROM chain c WHERE c.event_position = e.position)
