-- Everything that waits for a desk, both kinds, by due time.
-- network: all desks; else desk. kind, urgency, country, due_before, overdue: filters, null for none.
-- submitted: only what nobody has taken yet.
-- after_due, after_id: where the page before ended, null on the first. now, limit.
WITH waiting AS (
    SELECT 'training_request' AS kind, id, reference, state, version, desk_id, '' AS urgency, title, country, due_at, created_at
    FROM training_requests
    WHERE state IN ('submitted', 'in_triage', 'approved', 'delivered', 'evaluated')
    UNION ALL
    SELECT 'case_referral', id, reference, state, version, desk_id, urgency, '', country, due_at, created_at
    FROM case_referrals c
    WHERE state IN ('submitted', 'in_triage')
       OR state IN ('open', 'in_service') AND NOT EXISTS (
            SELECT FROM assignments a
            WHERE a.case_referral_id = c.id AND a.state IN ('offered', 'accepted', 'in_progress', 'on_hold'))
       -- or a plan found nobody for one of its services, and nothing has been done about that since
       OR state IN ('open', 'in_service') AND EXISTS (
            SELECT FROM plans p
            WHERE p.request_id = c.id AND p.state = 'exhausted'
              AND NOT EXISTS (SELECT FROM plans l WHERE l.request_id = c.id AND l.service = p.service AND l.state = 'live')
              AND NOT EXISTS (SELECT FROM waits w WHERE w.request_id = c.id AND w.service = p.service AND w.state = 'waiting')
              AND NOT EXISTS (
                SELECT FROM assignments a
                WHERE a.case_referral_id = c.id AND a.service = p.service AND a.state IN ('offered', 'accepted', 'in_progress', 'on_hold', 'completed')))
)
SELECT *, coalesce(due_at < @now, false) AS overdue
FROM waiting
WHERE (@network OR desk_id = @desk)
  AND (NOT @submitted OR state = 'submitted')
  AND (cast(@desk_filter AS uuid) IS NULL OR desk_id = @desk_filter)
  AND (cast(@kind AS text) IS NULL OR kind = @kind)
  AND (cast(@urgency AS text) IS NULL OR urgency = @urgency)
  AND (cast(@country AS text) IS NULL OR country = @country)
  AND (cast(@due_before AS timestamptz) IS NULL OR due_at < @due_before)
  AND (cast(@overdue AS boolean) IS NULL OR coalesce(due_at < @now, false) = @overdue)
  AND (cast(@after_due AS timestamptz) IS NULL OR (coalesce(due_at, 'infinity'), id) > (@after_due, cast(@after_id AS uuid)))
ORDER BY coalesce(due_at, 'infinity'), id
LIMIT @limit
