-- What the model "auto" means for requests with this key: NAME of [auto.NAME]; '': as for all.
ALTER TABLE keys ADD COLUMN auto TEXT NOT NULL DEFAULT '';
