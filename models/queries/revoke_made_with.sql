-- Ends the tokens that a token was used to make, and those made with these.
-- token, at
WITH RECURSIVE made AS (
    SELECT id FROM tokens WHERE made_with = @token
    UNION
    SELECT t.id FROM tokens t JOIN made ON t.made_with = made.id
)
UPDATE tokens SET revoked_at = @at
WHERE id IN (SELECT id FROM made) AND revoked_at IS NULL
