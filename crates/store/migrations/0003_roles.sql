-- Roles: the catalogue of an organization, the rules of a directory, and what came of them for each person.
--
-- What a person has is kept in the person's own row, so that reading it costs nothing more. A directory without rules has
-- `rules_stamp` 0 and nothing here is looked at for it.

-- The outcome as JSON (`role_mapping::Outcome`), NULL when there is none; and a number that rises with every change of state or roles.
ALTER TABLE scim_user ADD COLUMN roles TEXT;
ALTER TABLE scim_user ADD COLUMN access_version BIGINT NOT NULL DEFAULT 1;
-- The number lives on with a deleted id.
ALTER TABLE tombstone ADD COLUMN access_version BIGINT;
-- Rises when the directory is switched off or on, which changes the access of everybody in it.
ALTER TABLE directory ADD COLUMN access_epoch BIGINT NOT NULL DEFAULT 0;
-- 0: no rules. Else another random number with every change of what decides about roles: by it a node sees that what it remembers
-- is old. Random and not counted, because a number that an undone transaction has given out would come again.
ALTER TABLE directory_stats ADD COLUMN rules_stamp BIGINT NOT NULL DEFAULT 0;

-- `organization_id` is empty for the default set, which counts for organizations that have no role of their own.
CREATE TABLE role (
    organization_id TEXT NOT NULL,
    id TEXT NOT NULL,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    priority BIGINT NOT NULL,
    is_default BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, id)
);
CREATE UNIQUE INDEX role_id ON role (id);
CREATE UNIQUE INDEX role_slug ON role (organization_id, slug);

-- The first rule that matches counts, in the order of `place`.
CREATE TABLE role_mapping (
    directory_id TEXT NOT NULL REFERENCES directory (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    place BIGINT NOT NULL,
    rule TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (directory_id, id)
);
CREATE UNIQUE INDEX role_mapping_id ON role_mapping (id);

-- Values that people have where a rule expects the name of a role, and that are none.
CREATE TABLE unknown_role_value (
    directory_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    path TEXT NOT NULL,
    value TEXT NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (directory_id, user_id, path, value),
    FOREIGN KEY (directory_id, user_id) REFERENCES scim_user (directory_id, id) ON DELETE CASCADE
);

-- Directories whose people are being looked at again after a change of rules: everybody up to `after_seq` is done.
CREATE TABLE role_recompute (
    directory_id TEXT PRIMARY KEY REFERENCES directory (id) ON DELETE CASCADE,
    after_seq BIGINT NOT NULL,
    looked_at BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    started_at BIGINT NOT NULL
);

--sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
--sqlite     ('role', 'sqlite_autoindex_role_1', '1000 10 1'),
--sqlite     ('role', 'role_id', '1000 1'),
--sqlite     ('role', 'role_slug', '1000 10 1'),
--sqlite     ('role_mapping', 'sqlite_autoindex_role_mapping_1', '1000 10 1'),
--sqlite     ('role_mapping', 'role_mapping_id', '1000 1'),
--sqlite     ('unknown_role_value', 'sqlite_autoindex_unknown_role_value_1', '10000 1000 2 2 1'),
--sqlite     ('role_recompute', 'sqlite_autoindex_role_recompute_1', '10 1');
--sqlite ANALYZE sqlite_schema;
