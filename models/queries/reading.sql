-- When a person could read some cases, an array of ids, having read others since
-- a moment: no row, at once; else a row with the time of the reading that has to
-- grow old first, null where no waiting would do. Sealed parts count with sealed
-- parts, the rest with the rest.
WITH fresh AS (
    SELECT count(*) AS n
    FROM unnest(cast(@cases AS uuid[])) AS wanted (id)
    WHERE NOT EXISTS (
        SELECT FROM accesses a
        WHERE a.referral_id = wanted.id AND a.user_id = @user AND a.sealed = @sealed AND a.at > @since
    )
), recent AS (
    SELECT max(at) AS at, row_number() OVER (ORDER BY max(at)) AS nth
    FROM accesses
    WHERE user_id = @user AND sealed = @sealed AND at > @since
    GROUP BY referral_id
)
SELECT (SELECT at FROM recent WHERE nth = (SELECT count(*) FROM recent) + fresh.n - @limit) AS at
FROM fresh
WHERE fresh.n > 0 AND (SELECT count(*) FROM recent) + fresh.n > @limit
