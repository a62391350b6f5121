-- +goose Up
-- Attempts that were refused, apart from the events: they moved nothing. Codes,
-- ids and route patterns; nothing of a body, a query or a token.
--
-- onward_worker alone writes here, as the system, and finds out whether a target
-- existed: it must see every row of the tables of queries/targets.sql. An auditor
-- and the network's admins read. Nobody changes a row, and nobody deletes one that
-- is younger than 400 days; the clock deletes those that are older.
CREATE TABLE denials (
    id              uuid        CONSTRAINT denials_pkey PRIMARY KEY,
    at              timestamptz NOT NULL,
    actor_id        uuid, -- of an ended token, whose it was; null: nobody known
    organisation_id uuid, -- of the actor
    token_id        uuid, -- of a token that had ended
    method          text        NOT NULL,
    route           text        NOT NULL, -- the pattern, as /v1/case-referrals/:id
    target          uuid, -- the last id in the path
    existed         boolean     NOT NULL, -- whether the target did, when the row was written
    action          text        NOT NULL DEFAULT '', -- a workflow's
    status          integer     NOT NULL,
    code            text        NOT NULL,
    request_id      text        NOT NULL -- as in the log
);
CREATE INDEX denials_by_time ON denials (at, id);
CREATE INDEX denials_by_actor ON denials (actor_id, at, id);

CREATE TRIGGER denials_append_only BEFORE UPDATE ON denials FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER denials_kept BEFORE DELETE ON denials FOR EACH ROW WHEN (OLD.at >= now() - interval '400 days') EXECUTE FUNCTION refuse_change();
CREATE TRIGGER denials_no_truncate BEFORE TRUNCATE ON denials FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
