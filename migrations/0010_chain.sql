-- +goose Up
-- The log proves itself: each link holds one event and, by the hash of the link
-- before it, all that were chained earlier. n counts from 1 without a gap, in an
-- order in which nothing committed ever appears behind a reader (docs/adr/0015).
-- The worker writes it, as the system; `onward verify` reads it. Nobody else
-- needs either.
CREATE TABLE chain (
    n              bigint CONSTRAINT chain_pkey PRIMARY KEY CONSTRAINT chain_n_positive CHECK (n > 0),
    event_position bigint NOT NULL CONSTRAINT chain_event_key UNIQUE CONSTRAINT chain_event_fkey REFERENCES events (position),
    hash           bytea  NOT NULL CONSTRAINT chain_hash_is_sha256 CHECK (octet_length(hash) = 32)
);
CREATE TRIGGER chain_append_only BEFORE UPDATE OR DELETE ON chain FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER chain_no_truncate BEFORE TRUNCATE ON chain FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Where the relay looks for what is new.
CREATE INDEX events_by_xid ON events (xid, position);
