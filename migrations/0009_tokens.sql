-- +goose Up
-- With which token a user made another, so that all that came of a stolen one
-- can be ended.
ALTER TABLE tokens ADD COLUMN made_with uuid CONSTRAINT tokens_made_with_fkey REFERENCES tokens;
CREATE INDEX tokens_by_maker ON tokens (made_with) WHERE made_with IS NOT NULL;
