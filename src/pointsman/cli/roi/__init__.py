"""``pointsman roi``."""
