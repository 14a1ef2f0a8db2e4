"""What was answered under a client's key."""
