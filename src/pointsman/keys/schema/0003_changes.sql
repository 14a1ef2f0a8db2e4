-- What has changed, so that a gateway with a million keys reads those alone. One row for each change, whoever
-- makes it; version and mark together say of which state a gateway has heard: after a restored backup, or in
-- another file, there is no such pair.
DROP TRIGGER keys_inserted;
DROP TRIGGER keys_updated;
DROP TRIGGER keys_deleted;
DROP TABLE keys_version;
CREATE TABLE keys_changes (
    version INTEGER PRIMARY KEY,
    hash TEXT,                                     -- of the key; NULL: none
    mark BLOB NOT NULL DEFAULT (randomblob(16))
);
INSERT INTO keys_changes (hash) VALUES (NULL);
CREATE TRIGGER keys_replaced BEFORE INSERT ON keys -- INSERT OR REPLACE tells no other trigger what it deletes
BEGIN
    INSERT INTO keys_changes (hash)
    SELECT hash FROM keys WHERE id = NEW.id OR (name = NEW.name AND revoked_us IS NULL);
END;
CREATE TRIGGER keys_inserted AFTER INSERT ON keys
BEGIN
    INSERT INTO keys_changes (hash) VALUES (NEW.hash);
END;
CREATE TRIGGER keys_updated AFTER UPDATE ON keys
BEGIN
    INSERT INTO keys_changes (hash) VALUES (OLD.hash);
    INSERT INTO keys_changes (hash) SELECT NEW.hash WHERE NEW.hash <> OLD.hash;
END;
CREATE TRIGGER keys_deleted AFTER DELETE ON keys
BEGIN
    INSERT INTO keys_changes (hash) VALUES (OLD.hash);
END;
CREATE TRIGGER keys_changes_kept AFTER INSERT ON keys_changes
BEGIN
    DELETE FROM keys_changes WHERE version <= NEW.version - 10000; -- who missed more than that reads all keys
END;
