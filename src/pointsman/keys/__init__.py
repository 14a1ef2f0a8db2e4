"""The keys that clients use: their form, who they belong to, and where they are kept (``sqlite.py``)."""

from .directory import KeyDirectory
from .format import display_hint, hash_key, looks_valid, make_key
from .key import KeyInfo, KeySource, Snapshot, StoredKey

__all__ = [
    "KeyDirectory",
    "KeyInfo",
    "KeySource",
    "Snapshot",
    "StoredKey",
    "display_hint",
    "hash_key",
    "looks_valid",
    "make_key",
]
