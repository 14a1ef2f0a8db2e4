"""``pointsman route``."""
