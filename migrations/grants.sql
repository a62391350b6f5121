-- What the roles of the service may do with each table. It runs after the
-- migrations, each time, and gives to the roles that exist. A table that has
-- no line here is closed to both. Nobody but the owner truncates, or changes
-- the schema; what is only ever added to has no UPDATE; DELETE is for drafts
-- and for what expires.
DO $$
DECLARE
    grantee text;
    place   text;
    rights  text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('onward grants')); -- two at once would trip over each other
    FOREACH grantee IN ARRAY '{onward_app,onward_worker}'::text[] LOOP
        CONTINUE WHEN NOT EXISTS (SELECT FROM pg_roles WHERE rolname = grantee);
        EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA public FROM %I', grantee);
        FOR place, rights IN
            SELECT may.place, CASE grantee WHEN 'onward_app' THEN may.app ELSE may.worker END
            FROM (VALUES
                -- table               onward_app                          onward_worker
                ('desks',             'SELECT, INSERT, UPDATE',           'SELECT'),
                ('routing_rules',     'SELECT, INSERT, UPDATE',           ''),
                ('organisations',     'SELECT, INSERT, UPDATE',           'SELECT, UPDATE (version)'), -- to keep one in use
                ('services',          'SELECT, INSERT, UPDATE',           'SELECT, UPDATE'),
                ('users',             'SELECT, INSERT, UPDATE',           'SELECT (id, organisation_id)'),
                ('tokens',            'SELECT, INSERT, UPDATE',           'SELECT (id, user_id, hash)'),
                ('secrets',           'SELECT',                           'SELECT'),
                ('idempotency_keys',  'SELECT, INSERT, DELETE',           'SELECT, DELETE'),
                ('transitions',       'SELECT',                           'SELECT'),
                ('training_requests', 'SELECT, INSERT, UPDATE, DELETE',   'SELECT, UPDATE'),
                ('case_referrals',    'SELECT, INSERT, UPDATE, DELETE',   'SELECT, UPDATE'),
                ('data_keys',         'SELECT, INSERT, DELETE',           'SELECT (request_id), DELETE'), -- to erase
                ('sealed_texts',      'SELECT, INSERT, UPDATE, DELETE',   'SELECT (request_id), DELETE'), -- what it can't read
                ('consents',          'SELECT, INSERT, UPDATE',           'SELECT'),
                ('match_tokens',      'SELECT, INSERT, DELETE',           'SELECT (referral_id), DELETE'),
                ('duplicate_links',   'SELECT, INSERT, UPDATE, DELETE',   'SELECT (one, other), DELETE'),
                ('assignments',       'SELECT, INSERT, UPDATE',           'SELECT, INSERT, UPDATE'), -- the next offer of a plan
                ('plans',             'SELECT, INSERT, UPDATE',           'SELECT, UPDATE'),
                ('waits',             'SELECT, INSERT, UPDATE',           'SELECT, UPDATE'),
                ('waiting_lists',     '',                                 'SELECT'),
                ('plan_steps',        'SELECT, INSERT, UPDATE',           'SELECT, UPDATE'),
                ('queue_filters',     'SELECT, INSERT, UPDATE, DELETE',   ''),
                ('events',            'SELECT, INSERT',                   'SELECT, INSERT'),
                ('accesses',          'SELECT, INSERT',                   ''),
                ('denials',           'SELECT',                           'SELECT, INSERT, DELETE'),
                ('chain',             '',                                 'SELECT, INSERT')
            ) AS may (place, app, worker)
        LOOP
            CONTINUE WHEN rights = '';
            EXECUTE format('GRANT %s ON %I TO %I', rights, place, grantee);
        END LOOP;
    END LOOP;
END $$;
