"""Limits counted in this process."""
