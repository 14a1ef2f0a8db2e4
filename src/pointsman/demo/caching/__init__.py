"""The act of the caches: a day on which most has been asked before."""
