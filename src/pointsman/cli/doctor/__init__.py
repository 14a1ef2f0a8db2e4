"""``pointsman doctor``."""
