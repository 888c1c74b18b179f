-- Organizations, directories, their credentials, users, groups, memberships and the event log.
--
-- Every table of a directory's data begins its key with the directory, and every reference carries it, so that a row of another
-- directory cannot be referenced (SEC-6). Times are Unix microseconds. Keys that are compared without regard to case, and keys that
-- are longer than an index takes, are made in the program (columns that end in _key); the databases are never asked to fold.

CREATE TABLE counter (
    name TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);
--postgres ALTER TABLE counter SET (fillfactor = 10);
INSERT INTO counter (name, value) VALUES ('event', 0);
INSERT INTO counter (name, value) VALUES ('probe', 0);

-- Secrets that all nodes share, such as the one that signs cursors.
CREATE TABLE server_secret (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- Who of several nodes does a job that one alone may do, and until when. `fence` rises with every holder, so that one that slept
-- through the end of its time is recognised.
CREATE TABLE lease (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    fence BIGINT NOT NULL,
    held_until BIGINT NOT NULL
);

CREATE TABLE organization (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    external_id TEXT,
    metadata TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX organization_external_id ON organization (external_id);

CREATE TABLE organization_domain (
    organization_id TEXT NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    domain TEXT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (organization_id, id)
);
CREATE INDEX organization_domain_domain ON organization_domain (domain);
CREATE UNIQUE INDEX organization_domain_verified ON organization_domain (domain) WHERE state = 'verified';

CREATE TABLE api_key (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    hash TEXT NOT NULL,
    prefix TEXT NOT NULL,
    last_four TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT,
    last_used_at BIGINT
);
CREATE UNIQUE INDEX api_key_hash ON api_key (hash);

CREATE TABLE directory (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organization (id),
    label TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    directory_type TEXT NOT NULL,
    state TEXT NOT NULL,
    auth TEXT NOT NULL,
    domain TEXT,
    external_key TEXT NOT NULL,
    settings TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX directory_label ON directory (label);
CREATE INDEX directory_organization ON directory (organization_id, id);

-- Counts are kept here and never counted. On PostgreSQL the row is also the lock that makes a directory's changes serial.
CREATE TABLE directory_stats (
    directory_id TEXT PRIMARY KEY REFERENCES directory (id) ON DELETE CASCADE,
    user_seq BIGINT NOT NULL,
    group_seq BIGINT NOT NULL,
    users_active BIGINT NOT NULL,
    users_inactive BIGINT NOT NULL,
    groups_total BIGINT NOT NULL,
    members_pending BIGINT NOT NULL
);
--postgres ALTER TABLE directory_stats SET (fillfactor = 20);

CREATE TABLE credential (
    directory_id TEXT NOT NULL REFERENCES directory (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    username TEXT,
    read_only BOOLEAN NOT NULL,
    hash TEXT NOT NULL,
    prefix TEXT NOT NULL,
    last_four TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT,
    last_used_at BIGINT,
    PRIMARY KEY (directory_id, id)
);
CREATE UNIQUE INDEX credential_hash ON credential (hash);

CREATE TABLE scim_user (
    directory_id TEXT NOT NULL REFERENCES directory (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    user_name TEXT NOT NULL,
    user_name_key TEXT NOT NULL,
    external_id TEXT,
    external_id_key TEXT,
    display_name TEXT NOT NULL,
    email_key TEXT,
    active BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (directory_id, id)
);
CREATE UNIQUE INDEX scim_user_id ON scim_user (id);
CREATE UNIQUE INDEX scim_user_name ON scim_user (directory_id, user_name_key);
CREATE UNIQUE INDEX scim_user_seq ON scim_user (directory_id, seq);
CREATE INDEX scim_user_external ON scim_user (directory_id, external_id_key) WHERE external_id_key IS NOT NULL;
CREATE INDEX scim_user_email ON scim_user (directory_id, email_key) WHERE email_key IS NOT NULL;
-- PostgreSQL would compress rows of more than 2 kB, which costs more than their space.
--postgres ALTER TABLE scim_user SET (fillfactor = 85, toast_tuple_target = 8160);

-- The addresses of a user that has more than one; the first is in its own row.
CREATE TABLE user_email (
    directory_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    email_key TEXT NOT NULL,
    PRIMARY KEY (directory_id, user_id, email_key),
    FOREIGN KEY (directory_id, user_id) REFERENCES scim_user (directory_id, id) ON DELETE CASCADE
);
CREATE INDEX user_email_key ON user_email (directory_id, email_key);

CREATE TABLE scim_group (
    directory_id TEXT NOT NULL REFERENCES directory (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    display_name TEXT NOT NULL,
    display_name_key TEXT NOT NULL,
    external_id TEXT,
    external_id_key TEXT,
    version BIGINT NOT NULL,
    members_count BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (directory_id, id)
);
CREATE UNIQUE INDEX scim_group_id ON scim_group (id);
CREATE UNIQUE INDEX scim_group_seq ON scim_group (directory_id, seq);
CREATE INDEX scim_group_name ON scim_group (directory_id, display_name_key);
CREATE INDEX scim_group_external ON scim_group (directory_id, external_id_key) WHERE external_id_key IS NOT NULL;
--postgres ALTER TABLE scim_group SET (fillfactor = 50, toast_tuple_target = 8160);

-- `display` is the user's display_name, kept here so that a large group is read in one walk. On SQLite the rows lie in the order of
-- the key.
CREATE TABLE membership (
    directory_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    display TEXT NOT NULL,
    PRIMARY KEY (directory_id, group_id, user_id),
    FOREIGN KEY (directory_id, group_id) REFERENCES scim_group (directory_id, id),
    FOREIGN KEY (directory_id, user_id) REFERENCES scim_user (directory_id, id)
--sqlite ) WITHOUT ROWID;
--postgres );
-- group_id goes along: without statistics SQLite would else take the primary key and read every membership of the directory.
CREATE INDEX membership_user ON membership (directory_id, user_id, group_id);

CREATE TABLE nested_group (
    directory_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    child_id TEXT NOT NULL,
    PRIMARY KEY (directory_id, group_id, child_id),
    FOREIGN KEY (directory_id, group_id) REFERENCES scim_group (directory_id, id),
    FOREIGN KEY (directory_id, child_id) REFERENCES scim_group (directory_id, id),
    CHECK (group_id <> child_id)
);
CREATE INDEX nested_group_child ON nested_group (directory_id, child_id, group_id);

-- Members that a group names and nobody knows yet.
CREATE TABLE pending_member (
    directory_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    value TEXT NOT NULL,
    value_key TEXT NOT NULL,
    display TEXT,
    PRIMARY KEY (directory_id, group_id, value),
    FOREIGN KEY (directory_id, group_id) REFERENCES scim_group (directory_id, id)
);
CREATE INDEX pending_member_key ON pending_member (directory_id, value_key);

CREATE TABLE tombstone (
    directory_id TEXT NOT NULL REFERENCES directory (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    deleted_at BIGINT NOT NULL,
    PRIMARY KEY (directory_id, id)
);

-- How many live users (groups) have a seq in [1024 * block, 1024 * block + 1024): what makes the last page as cheap as the first.
CREATE TABLE user_block (
    directory_id TEXT NOT NULL REFERENCES directory (id) ON DELETE CASCADE,
    block BIGINT NOT NULL,
    live BIGINT NOT NULL,
    PRIMARY KEY (directory_id, block)
);
--postgres ALTER TABLE user_block SET (fillfactor = 50);
CREATE TABLE group_block (
    directory_id TEXT NOT NULL REFERENCES directory (id) ON DELETE CASCADE,
    block BIGINT NOT NULL,
    live BIGINT NOT NULL,
    PRIMARY KEY (directory_id, block)
);
--postgres ALTER TABLE group_block SET (fillfactor = 50);

-- Names that identity providers sent and no schema declares. `urn` is empty for names at the top level. Bounded by the program.
CREATE TABLE received_attribute (
    directory_id TEXT NOT NULL REFERENCES directory (id) ON DELETE CASCADE,
    resource_type TEXT NOT NULL,
    urn TEXT NOT NULL,
    name TEXT NOT NULL,
    first_received_at BIGINT NOT NULL,
    PRIMARY KEY (directory_id, resource_type, urn, name)
);

-- The log outlives what it tells of: no foreign keys. It is the audit log as well: each event says who caused it.
CREATE TABLE event (
    position INTEGER PRIMARY KEY,
    event_type TEXT NOT NULL,
    organization_id TEXT,
    directory_id TEXT,
    subject_id TEXT,
    created_at BIGINT NOT NULL,
    data TEXT NOT NULL,
    actor TEXT NOT NULL,
    actor_id TEXT,
    request_id TEXT,
    address TEXT
);
--postgres ALTER TABLE event SET (toast_tuple_target = 8160);
CREATE INDEX event_organization ON event (organization_id, position);
CREATE INDEX event_subject ON event (subject_id, position) WHERE subject_id IS NOT NULL;

-- What SQLite's planner believes about the tables: ten directories of 100,000 people and 1,000 groups, ten groups a person. Without it,
-- one directory is taken for ten rows, and walking all of it looks cheaper than the right index. These numbers are never replaced by
-- measured ones, so that plans stay what the tests have seen. PostgreSQL gathers its own.
--sqlite ANALYZE;
--sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
--sqlite     ('organization_domain', 'sqlite_autoindex_organization_domain_1', '1000 2 1'),
--sqlite     ('organization_domain', 'organization_domain_domain', '1000 1'),
--sqlite     ('directory', 'sqlite_autoindex_directory_1', '1000 1'),
--sqlite     ('directory', 'directory_label', '1000 1'),
--sqlite     ('directory', 'directory_organization', '1000 2 1'),
--sqlite     ('directory_stats', 'sqlite_autoindex_directory_stats_1', '1000 1'),
--sqlite     ('credential', 'sqlite_autoindex_credential_1', '2000 2 1'),
--sqlite     ('credential', 'credential_hash', '2000 1'),
--sqlite     ('scim_user', 'sqlite_autoindex_scim_user_1', '1000000 100000 1'),
--sqlite     ('scim_user', 'scim_user_id', '1000000 1'),
--sqlite     ('scim_user', 'scim_user_name', '1000000 100000 1'),
--sqlite     ('scim_user', 'scim_user_seq', '1000000 100000 1'),
--sqlite     ('scim_user', 'scim_user_external', '1000000 100000 1'),
--sqlite     ('scim_user', 'scim_user_email', '1000000 100000 1'),
--sqlite     ('user_email', 'sqlite_autoindex_user_email_1', '100000 10000 2 1'),
--sqlite     ('user_email', 'user_email_key', '100000 10000 1'),
--sqlite     ('scim_group', 'sqlite_autoindex_scim_group_1', '10000 1000 1'),
--sqlite     ('scim_group', 'scim_group_id', '10000 1'),
--sqlite     ('scim_group', 'scim_group_seq', '10000 1000 1'),
--sqlite     ('scim_group', 'scim_group_name', '10000 1000 1'),
--sqlite     ('scim_group', 'scim_group_external', '10000 1000 1'),
--sqlite     ('membership', 'membership', '10000000 1000000 1000 1'),
--sqlite     ('membership', 'membership_user', '10000000 1000000 10 1'),
--sqlite     ('nested_group', 'sqlite_autoindex_nested_group_1', '10000 1000 3 1'),
--sqlite     ('nested_group', 'nested_group_child', '10000 1000 2 1'),
--sqlite     ('pending_member', 'sqlite_autoindex_pending_member_1', '10000 1000 10 1'),
--sqlite     ('pending_member', 'pending_member_key', '10000 1000 1'),
--sqlite     ('tombstone', 'sqlite_autoindex_tombstone_1', '100000 10000 1'),
--sqlite     ('user_block', 'sqlite_autoindex_user_block_1', '1000 100 1'),
--sqlite     ('group_block', 'sqlite_autoindex_group_block_1', '100 10 1'),
--sqlite     ('received_attribute', 'sqlite_autoindex_received_attribute_1', '1000 10 5 2 1'),
--sqlite     ('event', 'event_organization', '10000000 10000 1'),
--sqlite     ('event', 'event_subject', '10000000 10 1');
--sqlite ANALYZE sqlite_schema;
