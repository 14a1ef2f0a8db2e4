"""``pointsman savings``."""
