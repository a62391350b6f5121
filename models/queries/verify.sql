-- Every way in which a record and its log can disagree. No row: they agree.
WITH records AS (
    SELECT 'training_request' AS workflow, id, reference, state, version FROM training_requests
    UNION ALL
    SELECT 'case_referral', id, reference, state, version FROM case_referrals
    UNION ALL
    SELECT 'assignment', id, id::text, state, version FROM assignments
),
steps AS (
    SELECT workflow, record_id, seq, from_state, action, to_state, position,
        lag(to_state, 1, 'new') OVER log AS before,
        lag(seq, 1, 0) OVER log AS seq_before,
        lead(seq) OVER log IS NULL AS is_last
    FROM events
    WINDOW log AS (PARTITION BY record_id ORDER BY seq)
)
SELECT s.workflow, s.record_id, 'the log has a gap before its event ' || s.seq AS fault
FROM steps s WHERE s.seq <> s.seq_before + 1
UNION ALL
SELECT s.workflow, s.record_id, 'event ' || s.seq || ' starts at ' || s.from_state || ', but the one before it ended at ' || s.before
FROM steps s WHERE s.from_state <> s.before
UNION ALL
SELECT r.workflow, r.id, r.reference || ' has no event'
FROM records r WHERE NOT EXISTS (SELECT FROM events e WHERE e.record_id = r.id)
UNION ALL
SELECT s.workflow, s.record_id, r.reference || ' is ' || r.state || ' (version ' || r.version || '), but its log says ' || s.to_state || ' (' || s.seq || ')'
FROM steps s JOIN records r ON r.id = s.record_id
WHERE s.is_last AND (r.state <> s.to_state OR r.version <> s.seq)
UNION ALL
SELECT s.workflow, s.record_id, 'the record is gone, and its log does not say why'
FROM steps s
WHERE s.is_last AND s.action <> 'delete' AND NOT EXISTS (SELECT FROM records r WHERE r.id = s.record_id)
ORDER BY 1, 2, 3
LIMIT 1000
