-- Appends links to the chain.
-- links: n, event_position, and hash in hexadecimal
INSERT INTO chain (n, event_position, hash)
SELECT n, event_position, decode(hash, 'hex')
FROM jsonb_to_recordset(cast(@links AS jsonb)) AS l (n bigint, event_position bigint, hash text)
