-- Services of an import: what is new is added, what is there is changed. Of the
-- places, which assignments take meanwhile, only what was told later than what
-- is there counts.
-- rows: a JSON array of them, as models.Service has its fields.
INSERT INTO services (id, version, organisation_id, kind, name, description, status, countries, subdivisions, languages, minimum_age, maximum_age,
    genders, schedule, external_id, capacity_available, capacity_maximum, capacity_updated, created_at, updated_at)
SELECT r."ID", 1, r."OrganisationID", r."Kind", r."Name", r."Description", r."Status", coalesce(r."Countries", '{}'), coalesce(r."Subdivisions", '{}'),
    coalesce(r."Languages", '{}'), r."MinimumAge", r."MaximumAge", coalesce(r."Genders", '{}'), r."Schedule", r."ExternalID",
    r."CapacityAvailable", r."CapacityMaximum", r."CapacityUpdated", r."CreatedAt", r."UpdatedAt"
FROM jsonb_to_recordset(cast(@rows AS jsonb)) AS r (
    "ID" uuid, "OrganisationID" uuid, "Kind" text, "Name" text, "Description" text, "Status" text, "Countries" text[], "Subdivisions" text[],
    "Languages" text[], "MinimumAge" integer, "MaximumAge" integer, "Genders" text[], "Schedule" text, "ExternalID" text,
    "CapacityAvailable" integer, "CapacityMaximum" integer, "CapacityUpdated" timestamptz, "CreatedAt" timestamptz, "UpdatedAt" timestamptz)
ON CONFLICT (id) DO UPDATE SET
    version = services.version + 1, name = excluded.name, description = excluded.description, status = excluded.status,
    countries = excluded.countries, subdivisions = excluded.subdivisions, languages = excluded.languages,
    minimum_age = excluded.minimum_age, maximum_age = excluded.maximum_age, genders = excluded.genders, schedule = excluded.schedule,
    capacity_available = CASE WHEN excluded.capacity_updated > services.capacity_updated THEN excluded.capacity_available ELSE services.capacity_available END,
    capacity_maximum = CASE WHEN excluded.capacity_updated > services.capacity_updated THEN excluded.capacity_maximum ELSE services.capacity_maximum END,
    capacity_updated = greatest(excluded.capacity_updated, services.capacity_updated), updated_at = excluded.updated_at
