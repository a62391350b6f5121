-- The submitted request of a desk that is due first. The caller puts in the
-- table (training_requests, case_referrals) and, to take it, FOR UPDATE SKIP
-- LOCKED: that never gives one request to two people.
-- network: all desks; else desk. desk_filter: null for none.
SELECT id, due_at
FROM %s
WHERE state = 'submitted'
  AND (@network OR desk_id = @desk)
  AND (cast(@desk_filter AS uuid) IS NULL OR desk_id = @desk_filter)
ORDER BY coalesce(due_at, 'infinity'), id
LIMIT 1
%s
