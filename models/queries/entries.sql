-- Events as a link holds them: every column, as text that depends on no setting.
-- positions
SELECT position, xid::text AS xid, id::text AS id, workflow, record_id::text AS record_id, request_id::text AS request_id,
    seq::text AS seq, name, from_state, action, to_state, actor_id::text AS actor_id, actor_role,
    organisation_id::text AS organisation_id, desk_id::text AS desk_id,
    CASE WHEN isfinite(at) THEN trunc(extract(epoch FROM at) * 1000000)::text ELSE at::text END AS at,
    data::text AS data
FROM events
WHERE position = ANY (cast(@positions AS bigint[]))
ORDER BY position
