"""``pointsman chat``."""
