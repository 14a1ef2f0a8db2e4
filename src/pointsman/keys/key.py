"""Keys as values, and where they come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import msgspec

from .limits import NO_LIMITS, KeyLimits


class KeyInfo(msgspec.Struct, frozen=True, gc=False):
    """Whose request it is."""

    id: str
    name: str
    tenant: str
    limits: KeyLimits = NO_LIMITS
    auto: str = ""
    """What the model "auto" means for it, as the settings name it; "": as for all."""
    cache: str = ""
    """The cache's policy for it, as in "own, ttl=600"; "": as for all."""


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
    auto: str = ""
    cache: str = ""

    @property
    def active(self) -> bool:
        return self.revoked_us is None


class Gone(msgspec.Struct, frozen=True, gc=False):
    """A key that is not stored any more."""

    hash: str


class Mark(msgspec.Struct, frozen=True):
    """A state of the store. No other state of any store has the same."""

    version: int
    mark: bytes


class Reading(msgspec.Struct, frozen=True):
    """What is to be known of the store as of one moment, to be read on in batches."""

    mark: Mark
    whole: bool
    """These are all keys, revoked ones too, in the order of their hashes; else those that have changed."""
    batches: Iterator[Sequence[StoredKey | Gone]]
    """To read on may wait for a disk, and raise PointsmanError. No batch is empty, and each is small enough
    to be taken over within a millisecond."""


class KeySource(Protocol):
    """Where keys are stored."""

    def read(self, known: Mark | None = None) -> Reading | None:
        """What has changed since the state ``known``, or all if it is unknown, or None if nothing has. May
        wait for a disk.

        Raises:
            PointsmanError: it cannot be read just now.
        """
        ...
