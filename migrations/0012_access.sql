-- +goose Up
-- Who read what of a case, when, by which operation and which right: one row a
-- request and case, written before the reply is sent. It refers to nothing, so
-- that it outlives what it names and writing it waits for nobody's lock.
--
-- Who may write: everybody, for themselves (user_id). Who may read: the owner
-- of the case and the admins of its desk; everybody their own rows, which the
-- limit on reading counts.
CREATE TABLE accesses (
    id              uuid        CONSTRAINT accesses_pkey PRIMARY KEY,
    at              timestamptz NOT NULL,
    referral_id     uuid        NOT NULL,
    user_id         uuid        NOT NULL,
    organisation_id uuid        NOT NULL, -- of the user, then
    token_id        uuid,
    operation       text        NOT NULL, -- as openapi.yaml names it
    as_role         text        NOT NULL,
    assignment_id   uuid,
    parts           text[]      NOT NULL,
    request_id      text        NOT NULL, -- X-Request-Id
    sealed          boolean     NOT NULL GENERATED ALWAYS AS ('sealed' = ANY (parts)) STORED,
    CONSTRAINT accesses_parts_known CHECK (parts <> '{}' AND parts <@ ARRAY ['summary', 'message', 'person', 'sealed', 'consent']),
    CONSTRAINT accesses_by_a_right CHECK (as_role IN ('owner', 'admin') AND assignment_id IS NULL OR as_role = 'partner' AND assignment_id IS NOT NULL)
);
CREATE INDEX accesses_by_referral ON accesses (referral_id, at DESC, id DESC);
CREATE INDEX accesses_by_user ON accesses (user_id, sealed, at);

CREATE TRIGGER accesses_append_only BEFORE UPDATE OR DELETE ON accesses FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER accesses_no_truncate BEFORE TRUNCATE ON accesses FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What of cases the reply kept for an Idempotency-Key shows, if anything: to
-- give it again is a reading.
ALTER TABLE idempotency_keys ADD COLUMN shown jsonb;
