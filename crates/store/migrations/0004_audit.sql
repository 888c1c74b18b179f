-- The seals over the event log, what was removed of it, and which directories have come to rest.

-- The position of the last event that retention removed, and when that one happened: together its id, from which a reader may still
-- continue without missing anything.
INSERT INTO counter (name, value) VALUES ('event_purged', 0);
INSERT INTO counter (name, value) VALUES ('event_purged_at', 0);

-- The hash chain over the log (SEC-54). `hash` covers everything up to last_position, `links` has 16 hexadecimal digits for each record.
CREATE TABLE event_seal (
    last_position INTEGER PRIMARY KEY,
    first_position BIGINT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    links TEXT NOT NULL,
    newest_at BIGINT NOT NULL,
    sealed_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX event_seal_first ON event_seal (first_position);

-- What the filters of the audit log need. Nearly everything is done by identity providers: the rest is few, and has an index to itself.
CREATE INDEX event_actor ON event (actor_id, position) WHERE actor_id IS NOT NULL;
CREATE INDEX event_administrative ON event (actor, position) WHERE actor <> 'scim_auto_sync';

-- Directories whose first sync was announced as at rest. Those that were filled before this table was made are not announced.
CREATE TABLE sync_settled (
    directory_id TEXT PRIMARY KEY REFERENCES directory (id) ON DELETE CASCADE,
    settled_at BIGINT NOT NULL
);
INSERT INTO sync_settled (directory_id, settled_at)
    SELECT directory_id, 0 FROM directory_stats WHERE users_active + users_inactive > 0;

--sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
--sqlite     ('event_seal', 'event_seal_first', '1000000 1'),
--sqlite     ('event', 'event_actor', '10000000 10000 1'),
--sqlite     ('event', 'event_administrative', '100000 20000 1'),
--sqlite     ('sync_settled', 'sqlite_autoindex_sync_settled_1', '1000 1');
--sqlite ANALYZE sqlite_schema;
