"""The prompt caches of providers, on the way of a call."""
