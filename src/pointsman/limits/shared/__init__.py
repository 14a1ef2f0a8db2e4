"""Limits that replicas share, in Redis or Valkey."""
