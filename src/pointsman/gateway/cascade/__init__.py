"""Cascades: cheap models first."""
