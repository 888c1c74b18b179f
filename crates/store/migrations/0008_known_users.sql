-- The accounts that an application has already, and which person of the directory each belongs to.
--
-- A link stands in both rows, so that reading a person costs nothing more. A directory without known users, or whose policy is `off`,
-- has `known_policy` 0 and nothing here is looked at for it.

-- The application's own id of the account.
ALTER TABLE scim_user ADD COLUMN known_user_id TEXT;
-- `KnownUsersPolicy` as a number; 0 also while nobody is known.
ALTER TABLE directory_stats ADD COLUMN known_policy BIGINT NOT NULL DEFAULT 0;

-- `id` is the application's own. `former_` is what the person had whose account it was and who was deleted: by it the same person is
-- recognised who comes back.
CREATE TABLE known_user (
    directory_id TEXT NOT NULL REFERENCES directory (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    user_name TEXT,
    user_name_key TEXT,
    email TEXT,
    email_key TEXT,
    external_id TEXT,
    external_id_key TEXT,
    name TEXT,
    search_key TEXT NOT NULL,
    user_id TEXT,
    linked_at BIGINT,
    former_user_id TEXT,
    former_user_name_key TEXT,
    former_external_id_key TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (directory_id, id)
);
-- One to one.
CREATE UNIQUE INDEX known_user_user ON known_user (directory_id, user_id);
CREATE INDEX known_user_user_name ON known_user (directory_id, user_name_key);
CREATE INDEX known_user_email ON known_user (directory_id, email_key);
CREATE INDEX known_user_external_id ON known_user (directory_id, external_id_key);
CREATE INDEX known_user_former_user_name ON known_user (directory_id, former_user_name_key);
CREATE INDEX known_user_former_external_id ON known_user (directory_id, former_external_id_key);

-- An account and a person of whom somebody has said that they are not the same.
CREATE TABLE known_user_apart (
    directory_id TEXT NOT NULL,
    known_user_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    PRIMARY KEY (directory_id, known_user_id, user_id),
    FOREIGN KEY (directory_id, known_user_id) REFERENCES known_user (directory_id, id) ON DELETE CASCADE,
    FOREIGN KEY (directory_id, user_id) REFERENCES scim_user (directory_id, id) ON DELETE CASCADE
);
CREATE INDEX known_user_apart_user ON known_user_apart (directory_id, user_id);

-- People whose account somebody has to decide about.
CREATE TABLE identity_conflict (
    directory_id TEXT NOT NULL,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (directory_id, id),
    FOREIGN KEY (directory_id, user_id) REFERENCES scim_user (directory_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX identity_conflict_user ON identity_conflict (directory_id, user_id);

CREATE TABLE identity_conflict_candidate (
    directory_id TEXT NOT NULL,
    conflict_id TEXT NOT NULL,
    known_user_id TEXT NOT NULL,
    PRIMARY KEY (directory_id, conflict_id, known_user_id),
    FOREIGN KEY (directory_id, conflict_id) REFERENCES identity_conflict (directory_id, id) ON DELETE CASCADE,
    FOREIGN KEY (directory_id, known_user_id) REFERENCES known_user (directory_id, id) ON DELETE CASCADE
);
CREATE INDEX identity_conflict_candidate_known ON identity_conflict_candidate (directory_id, known_user_id);

--sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
--sqlite     ('known_user', 'sqlite_autoindex_known_user_1', '1000000 10000 1'),
--sqlite     ('known_user', 'known_user_user', '1000000 10000 1'),
--sqlite     ('known_user', 'known_user_user_name', '1000000 10000 1'),
--sqlite     ('known_user', 'known_user_email', '1000000 10000 1'),
--sqlite     ('known_user', 'known_user_external_id', '1000000 10000 1'),
--sqlite     ('known_user', 'known_user_former_user_name', '1000000 10000 1'),
--sqlite     ('known_user', 'known_user_former_external_id', '1000000 10000 1'),
--sqlite     ('known_user_apart', 'sqlite_autoindex_known_user_apart_1', '10000 1000 2 1'),
--sqlite     ('known_user_apart', 'known_user_apart_user', '10000 1000 2'),
--sqlite     ('identity_conflict', 'sqlite_autoindex_identity_conflict_1', '10000 1000 1'),
--sqlite     ('identity_conflict', 'identity_conflict_user', '10000 1000 1'),
--sqlite     ('identity_conflict_candidate', 'sqlite_autoindex_identity_conflict_candidate_1', '20000 2000 2 1'),
--sqlite     ('identity_conflict_candidate', 'identity_conflict_candidate_known', '20000 2000 2');
--sqlite ANALYZE sqlite_schema;
