"""What stands between a plan and its provider: limits, the queue, and what those who wait are told."""
