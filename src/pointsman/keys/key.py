"""Keys as values, and where they come from."""

from __future__ import annotations

from typing import Protocol

import msgspec

from .limits import NO_LIMITS, KeyLimits


class KeyInfo(msgspec.Struct, frozen=True, gc=False):
    """Whose request it is."""

    id: str
    name: str
    tenant: str
    limits: KeyLimits = NO_LIMITS


class StoredKey(msgspec.Struct, frozen=True, gc=False):
    """What is kept of a key: all but the key."""

    id: str
    name: str
    tenant: str
    hash: str
    hint: str
    created_us: int
    revoked_us: int | None = None
    limits: KeyLimits = NO_LIMITS

    @property
    def active(self) -> bool:
        return self.revoked_us is None


class Snapshot(msgspec.Struct, frozen=True):
    """All keys, revoked ones too, as of one moment. A later state has another version."""

    version: int
    keys: tuple[StoredKey, ...]


class KeySource(Protocol):
    """Where keys are stored."""

    def snapshot(self, known: int | None = None) -> Snapshot | None:
        """The keys, or None if they are still those of version ``known``. May wait for a disk.

        Raises:
            PointsmanError: they cannot be read just now.
        """
        ...
