"""Answers that a client can come back to: idempotency keys and streams with ids."""
