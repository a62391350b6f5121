-- The cases that may be of the same person as one case: those that share a
-- token with it, and those of which an admin decided. Both are at the same
-- desk now, and neither is a draft. The most alike come first.
-- referral, limit.
WITH alike AS (
    SELECT theirs.referral_id AS id, array_agg(theirs.traits) AS shared
    FROM match_tokens ours
    JOIN match_tokens theirs ON theirs.token = ours.token AND theirs.referral_id <> ours.referral_id
    WHERE ours.referral_id = @referral
    GROUP BY theirs.referral_id
),
decided AS (
    SELECT other AS id, verdict, decided_by, decided_at FROM duplicate_links WHERE one = @referral
    UNION ALL
    SELECT one, verdict, decided_by, decided_at FROM duplicate_links WHERE other = @referral
)
SELECT c.id, c.reference, coalesce(a.shared, '{}') AS shared, coalesce(d.verdict, '') AS verdict, d.decided_by, d.decided_at
FROM alike a
FULL JOIN decided d ON d.id = a.id
JOIN case_referrals c ON c.id = coalesce(a.id, d.id)
JOIN case_referrals mine ON mine.id = @referral AND mine.desk_id = c.desk_id
WHERE c.state <> 'draft' AND mine.state <> 'draft'
ORDER BY cardinality(a.shared) DESC NULLS LAST, c.id DESC
LIMIT @limit
