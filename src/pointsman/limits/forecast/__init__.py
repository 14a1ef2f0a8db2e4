"""When a request that waits will start, as far as can be told."""
