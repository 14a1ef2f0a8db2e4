"""Outcome of an attempt → send again, wait, or give up."""

from .retry import RetryPolicy, wait_before_next

__all__ = ["RetryPolicy", "wait_before_next"]
