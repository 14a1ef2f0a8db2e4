"""Who is it? Answered on the path of every request, from memory alone."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

import msgspec

from pointsman.errors import AuthenticationFailed
from pointsman.shelves import Renewal, Shelves

from .format import PREFIX, digest_key, display_hint, looks_valid
from .key import Gone, KeyInfo, Mark, StoredKey
from .limits import NO_LIMITS, KeyLimits

MOST_IN_USE = 16_384
"""Keys that are kept at hand, at some 600 bytes each; the others are packed, at some hundred."""

_DIGEST = 32
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(tuple[str, str, str, bool, list[Any] | None, str, str]).decode
"""id, name, tenant, whether it is good, its limits if it has any, what "auto" means for it, its policy."""


class KeyDirectory:
    """The keys as the store last told of them. While the store is away they stay good.

    Keys are found by the hash of what the client sent, never by comparing secrets: how long a look-up takes
    tells nothing about how much of a guess was right, since nobody can steer the hash towards a stored one.
    A key that was right once is also found by itself, without hashing; only good keys get there.
    """

    def __init__(self, keys: Iterable[StoredKey] = (), most_in_use: int = MOST_IN_USE) -> None:
        self.mark: Mark | None = None
        """The state of the store that this is, as far as there is one."""
        self._most_in_use = most_in_use
        self._packed = Shelves(_DIGEST)
        self._good: dict[str, KeyInfo] = {}
        self._used: OrderedDict[str, tuple[str, KeyInfo]] = OrderedDict()
        """By id: those used last, the latest at the end, with what the client sends. Also what was revoked
        since, for its name."""
        self._had_keys = False
        self.change(keys)

    def __len__(self) -> int:
        """How many keys are known, revoked ones too."""
        return len(self._packed)

    @property
    def empty(self) -> bool:
        """No key was ever seen, so anybody may come in. Where all are revoked or gone since, nobody may."""
        return not self._had_keys

    def change(self, keys: Iterable[StoredKey | Gone]) -> None:
        """These are as they are here from now on, and all others as they were."""
        for key in keys:
            digest = _digest(key.hash)
            if digest is None:
                continue
            before = self._packed.pop(digest)
            if before is not None:
                self._put_away(_unpack(before)[0])
            if isinstance(key, StoredKey):
                self._put_away(key.id)
                self._packed.put(digest, _row(key))
                self._had_keys = True

    def renewal(self) -> KeyRenewal:
        """To put all keys anew while the old ones are in use."""
        return KeyRenewal(self, self._packed)

    def names(self) -> dict[str, str]:
        """What people call the keys that were used last, by id."""
        return {key_id: info.name for key_id, (_, info) in self._used.items()}

    def renewed(self) -> None:
        """All may be others than they were: look each up anew."""
        self._good = {}
        self._had_keys = self._had_keys or len(self._packed) > 0

    def _put_away(self, key_id: str) -> None:
        """Look this one up anew when it is used again."""
        known = self._used.get(key_id)
        if known is not None:
            self._good.pop(known[0], None)

    def authenticate(self, token: str | None) -> KeyInfo:
        """Whose key this is.

        Raises:
            AuthenticationFailed: it is missing, mistyped, unknown or revoked; code and message say which.
        """
        if not token:
            raise AuthenticationFailed(
                "No API key was sent. Send one as 'Authorization: Bearer pm_…' or 'x-api-key: pm_…'.",
                code="missing_api_key",
            )
        info = self._good.get(token)
        if info is None:
            info = self._look_up(token)
            self._keep_at_hand(token, info)
        else:
            self._used.move_to_end(info.id)
        return info

    def _keep_at_hand(self, token: str, info: KeyInfo) -> None:
        used = self._used
        used[info.id] = (token, info)
        used.move_to_end(info.id)
        if len(used) > self._most_in_use:
            self._good.pop(used.popitem(last=False)[1][0], None)
        self._good[token] = info

    def _look_up(self, token: str) -> KeyInfo:
        if not token.startswith(PREFIX):
            raise AuthenticationFailed(
                f"This is no key of this gateway: those start with {PREFIX}. Do not send a provider's own"
                " key; ask the gateway's operator for one.",
                code="malformed_api_key",
            )
        if not looks_valid(token):
            raise AuthenticationFailed(
                "The API key has a typo or is cut off: its checksum is wrong. Copy it again, as a whole.",
                code="malformed_api_key",
            )
        row = self._packed.get(digest_key(token))
        if row is None:
            raise AuthenticationFailed(
                "The API key is well-formed, but not known here. Is it one of another gateway?"
            )
        key_id, name, tenant, good, limits, auto, cache = _unpack(row)
        if not good:
            raise AuthenticationFailed(
                f"The API key {display_hint(token)} ({name}) was revoked."
                " Ask the gateway's operator for a new one.",
                code="revoked_api_key",
            )
        known = NO_LIMITS if limits is None else KeyLimits(*limits)
        return KeyInfo(key_id, name, tenant, known, auto, cache)


class KeyRenewal:
    """Puts all keys of a directory anew. Those that came are known at once, old ones until it is finished."""

    def __init__(self, directory: KeyDirectory, packed: Shelves) -> None:
        self._directory = directory
        self._rows = Renewal(packed)

    def add(self, keys: Iterable[StoredKey | Gone]) -> None:
        """The next ones, in the order of their hashes."""
        for key in keys:
            digest = _digest(key.hash)
            if digest is not None and isinstance(key, StoredKey):
                self._rows.add(digest, _row(key))

    def finish(self) -> None:
        """There are no more."""
        self._rows.finish()
        self._directory.renewed()


def _row(key: StoredKey) -> bytes:
    limits = None if key.limits == NO_LIMITS else msgspec.structs.astuple(key.limits)
    return _pack((key.id, key.name, key.tenant, key.active, limits, key.auto, key.cache))


def _digest(hexadecimal: str) -> bytes | None:
    """None for what is no hash of a key as we write it: nothing that a client sends has it."""
    try:
        digest = bytes.fromhex(hexadecimal)
    except ValueError:
        return None
    return digest if len(digest) == _DIGEST and digest.hex() == hexadecimal else None
