"""``pointsman presets``."""
