"""``pointsman cache``."""
