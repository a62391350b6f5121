-- Organisations of an import: what is new is added, what is there is changed.
-- rows: a JSON array of them, as models.Organisation has its fields.
INSERT INTO organisations (id, version, name, description, type, website, country, subdivision, external_id, active, created_at, updated_at)
SELECT r."ID", 1, r."Name", r."Description", r."Type", r."Website", r."Country", r."Subdivision", r."ExternalID", r."Active", r."CreatedAt", r."UpdatedAt"
FROM jsonb_to_recordset(cast(@rows AS jsonb)) AS r (
    "ID" uuid, "Name" text, "Description" text, "Type" text, "Website" text, "Country" text, "Subdivision" text, "ExternalID" text, "Active" boolean,
    "CreatedAt" timestamptz, "UpdatedAt" timestamptz)
ON CONFLICT (id) DO UPDATE SET
    version = organisations.version + 1, name = excluded.name, description = excluded.description, type = excluded.type, website = excluded.website,
    country = excluded.country, subdivision = excluded.subdivision, updated_at = excluded.updated_at
