"""The keys that clients use: their form, who they belong to, and where they are kept (``sqlite.py``)."""

from .directory import KeyDirectory
from .format import display_hint, hash_key, looks_valid, make_key
from .key import Gone, KeyInfo, KeySource, Mark, Reading, StoredKey
from .limits import LIMIT_NAMES, NO_LIMITS, KeyLimits, check_limits

__all__ = [
    "LIMIT_NAMES",
    "NO_LIMITS",
    "Gone",
    "KeyDirectory",
    "KeyInfo",
    "KeyLimits",
    "KeySource",
    "Mark",
    "Reading",
    "StoredKey",
    "check_limits",
    "display_hint",
    "hash_key",
    "looks_valid",
    "make_key",
]
