-- The events of some transactions that no link holds, in the order of the log.
-- from, until, most
SELECT position
FROM events e
WHERE xid >= cast(@from AS xid8) AND xid < cast(@until AS xid8)
    AND NOT EXISTS (SELECT FROM chain c WHERE c.event_position = e.position)
ORDER BY position
LIMIT @most
