-- +goose Up
-- The append-only log, and the database's own knowledge of the workflows.

-- Filled from the Go tables by the migration step.
CREATE TABLE transitions (
    workflow   text NOT NULL,
    from_state text NOT NULL,
    action     text NOT NULL,
    to_state   text NOT NULL,
    CONSTRAINT transitions_pkey PRIMARY KEY (workflow, from_state, action, to_state)
);

-- One event a change. seq is the version that the record then has. xid is for
-- readers that must not skip a late commit: read below
-- pg_snapshot_xmin(pg_current_snapshot()).
CREATE TABLE events (
    position        bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT events_pkey PRIMARY KEY,
    id              uuid        NOT NULL CONSTRAINT events_id_key UNIQUE,
    xid             xid8        NOT NULL DEFAULT pg_current_xact_id(),
    workflow        text        NOT NULL,
    record_id       uuid        NOT NULL,
    request_id      uuid        NOT NULL, -- the record itself, or the request of an assignment
    seq             integer     NOT NULL CONSTRAINT events_seq_positive CHECK (seq > 0),
    name            text        NOT NULL,
    from_state      text        NOT NULL,
    action          text        NOT NULL,
    to_state        text        NOT NULL,
    actor_id        uuid, -- null: the system
    actor_role      text        NOT NULL,
    organisation_id uuid, -- of the actor
    desk_id         uuid        NOT NULL,
    at              timestamptz NOT NULL,
    data            jsonb       NOT NULL DEFAULT '{}', -- codes and ids; never what somebody wrote
    CONSTRAINT events_record_seq_key UNIQUE (record_id, seq),
    CONSTRAINT events_transition_fkey FOREIGN KEY (workflow, from_state, action, to_state) REFERENCES transitions
);
CREATE INDEX events_by_request ON events (request_id, position);

-- What somebody wrote in moving a record. Apart from the log, which keeps for
-- ever, so that it can be erased.
CREATE TABLE event_texts (
    event_id uuid NOT NULL CONSTRAINT event_texts_event_fkey REFERENCES events (id),
    member   text NOT NULL,
    text     text NOT NULL,
    CONSTRAINT event_texts_pkey PRIMARY KEY (event_id, member)
);

-- +goose StatementBegin
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_append_only';
END $$;
-- +goose StatementEnd
CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE ON events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A record's state and version are those of its last event: even plain SQL
-- can't move one without the log, nor write a log without the move. Deferred,
-- so that it judges what the transaction leaves behind.
-- +goose StatementBegin
CREATE FUNCTION record_agrees_with_log() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    record_table text;
    which        uuid;
    is_state     text;
    is_version   integer;
    last         record;
BEGIN
    IF TG_TABLE_NAME = 'events' THEN
        record_table := NEW.workflow || 's';
        which := NEW.record_id;
    ELSE
        record_table := TG_TABLE_NAME;
        which := NEW.id;
    END IF;
    EXECUTE format('SELECT state, version FROM %I WHERE id = $1', record_table) INTO is_state, is_version USING which;
    SELECT to_state, seq, action INTO last FROM events e WHERE e.record_id = which ORDER BY seq DESC LIMIT 1;
    IF is_state IS NULL AND last.action = 'delete' THEN
        RETURN NULL; -- a draft that its owner deleted
    END IF;
    IF is_state IS DISTINCT FROM last.to_state OR is_version IS DISTINCT FROM last.seq THEN
        RAISE EXCEPTION 'the record disagrees with its log' USING ERRCODE = 'check_violation', CONSTRAINT = 'record_agrees_with_log';
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER events_agree AFTER INSERT ON events DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION record_agrees_with_log();

-- A record leaves only as a draft, and with an event that says so.
-- +goose StatementBegin
CREATE FUNCTION only_drafts_leave() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.state = 'draft' AND EXISTS (SELECT FROM events e WHERE e.record_id = OLD.id AND e.action = 'delete') THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'only a draft can be deleted' USING ERRCODE = 'check_violation', CONSTRAINT = 'only_drafts_leave';
END $$;
-- +goose StatementEnd
