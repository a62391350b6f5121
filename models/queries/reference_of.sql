-- The reference of a request of either kind.
-- id
SELECT reference FROM training_requests WHERE id = cast(@id AS uuid)
UNION ALL
SELECT reference FROM case_referrals WHERE id = cast(@id AS uuid)
LIMIT 1
