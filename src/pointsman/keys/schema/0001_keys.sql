-- The keys that clients use. A key itself is stored nowhere, only its SHA-256.
CREATE TABLE keys (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    tenant TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    hint TEXT NOT NULL,            -- enough of the key for a person to know it again
    created_us INTEGER NOT NULL,   -- microseconds of Unix time
    revoked_us INTEGER             -- NULL while it is good
);
CREATE UNIQUE INDEX keys_by_active_name ON keys (name) WHERE revoked_us IS NULL;

-- Goes up by one with every change, whoever makes it, so that a gateway learns of it with one small question.
CREATE TABLE keys_version (version INTEGER NOT NULL);
INSERT INTO keys_version VALUES (1);
CREATE TRIGGER keys_inserted AFTER INSERT ON keys
BEGIN
    UPDATE keys_version SET version = version + 1;
END;
CREATE TRIGGER keys_updated AFTER UPDATE ON keys
BEGIN
    UPDATE keys_version SET version = version + 1;
END;
CREATE TRIGGER keys_deleted AFTER DELETE ON keys
BEGIN
    UPDATE keys_version SET version = version + 1;
END;
