"""What a stream passes through on its way to the client."""
