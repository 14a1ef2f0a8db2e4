"""The keys that clients use: their form, who they belong to, and where they are kept (``sqlite.py``)."""

from .directory import KeyDirectory
from .format import display_hint, hash_key, looks_valid, make_key
from .key import KeyInfo, KeySource, Snapshot, StoredKey
from .limits import LIMIT_NAMES, NO_LIMITS, KeyLimits, check_limits

__all__ = [
    "LIMIT_NAMES",
    "NO_LIMITS",
    "KeyDirectory",
    "KeyInfo",
    "KeyLimits",
    "KeySource",
    "Snapshot",
    "StoredKey",
    "check_limits",
    "display_hint",
    "hash_key",
    "looks_valid",
    "make_key",
]
