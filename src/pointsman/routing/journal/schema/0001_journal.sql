-- What was decided for requests that left the choice of a model to us.
CREATE TABLE decisions (
    request_id TEXT PRIMARY KEY,
    at_us INTEGER NOT NULL,        -- microseconds of Unix time
    route TEXT NOT NULL,           -- NAME of [auto.NAME]
    tenant TEXT NOT NULL,
    key_id TEXT NOT NULL,
    policy TEXT NOT NULL,
    model TEXT NOT NULL,           -- that was chosen; who answered in the end is in the ledger
    baseline TEXT NOT NULL,
    reason TEXT NOT NULL,
    propensity REAL NOT NULL,      -- of this model for this request
    threshold REAL,
    certificate TEXT NOT NULL,     -- its id; '': none was in force
    judgement TEXT,                -- JSON: probabilities, losses, familiarity
    rest TEXT NOT NULL,            -- JSON: pool, router, expected costs, moves of the conversation
    features BLOB                  -- of the prompt, hashed; NULL where the route keeps none
);
CREATE INDEX decisions_by_route ON decisions (route, at_us);

-- Routers and certificates; of each route at most one is in service.
CREATE TABLE routers (
    route TEXT NOT NULL,
    digest TEXT NOT NULL,
    data BLOB NOT NULL,
    made_at_us INTEGER NOT NULL,
    in_service INTEGER NOT NULL,
    PRIMARY KEY (route, digest)
);
CREATE UNIQUE INDEX router_in_service ON routers (route) WHERE in_service;
CREATE TABLE certificates (
    id TEXT NOT NULL,
    route TEXT NOT NULL,
    router TEXT NOT NULL,          -- digest
    json TEXT NOT NULL,
    made_at_us INTEGER NOT NULL,
    in_service INTEGER NOT NULL,
    withdrawn_at_us INTEGER,       -- NULL while it holds
    why TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (route, id)
);
CREATE UNIQUE INDEX certificate_in_service ON certificates (route) WHERE in_service;

-- Another mark after each change, so that a gateway learns of it with one small question; it tells a restored
-- backup or another file apart too.
CREATE TABLE services_mark (mark BLOB NOT NULL);
INSERT INTO services_mark VALUES (randomblob(16));
CREATE TRIGGER routers_inserted AFTER INSERT ON routers BEGIN UPDATE services_mark SET mark = randomblob(16); END;
CREATE TRIGGER routers_updated AFTER UPDATE ON routers BEGIN UPDATE services_mark SET mark = randomblob(16); END;
CREATE TRIGGER routers_deleted AFTER DELETE ON routers BEGIN UPDATE services_mark SET mark = randomblob(16); END;
CREATE TRIGGER certificates_inserted AFTER INSERT ON certificates
BEGIN UPDATE services_mark SET mark = randomblob(16); END;
CREATE TRIGGER certificates_updated AFTER UPDATE ON certificates
BEGIN UPDATE services_mark SET mark = randomblob(16); END;
CREATE TRIGGER certificates_deleted AFTER DELETE ON certificates
BEGIN UPDATE services_mark SET mark = randomblob(16); END;
