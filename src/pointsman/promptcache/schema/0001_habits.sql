-- How soon prompts were used again, so that a restart does not make it begin anew: counts, and nothing of them.
CREATE TABLE prompt_habits (
    deployment TEXT NOT NULL,      -- "" in both: of all together
    tenant TEXT NOT NULL,          -- or the id of a virtual key that has none
    counts TEXT NOT NULL,          -- JSON
    at_us INTEGER NOT NULL,        -- when it was written: microseconds of Unix time
    PRIMARY KEY (deployment, tenant)
) WITHOUT ROWID;
