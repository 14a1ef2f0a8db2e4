"""Who is it? Answered on the path of every request, from memory alone."""

from __future__ import annotations

from pointsman.errors import AuthenticationFailed

from .format import PREFIX, hash_key, looks_valid
from .key import KeyInfo, Snapshot, StoredKey

_NO_KEYS = Snapshot(version=0, keys=())


class KeyDirectory:
    """The keys as of the last snapshot. While the store is away the old snapshot stays good.

    Keys are found by the hash of what the client sent, never by comparing secrets: how long a look-up takes
    tells nothing about how much of a guess was right, since nobody can steer the hash towards a stored one.
    A key that was right once is also found by itself, without hashing; only good keys get there.
    """

    def __init__(self, snapshot: Snapshot = _NO_KEYS) -> None:
        self._good: dict[str, KeyInfo] = {}
        self._by_hash: dict[str, StoredKey] = {}
        self._had_keys = False
        self.version = 0
        self.replace(snapshot)

    @property
    def empty(self) -> bool:
        """No key was ever seen, so anybody may come in. Where all are revoked or gone since, nobody may."""
        return not self._had_keys

    def replace(self, snapshot: Snapshot) -> None:
        """Go by this snapshot from now on."""
        self._by_hash = {key.hash: key for key in snapshot.keys}
        self._good = {}  # after the hashes, so that no answer from the old ones gets into it
        self._had_keys = self._had_keys or bool(self._by_hash)
        self.version = snapshot.version

    def names(self) -> dict[str, str]:
        """What people call the keys, by id."""
        return {key.id: key.name for key in self._by_hash.values()}

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
        # Taken once: a snapshot that comes meanwhile (from another thread) must not get a key it revokes.
        good = self._good
        info = good.get(token)
        if info is None:
            key = self._look_up(token)
            info = good[token] = KeyInfo(key.id, key.name, key.tenant, key.limits)
        return info

    def _look_up(self, token: str) -> StoredKey:
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
        key = self._by_hash.get(hash_key(token))
        if key is None:
            raise AuthenticationFailed(
                "The API key is well-formed, but not known here. Is it one of another gateway?"
            )
        if not key.active:
            raise AuthenticationFailed(
                f"The API key {key.hint} ({key.name}) was revoked. Ask the gateway's operator for a new one.",
                code="revoked_api_key",
            )
        return key
