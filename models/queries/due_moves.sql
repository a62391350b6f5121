-- The moves that the clock has to make now: offers that nobody answered,
-- questions that nobody answered, holds that are over.
-- now, asked_before, limit
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
ORDER BY at, id
LIMIT @limit
