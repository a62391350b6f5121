-- +goose Up
-- The same person twice: what lets two cases be compared, and what a desk
-- decided of them. Who may: whoever creates or edits a case writes and deletes
-- its tokens, and only an admin of the desk where both cases are compares
-- them; links are read and written by that admin alone. A case that is erased
-- leaves neither. Nobody but the database's own joins needs to see a token.

-- Tokens made of three traits of a person under a key that is not in the
-- database (package match). What they were made of is kept nowhere.
CREATE TABLE match_tokens (
    referral_id uuid  NOT NULL CONSTRAINT match_tokens_referral_fkey REFERENCES case_referrals ON DELETE CASCADE,
    traits      text  NOT NULL, -- which three: name+birth_year+origin
    token       bytea NOT NULL CONSTRAINT match_tokens_token_is_sha256 CHECK (octet_length(token) = 32),
    CONSTRAINT match_tokens_pkey PRIMARY KEY (referral_id, traits)
);
CREATE INDEX match_tokens_by_token ON match_tokens (token);

-- What an admin decided of two cases; a later verdict replaces the earlier,
-- and the events keep both.
CREATE TABLE duplicate_links (
    one        uuid        NOT NULL CONSTRAINT duplicate_links_one_fkey REFERENCES case_referrals,
    other      uuid        NOT NULL CONSTRAINT duplicate_links_other_fkey REFERENCES case_referrals,
    verdict    text        NOT NULL CONSTRAINT duplicate_links_verdict_known CHECK (verdict IN ('same_person', 'different_person')),
    decided_by uuid        NOT NULL CONSTRAINT duplicate_links_decider_fkey REFERENCES users,
    decided_at timestamptz NOT NULL,
    CONSTRAINT duplicate_links_pkey PRIMARY KEY (one, other),
    CONSTRAINT duplicate_links_ordered CHECK (one < other) -- a pair has one row
);
CREATE INDEX duplicate_links_by_other ON duplicate_links (other);
