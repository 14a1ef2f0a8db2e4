"""Whether a provider keeps what it was asked to keep. Pure: told what time it is."""

from __future__ import annotations


class Trust:
    """How often an entry that should be there is: a provider may drop it, or not keep any. Half of what was
    lost is forgiven each hour, since who keeps nothing there does not learn that it would be kept again."""

    __slots__ = ("_at", "_found", "_lost")

    def __init__(self) -> None:
        self._found = 2.0
        self._lost = 0.0
        self._at = 0.0

    def see(self, found: bool, now: float) -> None:
        self._forgive(now)
        if found:
            self._found = min(self._found + 1, 50.0)
        else:
            self._lost += 1

    def share(self, now: float) -> float:
        self._forgive(now)
        return self._found / (self._found + self._lost)

    def _forgive(self, now: float) -> None:
        if self._lost:
            self._lost *= 0.5 ** ((now - self._at) / 3600)
        self._at = now
