"""``pointsman limits``."""
