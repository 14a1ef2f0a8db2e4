-- What the watch over each certificate in force has seen, so that a restart does not make it begin anew.
CREATE TABLE drift (
    certificate TEXT PRIMARY KEY,  -- its id
    state TEXT NOT NULL            -- JSON
);
