-- The second factor of an operator's account, the time between a right password and a right code, and how customers see the portal.

-- `secret` is sealed. Until `confirmed_at` it asks nothing of anybody. `last_step` is the interval of the code that was used last: every
-- code is taken once. `failures` are those since the last right code.
CREATE TABLE operator_totp (
    operator_id TEXT PRIMARY KEY REFERENCES operator_account (id) ON DELETE CASCADE,
    secret TEXT NOT NULL,
    confirmed_at BIGINT,
    last_step BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    blocked_until BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

-- Codes for somebody whose device is lost; each works once and is gone then.
CREATE TABLE operator_recovery_code (
    hash TEXT PRIMARY KEY,
    operator_id TEXT NOT NULL REFERENCES operator_account (id) ON DELETE CASCADE
);
CREATE INDEX operator_recovery_code_operator ON operator_recovery_code (operator_id);

-- Somebody has given the right password and is asked for a code.
CREATE TABLE operator_challenge (
    hash TEXT PRIMARY KEY,
    operator_id TEXT NOT NULL REFERENCES operator_account (id) ON DELETE CASCADE,
    password_hash TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- How the portal looks to customers: one row, made by the first change. Empty texts mean Doorward's own look. The logo is PNG in base64,
-- small, with the hash of its bytes.
CREATE TABLE appearance (
    id TEXT PRIMARY KEY,
    product_name TEXT NOT NULL,
    support_contact TEXT NOT NULL,
    return_url TEXT NOT NULL,
    accent TEXT NOT NULL,
    logo_hash TEXT NOT NULL,
    logo TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE INDEX credential_expires ON credential (expires_at);

--sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
--sqlite     ('operator_totp', 'sqlite_autoindex_operator_totp_1', '10 1'),
--sqlite     ('operator_recovery_code', 'sqlite_autoindex_operator_recovery_code_1', '100 1'),
--sqlite     ('operator_recovery_code', 'operator_recovery_code_operator', '100 10'),
--sqlite     ('credential', 'credential_expires', '10000 2'),
--sqlite     ('appearance', 'sqlite_autoindex_appearance_1', '1 1'),
--sqlite     ('operator_challenge', 'sqlite_autoindex_operator_challenge_1', '2 1');
--sqlite ANALYZE sqlite_schema;
