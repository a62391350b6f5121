-- +goose Up
-- Who takes part: desks, organisations with their services, users, tokens.

CREATE TABLE desks (
    id         uuid        CONSTRAINT desks_pkey PRIMARY KEY,
    version    integer     NOT NULL DEFAULT 1,
    name       text        NOT NULL CONSTRAINT desks_name_key UNIQUE CONSTRAINT desks_name_given CHECK (name <> ''),
    countries  text[]      NOT NULL DEFAULT '{}',
    is_default boolean     NOT NULL DEFAULT false,
    time_zone  text        NOT NULL DEFAULT 'UTC',
    active     boolean     NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT desks_default_active CHECK (active OR NOT is_default)
);
CREATE UNIQUE INDEX desks_one_default ON desks (is_default) WHERE is_default;

CREATE TABLE organisations (
    id          uuid        CONSTRAINT organisations_pkey PRIMARY KEY,
    version     integer     NOT NULL DEFAULT 1,
    name        text        NOT NULL CONSTRAINT organisations_name_key UNIQUE CONSTRAINT organisations_name_given CHECK (name <> ''),
    description text        NOT NULL DEFAULT '',
    type        text        NOT NULL,
    website     text        NOT NULL DEFAULT '',
    active      boolean     NOT NULL DEFAULT true,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL
);

CREATE TABLE services (
    id                 uuid        CONSTRAINT services_pkey PRIMARY KEY,
    version            integer     NOT NULL DEFAULT 1,
    organisation_id    uuid        NOT NULL CONSTRAINT services_organisation_fkey REFERENCES organisations,
    kind               text        NOT NULL,
    status             text        NOT NULL DEFAULT 'active',
    countries          text[]      NOT NULL DEFAULT '{}',
    subdivisions       text[]      NOT NULL DEFAULT '{}',
    languages          text[]      NOT NULL DEFAULT '{}',
    minimum_age        integer,
    maximum_age        integer,
    genders            text[]      NOT NULL DEFAULT '{}',
    schedule           text        NOT NULL DEFAULT '',
    capacity_available integer     NOT NULL DEFAULT 0,
    capacity_maximum   integer     NOT NULL DEFAULT 0,
    capacity_updated   timestamptz NOT NULL,
    created_at         timestamptz NOT NULL,
    updated_at         timestamptz NOT NULL,
    CONSTRAINT services_capacity_sane CHECK (capacity_available BETWEEN 0 AND capacity_maximum),
    CONSTRAINT services_ages_sane CHECK (minimum_age <= maximum_age)
);
CREATE INDEX services_by_organisation ON services (organisation_id, kind);

CREATE TABLE users (
    id              uuid        CONSTRAINT users_pkey PRIMARY KEY,
    version         integer     NOT NULL DEFAULT 1,
    name            text        NOT NULL CONSTRAINT users_name_given CHECK (name <> ''),
    organisation_id uuid        NOT NULL CONSTRAINT users_organisation_fkey REFERENCES organisations,
    desk_id         uuid        CONSTRAINT users_desk_fkey REFERENCES desks,
    roles           text[]      NOT NULL,
    language        text        NOT NULL DEFAULT '',
    active          boolean     NOT NULL DEFAULT true,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    CONSTRAINT users_roles_known CHECK (roles <> '{}' AND roles <@ ARRAY ['requester', 'referrer', 'admin', 'partner', 'auditor']),
    CONSTRAINT users_desk_for_admins CHECK (desk_id IS NULL OR 'admin' = ANY (roles))
);
CREATE INDEX users_by_organisation ON users (organisation_id);

-- A token is 256 random bits, so one SHA-256 is enough; the token itself is
-- never stored.
CREATE TABLE tokens (
    id           uuid        CONSTRAINT tokens_pkey PRIMARY KEY,
    user_id      uuid        NOT NULL CONSTRAINT tokens_user_fkey REFERENCES users,
    name         text        NOT NULL,
    hash         bytea       NOT NULL CONSTRAINT tokens_hash_key UNIQUE CONSTRAINT tokens_hash_is_sha256 CHECK (length(hash) = 32),
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_at   timestamptz
);
CREATE INDEX tokens_by_user ON tokens (user_id, created_at);

-- A reply is kept sealed with a key that only the caller's own Idempotency-Key
-- gives back; the key itself is kept as a hash.
CREATE TABLE idempotency_keys (
    key         bytea       CONSTRAINT idempotency_keys_pkey PRIMARY KEY,
    fingerprint bytea       NOT NULL,
    reply       bytea       NOT NULL,
    created_at  timestamptz NOT NULL
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- Secrets that all nodes share and that guard nothing personal: the key that
-- signs cursors.
CREATE TABLE secrets (
    name  text CONSTRAINT secrets_pkey PRIMARY KEY,
    value text NOT NULL
);
INSERT INTO secrets VALUES ('cursors', gen_random_uuid()::text || gen_random_uuid()::text);
