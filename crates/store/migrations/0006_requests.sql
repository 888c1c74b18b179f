-- The request log: what identity providers asked of a directory and how they were answered.
--
-- It is a diary for administrators, not the audit log: rows are written a moment after the answer, may be lost in a crash, and go after
-- a while. Ids begin with the time at which a request came, so that the key is also the order in time. The long texts stand last: SQLite
-- reads a row only as far as it must.

CREATE TABLE request_log (
    directory_id TEXT NOT NULL REFERENCES directory (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    request_id TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    query TEXT,
    version TEXT NOT NULL,
    status BIGINT,
    scim_type TEXT,
    latency BIGINT NOT NULL,
    user_agent TEXT,
    address TEXT,
    credential TEXT NOT NULL,
    token_id TEXT,
    tolerated TEXT NOT NULL,
    subject_id TEXT,
    codes TEXT NOT NULL,
    events_after BIGINT,
    events_until BIGINT,
    request_bytes BIGINT,
    response_bytes BIGINT,
    facts TEXT NOT NULL,
    diagnoses TEXT NOT NULL,
    headers TEXT NOT NULL,
    request_body TEXT,
    response_body TEXT,
    PRIMARY KEY (directory_id, id)
);
CREATE INDEX request_log_request ON request_log (directory_id, request_id);
--postgres ALTER TABLE request_log SET (toast_tuple_target = 4080);

-- What the log says in sum, kept with it: the state of a connection is shown with every directory. `requests`, `failures` and `refused`
-- count the hour since the epoch `hour`; the columns before_... the hour before that.
CREATE TABLE request_traffic (
    directory_id TEXT PRIMARY KEY REFERENCES directory (id) ON DELETE CASCADE,
    kept BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    accepted_at BIGINT,
    refused_at BIGINT,
    hour BIGINT NOT NULL,
    requests BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    before_requests BIGINT NOT NULL,
    before_failures BIGINT NOT NULL,
    before_refused BIGINT NOT NULL
);
--postgres ALTER TABLE request_traffic SET (fillfactor = 50);

--sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
--sqlite     ('request_log', 'sqlite_autoindex_request_log_1', '1000000 10000 1'),
--sqlite     ('request_log', 'request_log_request', '1000000 10000 1'),
--sqlite     ('request_traffic', 'sqlite_autoindex_request_traffic_1', '1000 1');
--sqlite ANALYZE sqlite_schema;
