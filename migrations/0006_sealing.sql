-- +goose Up
-- What somebody wrote of a person is kept sealed, in one table, under a data
-- key of its request. The key that wraps the data keys is not in the database.

CREATE TABLE data_keys (
    request_id uuid        CONSTRAINT data_keys_pkey PRIMARY KEY, -- of either kind
    wrapped    bytea       NOT NULL,
    kek        text        NOT NULL, -- the name of the key that wraps it
    created_at timestamptz NOT NULL
);
CREATE INDEX data_keys_by_kek ON data_keys (kek, request_id);

-- AES-256-GCM. The sealed text is bound to its place: to request, of and
-- member, so that it can't be moved to another.
CREATE TABLE sealed_texts (
    request_id uuid  NOT NULL CONSTRAINT sealed_texts_key_fkey REFERENCES data_keys,
    of         uuid  NOT NULL, -- the case, the event, the consent or the assignment that it belongs to
    member     text  NOT NULL,
    sealed     bytea NOT NULL CONSTRAINT sealed_texts_has_nonce_and_tag CHECK (length(sealed) > 28),
    CONSTRAINT sealed_texts_pkey PRIMARY KEY (request_id, of, member)
);

-- The reason itself is sealed; that there is one is not.
ALTER TABLE consents ADD COLUMN reason_given boolean NOT NULL DEFAULT false;
