-- Webhooks. Nothing is queued: an endpoint follows the event log. `scanned` says up to which position; what lies before it and is not
-- done yet is in a lane, which is a row here only while it has something to send.

CREATE TABLE webhook_endpoint (
    id TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    description TEXT NOT NULL,
    organization_id TEXT,
    events TEXT NOT NULL,
    status TEXT NOT NULL,
    disabled_reason TEXT,
    failing_since BIGINT,
    secret TEXT NOT NULL,
    secret_last_four TEXT NOT NULL,
    previous_secret TEXT,
    previous_until BIGINT,
    scanned BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    tested_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX webhook_endpoint_status ON webhook_endpoint (status, id);
--postgres ALTER TABLE webhook_endpoint SET (fillfactor = 50);

-- Events are sent in order within a lane: up to `cursor` all are done, `attempts` is of the one that follows.
CREATE TABLE webhook_lane (
    endpoint_id TEXT NOT NULL REFERENCES webhook_endpoint (id) ON DELETE CASCADE,
    lane TEXT NOT NULL,
    cursor BIGINT NOT NULL,
    until BIGINT,
    attempts BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    unreachable BOOLEAN NOT NULL,
    PRIMARY KEY (endpoint_id, lane)
);
--postgres ALTER TABLE webhook_lane SET (fillfactor = 50);

-- What became of an event at an endpoint. The id is the event's.
CREATE TABLE webhook_delivery (
    endpoint_id TEXT NOT NULL REFERENCES webhook_endpoint (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    position BIGINT NOT NULL,
    event_type TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    response_status BIGINT,
    latency_ms BIGINT,
    error TEXT,
    excerpt TEXT,
    next_attempt_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (endpoint_id, id)
);
CREATE INDEX webhook_delivery_state ON webhook_delivery (endpoint_id, state, id);

--sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
--sqlite     ('webhook_endpoint', 'sqlite_autoindex_webhook_endpoint_1', '1000 1'),
--sqlite     ('webhook_endpoint', 'webhook_endpoint_status', '1000 500 1'),
--sqlite     ('webhook_lane', 'sqlite_autoindex_webhook_lane_1', '1000 10 1'),
--sqlite     ('webhook_delivery', 'sqlite_autoindex_webhook_delivery_1', '1000000 10000 1'),
--sqlite     ('webhook_delivery', 'webhook_delivery_state', '1000000 10000 3000 1');
--sqlite ANALYZE sqlite_schema;
