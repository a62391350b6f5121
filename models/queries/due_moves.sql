-- The moves that the clock has to make now: offers that nobody answered,
-- questions that nobody answered, holds that are over, cases whose owner has
-- to be told that they will be erased, and cases to erase; and the turns in the
-- waiting lists of services that have a place left which no offer from the list
-- speaks for.
-- now, asked_before, notice (seconds), limit
WITH ended AS (
    SELECT c.id, c.erasure_announced_at AS told, make_interval(secs => @notice) AS notice,
        c.ended_at + make_interval(months => d.retention_months) AS kept_until
    FROM desks d
    JOIN case_referrals c ON c.desk_id = d.id
    WHERE c.ended_at IS NOT NULL AND c.erased_at IS NULL AND NOT c.legal_hold
      -- for the index; three days, for months differ in length
      AND c.ended_at <= cast(@now AS timestamptz) + make_interval(months => -d.retention_months, days => 3, secs => @notice)
)
SELECT 'assignment' AS kind, id, 'expire' AS action, respond_by AS at
FROM assignments
WHERE state = 'offered' AND respond_by <= @now
UNION ALL
SELECT 'training_request', id, 'lapse', asked_at
FROM training_requests
WHERE state = 'information_requested' AND asked_at <= @asked_before
UNION ALL
SELECT 'case_referral', id, 'resume', held_until
FROM case_referrals
WHERE state = 'on_hold' AND held_until <= @now
UNION ALL
SELECT 'case_referral', id, 'announce_erasure', kept_until - notice
FROM ended
WHERE kept_until - notice <= @now AND (told IS NULL OR told < kept_until - notice)
UNION ALL
SELECT 'case_referral', id, 'erase', greatest(kept_until, told + notice)
FROM ended
WHERE told >= kept_until - notice AND greatest(kept_until, told + notice) <= @now
UNION ALL
SELECT 'wait', l.id, 'offer', l.since
FROM waiting_lists l
JOIN services s ON s.id = l.service_id
WHERE l.position <= s.capacity_available - (
    SELECT count(*) FROM waits w JOIN assignments a ON a.id = w.assignment_id WHERE w.service_id = s.id AND a.state = 'offered')
ORDER BY at, id
LIMIT @limit
