"""``pointsman labels``."""
