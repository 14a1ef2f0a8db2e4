"""``pointsman models``."""
