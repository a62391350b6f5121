-- The version of a record, if a reply that was given of that version would be
-- the same now: nothing else of its request moved since (in another
-- transaction than the one that made the version), no time has come that
-- changes what it says, and it is no offer, which others' places bear upon.
SELECT own.seq
FROM (SELECT * FROM events WHERE record_id = @id ORDER BY seq DESC LIMIT 1) own
WHERE NOT EXISTS (
        SELECT FROM events e
        WHERE e.request_id = own.request_id AND e.position > own.position AND e.xid <> own.xid
    )
  AND NOT EXISTS (
        SELECT FROM consents k
        WHERE k.referral_id = own.request_id AND k.expires_at <= @now
    )
  AND NOT EXISTS (
        SELECT FROM assignments x
        WHERE x.request_id = own.request_id
          AND (x.state = 'offered' AND (x.id = own.record_id OR x.respond_by <= @now) OR x.state = 'completed' AND x.ended_at < @completed_before)
    )
