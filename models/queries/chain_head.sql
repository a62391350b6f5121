-- The chain's last link, and where the transactions stand: what those before
-- `below` wrote is there to be seen, and none has reached `until`.
SELECT coalesce(c.n, 0) AS n, c.hash, pg_snapshot_xmin(s)::text AS below, pg_snapshot_xmax(s)::text AS until
FROM pg_current_snapshot() AS s
LEFT JOIN (SELECT n, hash FROM chain ORDER BY n DESC LIMIT 1) AS c ON true
