-- What the writing half of the application's API needs: rights of API keys, deletion with a time of grace, setup links, and the
-- answers kept for `Idempotency-Key`.

ALTER TABLE api_key ADD COLUMN scopes TEXT NOT NULL DEFAULT 'read write events access-check';
ALTER TABLE api_key ADD COLUMN organization_id TEXT;

-- When its identity provider first spoke; an enabled directory without it waits.
ALTER TABLE directory ADD COLUMN first_contact_at BIGINT;
-- When its removal may begin; the state that restoring it gives back; when the removal did begin, after which nothing is restored.
ALTER TABLE directory ADD COLUMN delete_at BIGINT;
ALTER TABLE directory ADD COLUMN state_before TEXT;
ALTER TABLE directory ADD COLUMN removal_began_at BIGINT;
UPDATE directory SET first_contact_at = updated_at WHERE state = 'linked' OR (state <> 'validating' AND EXISTS
    (SELECT 1 FROM credential c WHERE c.directory_id = directory.id AND c.last_used_at IS NOT NULL));
CREATE INDEX directory_delete_at ON directory (delete_at) WHERE delete_at IS NOT NULL;

-- Setup links: a bearer capability for one organization and one intent. Only the hash of the secret is stored.
CREATE TABLE portal_link (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
    intent TEXT NOT NULL,
    hash TEXT NOT NULL,
    return_url TEXT,
    success_url TEXT,
    external_user_id TEXT,
    contacts TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    opened_at BIGINT,
    opened_from TEXT,
    completed_at BIGINT,
    revoked_at BIGINT
);
CREATE UNIQUE INDEX portal_link_hash ON portal_link (hash);
CREATE INDEX portal_link_organization ON portal_link (organization_id, id);

-- What opening a link gives: a session of a customer's administrator.
CREATE TABLE portal_session (
    hash TEXT PRIMARY KEY,
    link_id TEXT NOT NULL REFERENCES portal_link (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX portal_session_link ON portal_session (link_id);

-- Answers to be given again. `answer` is sealed with a key that is made of the API key and the Idempotency-Key, neither of which
-- is stored; NULL while the first request runs.
CREATE TABLE idempotent_request (
    api_key_id TEXT NOT NULL,
    key_hash TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    claim BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    answer TEXT,
    PRIMARY KEY (api_key_id, key_hash)
);
CREATE INDEX idempotent_request_created ON idempotent_request (created_at);

--sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
--sqlite     ('directory', 'directory_delete_at', '10 1'),
--sqlite     ('portal_link', 'sqlite_autoindex_portal_link_1', '10000 1'),
--sqlite     ('portal_link', 'portal_link_hash', '10000 1'),
--sqlite     ('portal_link', 'portal_link_organization', '10000 10 1'),
--sqlite     ('portal_session', 'sqlite_autoindex_portal_session_1', '10000 1'),
--sqlite     ('portal_session', 'portal_session_link', '10000 1'),
--sqlite     ('idempotent_request', 'sqlite_autoindex_idempotent_request_1', '100000 10000 1'),
--sqlite     ('idempotent_request', 'idempotent_request_created', '100000 1');
--sqlite ANALYZE sqlite_schema;
