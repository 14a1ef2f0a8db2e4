"""``pointsman usage``."""
