-- +goose Up
-- Plans of offers: whom an admin means to offer a request to, one after the
-- other, or, of a training, all at once. Who may: the desk alone; a partner
-- sees of a plan what was written with its own offer, and nothing else.

CREATE TABLE plans (
    id                  uuid        CONSTRAINT plans_pkey PRIMARY KEY,
    version             integer     NOT NULL,
    kind                text        NOT NULL CONSTRAINT plans_kind_known CHECK (kind IN ('training_request', 'case_referral')),
    request_id          uuid        NOT NULL,
    training_request_id uuid        GENERATED ALWAYS AS (CASE kind WHEN 'training_request' THEN request_id END) STORED
        CONSTRAINT plans_training_fkey REFERENCES training_requests,
    case_referral_id    uuid        GENERATED ALWAYS AS (CASE kind WHEN 'case_referral' THEN request_id END) STORED
        CONSTRAINT plans_referral_fkey REFERENCES case_referrals,
    service             text        NOT NULL DEFAULT '', -- of a case
    state               text        NOT NULL CONSTRAINT plans_state_known CHECK (state IN ('live', 'fulfilled', 'exhausted', 'cancelled')),
    reason              text        NOT NULL DEFAULT '', -- the code of what ended it, where there is one
    broadcast           boolean     NOT NULL,
    respond_within      integer     CONSTRAINT plans_respond_within_sane CHECK (respond_within > 0), -- hours; NULL: by the urgency
    made_by             uuid        NOT NULL CONSTRAINT plans_maker_fkey REFERENCES users,
    created_at          timestamptz NOT NULL,
    updated_at          timestamptz NOT NULL,
    ended_at            timestamptz,
    CONSTRAINT plans_ended CHECK ((ended_at IS NULL) = (state = 'live')),
    CONSTRAINT plans_of_a_service CHECK ((kind = 'case_referral') = (service <> '')),
    CONSTRAINT plans_case_is_told_one CHECK (NOT broadcast OR kind = 'training_request')
);
CREATE UNIQUE INDEX plans_one_live ON plans (request_id, service) WHERE state = 'live';
CREATE INDEX plans_by_request ON plans (request_id, created_at, id);

-- One organisation that a plan names. It was offered the request, or passed
-- over for a reason, or neither yet; what became of the offer, its assignment says.
CREATE TABLE plan_steps (
    plan_id         uuid    NOT NULL CONSTRAINT plan_steps_plan_fkey REFERENCES plans,
    position        integer NOT NULL CONSTRAINT plan_steps_counted CHECK (position BETWEEN 1 AND 20),
    organisation_id uuid    NOT NULL CONSTRAINT plan_steps_organisation_fkey REFERENCES organisations,
    assignment_id   uuid    CONSTRAINT plan_steps_assignment_fkey REFERENCES assignments CONSTRAINT plan_steps_assignment_key UNIQUE,
    reason          text    NOT NULL DEFAULT '', -- the code of the guard that passed it over
    CONSTRAINT plan_steps_pkey PRIMARY KEY (plan_id, position),
    CONSTRAINT plan_steps_organisation_key UNIQUE (plan_id, organisation_id),
    CONSTRAINT plan_steps_one_fate CHECK (assignment_id IS NULL OR reason = '')
);

ALTER TABLE assignments ADD COLUMN plan_id uuid CONSTRAINT assignments_plan_fkey REFERENCES plans;
CREATE INDEX assignments_by_plan ON assignments (plan_id) WHERE plan_id IS NOT NULL;

ALTER TABLE plans ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY plans_of_desk ON plans USING (
    (SELECT caller.sees_all())
    OR request_id = ANY ((SELECT caller.through())::uuid[])
    OR (SELECT caller.desk()) IS NOT NULL AND (
        EXISTS (SELECT FROM case_referrals c WHERE c.id = plans.request_id AND c.desk_id = (SELECT caller.desk()))
        OR EXISTS (SELECT FROM training_requests t WHERE t.id = plans.request_id AND t.desk_id = (SELECT caller.desk()))));
ALTER TABLE plan_steps ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY plan_steps_of_desk ON plan_steps USING (EXISTS (SELECT FROM plans p WHERE p.id = plan_steps.plan_id));

-- What is written with a plan is sealed once, as the plan's: the clock, which
-- makes later offers of it, can read no sealed text and so copies none. To a
-- partner it is what was written with its own offer.
DROP POLICY sealed_texts_of_caller ON sealed_texts;
CREATE POLICY sealed_texts_of_caller ON sealed_texts USING (
    (SELECT caller.is_system())
    OR EXISTS (SELECT FROM case_referrals c WHERE c.id = sealed_texts.request_id)
    OR EXISTS (SELECT FROM training_requests t WHERE t.id = sealed_texts.request_id)
    OR (SELECT caller.partner_of()) IS NOT NULL AND (
        EXISTS (
            SELECT FROM assignments a
            WHERE a.id = sealed_texts.of AND a.organisation_id = (SELECT caller.partner_of())
              AND a.state IN ('offered', 'accepted', 'in_progress', 'on_hold'))
        OR EXISTS (
            SELECT FROM assignments a
            WHERE a.plan_id = sealed_texts.of AND a.organisation_id = (SELECT caller.partner_of())
              AND a.state IN ('offered', 'accepted', 'in_progress', 'on_hold'))));
