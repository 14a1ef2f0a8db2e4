"""Pointsman: a self-hosted LLM gateway and Python library."""
