-- +goose Up
-- Saved filters of the queue: a name, and what GET /v1/queue takes. They say
-- nothing of any case, and still are of those alone whose work they show: of
-- their owner and, where they are shared, of the admins who now have its desk.
CREATE TABLE queue_filters (
    id               uuid        CONSTRAINT queue_filters_pkey PRIMARY KEY,
    version          integer     NOT NULL,
    owner_id         uuid        NOT NULL CONSTRAINT queue_filters_owner_fkey REFERENCES users,
    name             text        NOT NULL CONSTRAINT queue_filters_name_given CHECK (name <> ''),
    shared           boolean     NOT NULL,
    kind             text        NOT NULL,
    desk_id          uuid        CONSTRAINT queue_filters_desk_fkey REFERENCES desks, -- that it narrows to
    urgency          text        NOT NULL,
    country          text        NOT NULL,
    overdue          boolean,
    due_within_hours integer     NOT NULL, -- 0: whenever it is due
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    CONSTRAINT queue_filters_name_key UNIQUE (owner_id, name),
    CONSTRAINT queue_filters_hours_sane CHECK (due_within_hours >= 0)
);

ALTER TABLE queue_filters ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY queue_filters_of_owner ON queue_filters USING (owner_id = (SELECT caller.id()));
CREATE POLICY queue_filters_read_by_desk ON queue_filters FOR SELECT USING (
    shared AND ((SELECT caller.desk()) IS NOT NULL OR (SELECT caller.sees_all()))
    AND EXISTS (
        SELECT FROM users u
        WHERE u.id = queue_filters.owner_id AND u.active AND 'admin' = ANY (u.roles) AND u.desk_id IS NOT DISTINCT FROM (SELECT caller.desk())));
