"""``pointsman demo``."""
