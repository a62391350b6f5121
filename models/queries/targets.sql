-- Which of some ids are there, each with the collection that a path names it in.
-- ids: an array of UUIDs, as text.
SELECT 'training-requests' AS collection, id FROM training_requests WHERE id = ANY (cast(@ids AS uuid[]))
UNION ALL
SELECT 'case-referrals', id FROM case_referrals WHERE id = ANY (cast(@ids AS uuid[]))
UNION ALL
SELECT 'assignments', id FROM assignments WHERE id = ANY (cast(@ids AS uuid[]))
UNION ALL
SELECT 'organisations', id FROM organisations WHERE id = ANY (cast(@ids AS uuid[]))
UNION ALL
SELECT 'services', id FROM services WHERE id = ANY (cast(@ids AS uuid[]))
UNION ALL
SELECT 'desks', id FROM desks WHERE id = ANY (cast(@ids AS uuid[]))
UNION ALL
SELECT 'users', id FROM users WHERE id = ANY (cast(@ids AS uuid[]))
UNION ALL
SELECT 'tokens', id FROM tokens WHERE id = ANY (cast(@ids AS uuid[]))
