-- The portal: who runs the installation, the codes with which accounts begin, and the sessions of who is signed in.

CREATE TABLE operator_account (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    last_sign_in_at BIGINT
);
CREATE UNIQUE INDEX operator_account_email ON operator_account (email_key);

-- A code makes an account, or gives the named one another password; it is gone when it was used.
CREATE TABLE operator_code (
    hash TEXT PRIMARY KEY,
    operator_id TEXT REFERENCES operator_account (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE operator_session (
    id TEXT PRIMARY KEY,
    operator_id TEXT NOT NULL REFERENCES operator_account (id) ON DELETE CASCADE,
    hash TEXT NOT NULL,
    agent TEXT NOT NULL,
    address TEXT,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX operator_session_hash ON operator_session (hash);
CREATE INDEX operator_session_operator ON operator_session (operator_id);

--sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
--sqlite     ('operator_account', 'sqlite_autoindex_operator_account_1', '10 1'),
--sqlite     ('operator_account', 'operator_account_email', '10 1'),
--sqlite     ('operator_code', 'sqlite_autoindex_operator_code_1', '2 1'),
--sqlite     ('operator_session', 'sqlite_autoindex_operator_session_1', '100 1'),
--sqlite     ('operator_session', 'operator_session_hash', '100 1'),
--sqlite     ('operator_session', 'operator_session_operator', '100 10');
--sqlite ANALYZE sqlite_schema;
