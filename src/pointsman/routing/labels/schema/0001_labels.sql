-- What labels are of: a request of a client, or a prompt of an imported file. Its text is not kept.
CREATE TABLE label_prompts (
    id TEXT PRIMARY KEY,           -- of the request; of an import, a digest
    route TEXT NOT NULL,
    tenant TEXT NOT NULL,
    subject TEXT NOT NULL,         -- "" or the group that an import gave it
    at_us INTEGER NOT NULL,        -- microseconds of Unix time
    features BLOB                  -- hashed; NULL where the route keeps none
);
CREATE INDEX label_prompts_by_route ON label_prompts (route, at_us);

-- How well one model answered it, according to one source.
CREATE TABLE labels (
    prompt TEXT NOT NULL,
    model TEXT NOT NULL,           -- as the route's pool spells it
    source TEXT NOT NULL,          -- feedback, shadow, grader, import
    key_id TEXT NOT NULL,          -- of who gave feedback, else ""
    at_us INTEGER NOT NULL,
    score REAL NOT NULL,
    input_tokens INTEGER,          -- of the answer; NULL: not known
    output_tokens INTEGER,
    cost INTEGER,                  -- 10^-12 USD; NULL: not known
    answer TEXT NOT NULL,          -- the request whose answer it was, in the ledger; "" for an import
    PRIMARY KEY (prompt, model, source, key_id)
) WITHOUT ROWID;

-- What shadows and their judge may have cost in a day, settled or at the most: so no crash forgets any of it.
CREATE TABLE shadow_money (
    day TEXT NOT NULL,             -- of UTC
    route TEXT NOT NULL,
    spent INTEGER NOT NULL,        -- 10^-12 USD
    PRIMARY KEY (day, route)
) WITHOUT ROWID;
