-- +goose Up
-- The directory as others keep it: the seat of an organisation, the name of a
-- service, and the id under which another directory (HSDS) knows either.

ALTER TABLE organisations
    ADD COLUMN external_id text NOT NULL DEFAULT '',
    ADD COLUMN country     text NOT NULL DEFAULT '',
    ADD COLUMN subdivision text NOT NULL DEFAULT '', -- the seat: a country and its part, never an address
    ADD CONSTRAINT organisations_seat_sane CHECK (subdivision = '' OR country <> '' AND starts_with(subdivision, country || '-'));
CREATE UNIQUE INDEX organisations_external_id_key ON organisations (external_id) WHERE external_id <> '';

-- One service of another directory is a row here for each of its kinds.
ALTER TABLE services
    ADD COLUMN external_id text NOT NULL DEFAULT '',
    ADD COLUMN name        text NOT NULL DEFAULT '',
    ADD COLUMN description text NOT NULL DEFAULT '';
CREATE UNIQUE INDEX services_external_id_key ON services (external_id, kind) WHERE external_id <> '';
