"""``pointsman keys``."""
