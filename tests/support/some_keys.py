"""Keys to test with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pointsman.errors import ServerBusy
from pointsman.keys import Gone, Mark, Reading, StoredKey, display_hint, hash_key, make_key


def a_key(number: int = 1) -> str:
    return make_key(number.to_bytes(24, "big"))


def stored(number: int = 1, *, revoked_us: int | None = None) -> StoredKey:
    key = a_key(number)
    return StoredKey(
        f"key_{number}", f"team-{number}", "acme", hash_key(key), display_hint(key), number, revoked_us
    )


class SomeKeys:
    """A store of keys that can be away. It gives one key with each batch."""

    def __init__(self, *keys: StoredKey) -> None:
        self._keys = {key.hash: key for key in keys}
        self._changed = list[str]()
        self.away = False
        self.breaks_after: int | None = None
        """Batches."""
        self.forgotten = False
        """Who asks what has changed is told everything."""
        self.read_by = list[bool]()
        """Of each reading: whether it was of all keys."""

    def put(self, *keys: StoredKey | Gone) -> None:
        for key in keys:
            self._changed.append(key.hash)
            if isinstance(key, Gone):
                del self._keys[key.hash]
            else:
                self._keys[key.hash] = key

    def read(self, known: Mark | None = None) -> Reading | None:
        if self.away:
            raise ServerBusy("The disk is away.")
        version = len(self._changed)
        if known is not None and known.version == version and not self.forgotten:
            return None
        whole = known is None or self.forgotten
        self.read_by.append(whole)
        hashes = self._keys if whole or known is None else set(self._changed[known.version :])
        found = [self._keys.get(each) or Gone(each) for each in sorted(hashes)]
        return Reading(Mark(version, b"m"), whole, self._batches(found))

    def _batches(self, found: Sequence[StoredKey | Gone]) -> Iterator[list[StoredKey | Gone]]:
        for number, key in enumerate(found):
            if number == self.breaks_after:
                raise ServerBusy("The disk broke.")
            yield [key]
