"""Keys to test with."""

from __future__ import annotations

from pointsman.keys import Snapshot, StoredKey, display_hint, hash_key, make_key


def a_key(number: int = 1) -> str:
    return make_key(number.to_bytes(24, "big"))


def stored(number: int = 1, *, revoked_us: int | None = None) -> StoredKey:
    key = a_key(number)
    return StoredKey(
        f"key_{number}", f"team-{number}", "acme", hash_key(key), display_hint(key), number, revoked_us
    )


def snapshot(version: int, *keys: StoredKey) -> Snapshot:
    return Snapshot(version, keys)
