-- +goose Up
-- Row-level security: a second net under the program's own filters
-- (models/visible.go), which each policy follows. It reads whom a transaction
-- acts for from settings (models/settings.go); where one is missing, nothing is
-- seen. Later tables of what is said of people get ENABLE, FORCE and a policy
-- with them; a later migration that changes rows says first
-- set_config('onward.actor', 'system', true).

-- An assignment bears the place of its request, so that its own policy looks
-- at no other table: those of requests look at assignments.
ALTER TABLE training_requests ADD CONSTRAINT training_requests_place_key UNIQUE (id, desk_id, organisation_id);
ALTER TABLE case_referrals ADD CONSTRAINT case_referrals_place_key UNIQUE (id, desk_id, organisation_id);
ALTER TABLE assignments ADD COLUMN desk_id uuid, ADD COLUMN owner_organisation_id uuid;
UPDATE assignments a SET desk_id = r.desk_id, owner_organisation_id = r.organisation_id
FROM (SELECT id, desk_id, organisation_id FROM training_requests UNION ALL SELECT id, desk_id, organisation_id FROM case_referrals) r
WHERE r.id = a.request_id;
ALTER TABLE assignments
    ALTER COLUMN desk_id SET NOT NULL,
    ALTER COLUMN owner_organisation_id SET NOT NULL,
    DROP CONSTRAINT assignments_training_fkey,
    DROP CONSTRAINT assignments_referral_fkey,
    ADD CONSTRAINT assignments_training_fkey FOREIGN KEY (training_request_id, desk_id, owner_organisation_id)
        REFERENCES training_requests (id, desk_id, organisation_id) DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT assignments_referral_fkey FOREIGN KEY (case_referral_id, desk_id, owner_organisation_id)
        REFERENCES case_referrals (id, desk_id, organisation_id) DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX assignments_by_desk ON assignments (desk_id, created_at, id);

-- Who asks. A policy calls each within (SELECT …): once a query, and unknown to
-- the planner, for a plan outlives the caller for whom it was made. That of
-- assignments, which stands within all the others, calls them bare: it is looked
-- at for few rows, and each (SELECT …) is work at the start of every query.
CREATE SCHEMA caller;
GRANT USAGE ON SCHEMA caller TO PUBLIC;
CREATE FUNCTION caller.id() RETURNS uuid STABLE PARALLEL SAFE RETURN nullif(nullif(current_setting('onward.actor', true), ''), 'system')::uuid;
CREATE FUNCTION caller.requests_for() RETURNS uuid STABLE PARALLEL SAFE RETURN nullif(current_setting('onward.requests_for', true), '')::uuid;
CREATE FUNCTION caller.refers_for() RETURNS uuid STABLE PARALLEL SAFE RETURN nullif(current_setting('onward.refers_for', true), '')::uuid;
CREATE FUNCTION caller.partner_of() RETURNS uuid STABLE PARALLEL SAFE RETURN nullif(current_setting('onward.partner_of', true), '')::uuid;
CREATE FUNCTION caller.desk() RETURNS uuid STABLE PARALLEL SAFE RETURN nullif(current_setting('onward.desk', true), '')::uuid;
CREATE FUNCTION caller.audits() RETURNS boolean STABLE PARALLEL SAFE RETURN current_setting('onward.audits', true) = 'on';
CREATE FUNCTION caller.completed_since() RETURNS timestamptz STABLE PARALLEL SAFE RETURN nullif(current_setting('onward.completed_since', true), '')::timestamptz;
CREATE FUNCTION caller.through() RETURNS uuid[] STABLE PARALLEL SAFE RETURN nullif(current_setting('onward.through', true), '')::uuid[];
-- Who serves requests can't be the system, whatever it says.
CREATE FUNCTION caller.is_system() RETURNS boolean STABLE PARALLEL SAFE RETURN current_setting('onward.actor', true) = 'system' AND current_user <> 'onward_app';
CREATE FUNCTION caller.sees_all() RETURNS boolean STABLE PARALLEL SAFE RETURN current_setting('onward.network', true) = 'on' OR caller.is_system();

ALTER TABLE assignments ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY assignments_of_caller ON assignments USING (
    organisation_id = caller.partner_of()
    OR desk_id = caller.desk()
    OR owner_organisation_id = CASE kind WHEN 'case_referral' THEN caller.refers_for() ELSE caller.requests_for() END
    OR caller.sees_all()
    OR request_id = ANY (caller.through()));

-- Whether an organisation has work anywhere, which no one desk can see: it is
-- asked as the system, by the owner of the function.
-- +goose StatementBegin
CREATE FUNCTION organisation_busy(organisation uuid) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    asking text := current_setting('onward.actor', true);
    busy   boolean;
BEGIN
    PERFORM set_config('onward.actor', 'system', true);
    busy := EXISTS (SELECT FROM assignments WHERE organisation_id = organisation AND state IN ('offered', 'accepted', 'in_progress', 'on_hold'));
    PERFORM set_config('onward.actor', coalesce(asking, ''), true);
    RETURN busy;
END $$;
-- +goose StatementEnd

-- A live assignment is of the present round. The request is in equalities alone,
-- so that PostgreSQL can look an assignment up for one request, and hash those
-- of the partner for many.
ALTER TABLE training_requests ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY training_requests_of_caller ON training_requests USING (
    organisation_id = (SELECT caller.requests_for())
    OR desk_id = (SELECT caller.desk())
    OR (SELECT caller.sees_all())
    OR id = ANY ((SELECT caller.through())::uuid[])
    OR (SELECT caller.partner_of()) IS NOT NULL AND EXISTS (
        SELECT FROM assignments a
        WHERE a.request_id = training_requests.id AND a.round = training_requests.round AND a.organisation_id = (SELECT caller.partner_of())
          AND (a.state IN ('offered', 'accepted', 'in_progress', 'on_hold') OR a.state = 'completed' AND a.ended_at > (SELECT caller.completed_since()))));

ALTER TABLE case_referrals ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY case_referrals_of_caller ON case_referrals USING (
    organisation_id = (SELECT caller.refers_for())
    OR desk_id = (SELECT caller.desk())
    OR (SELECT caller.sees_all())
    OR id = ANY ((SELECT caller.through())::uuid[])
    OR (SELECT caller.partner_of()) IS NOT NULL AND state <> 'consent_revoked' AND erased_at IS NULL AND EXISTS (
        SELECT FROM assignments a
        WHERE a.request_id = case_referrals.id AND a.round = case_referrals.round AND a.organisation_id = (SELECT caller.partner_of())
          AND (a.state IN ('accepted', 'in_progress', 'on_hold') OR a.state = 'completed' AND a.ended_at > (SELECT caller.completed_since()))));

ALTER TABLE consents ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY consents_of_caller ON consents USING (EXISTS (SELECT FROM case_referrals c WHERE c.id = consents.referral_id));

-- What is sealed, and its key: with the request; and to a partner what was
-- written of its own assignment, from the offer on.
ALTER TABLE data_keys ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY data_keys_of_caller ON data_keys USING (
    (SELECT caller.is_system())
    OR EXISTS (SELECT FROM case_referrals c WHERE c.id = data_keys.request_id)
    OR EXISTS (SELECT FROM training_requests t WHERE t.id = data_keys.request_id)
    OR (SELECT caller.partner_of()) IS NOT NULL AND EXISTS (
        SELECT FROM assignments a
        WHERE a.request_id = data_keys.request_id AND a.organisation_id = (SELECT caller.partner_of())
          AND a.state IN ('offered', 'accepted', 'in_progress', 'on_hold')));
ALTER TABLE sealed_texts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY sealed_texts_of_caller ON sealed_texts USING (
    (SELECT caller.is_system())
    OR EXISTS (SELECT FROM case_referrals c WHERE c.id = sealed_texts.request_id)
    OR EXISTS (SELECT FROM training_requests t WHERE t.id = sealed_texts.request_id)
    OR (SELECT caller.partner_of()) IS NOT NULL AND EXISTS (
        SELECT FROM assignments a
        WHERE a.id = sealed_texts.of AND a.organisation_id = (SELECT caller.partner_of())
          AND a.state IN ('offered', 'accepted', 'in_progress', 'on_hold')));

-- The log is read and added to; nobody has a policy to change it.
ALTER TABLE events ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY events_read_by_caller ON events FOR SELECT USING (
    (SELECT caller.audits() OR caller.sees_all())
    OR request_id = ANY ((SELECT caller.through())::uuid[]) -- a draft that is gone, too
    OR EXISTS (SELECT FROM case_referrals c WHERE c.id = events.request_id)
    OR EXISTS (SELECT FROM training_requests t WHERE t.id = events.request_id));
CREATE POLICY events_added_by_caller ON events FOR INSERT WITH CHECK (
    (SELECT caller.sees_all())
    OR request_id = ANY ((SELECT caller.through())::uuid[])
    OR EXISTS (SELECT FROM case_referrals c WHERE c.id = events.request_id)
    OR EXISTS (SELECT FROM training_requests t WHERE t.id = events.request_id));

-- Who reads is told to the owner and to the desk, and never to a partner, who
-- sees the case too; each counts its own.
ALTER TABLE accesses ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY accesses_added_by_caller ON accesses FOR INSERT WITH CHECK (user_id = (SELECT caller.id()));
CREATE POLICY accesses_read_by_caller ON accesses FOR SELECT USING (
    user_id = (SELECT caller.id())
    OR (SELECT caller.sees_all())
    OR EXISTS (
        SELECT FROM case_referrals c
        WHERE c.id = accesses.referral_id AND (c.organisation_id = (SELECT caller.refers_for()) OR c.desk_id = (SELECT caller.desk()))));

-- What compares persons: with the case for who can write it, and a partner is
-- not one of them; a verdict on two is the desk's.
ALTER TABLE match_tokens ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY match_tokens_of_caller ON match_tokens USING (
    (SELECT caller.sees_all())
    OR referral_id = ANY ((SELECT caller.through())::uuid[])
    OR EXISTS (
        SELECT FROM case_referrals c
        WHERE c.id = match_tokens.referral_id AND (c.organisation_id = (SELECT caller.refers_for()) OR c.desk_id = (SELECT caller.desk()))));
ALTER TABLE duplicate_links ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY duplicate_links_of_caller ON duplicate_links USING (
    (SELECT caller.sees_all())
    OR one = ANY ((SELECT caller.through())::uuid[])
    OR other = ANY ((SELECT caller.through())::uuid[])
    OR EXISTS (SELECT FROM case_referrals c WHERE c.id IN (duplicate_links.one, duplicate_links.other) AND c.desk_id = (SELECT caller.desk())));

-- The worker's own: the chain is for it alone, and denials for those who audit.
ALTER TABLE chain ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY chain_of_system ON chain USING ((SELECT caller.is_system()));
ALTER TABLE denials ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY denials_of_system ON denials USING ((SELECT caller.is_system()));
CREATE POLICY denials_read_by_auditors ON denials FOR SELECT USING ((SELECT caller.audits() OR caller.sees_all()));
