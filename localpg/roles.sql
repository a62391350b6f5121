-- The roles of the service. onward_owner owns the tables, and nobody logs in
-- as it: onward_migrate becomes it with each session. The other two own
-- nothing: row-level security binds them, and no right of an owner lifts it.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'onward_app') THEN
        RETURN;
    END IF;
    CREATE ROLE onward_owner NOLOGIN;
    CREATE ROLE onward_migrate LOGIN NOINHERIT IN ROLE onward_owner;
    ALTER ROLE onward_migrate SET role = 'onward_owner';
    CREATE ROLE onward_app LOGIN;
    CREATE ROLE onward_worker LOGIN;
END $$;
