"""Virtual keys."""

from .info import KeyInfo

__all__ = ["KeyInfo"]
