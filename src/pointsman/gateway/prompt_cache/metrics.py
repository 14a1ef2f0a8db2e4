"""What the prompt-cache autopilot has done. Plain numbers."""

from __future__ import annotations

from collections import Counter

from pointsman.chat import Usage
from pointsman.costs import PicoUsd
from pointsman.promptcache import Placement


class PromptCacheMetrics:
    """Since the process began."""

    __slots__ = ("breakpoints", "calls", "declined", "earned", "keys", "once", "read", "written")

    def __init__(self) -> None:
        self.calls = 0
        """To providers, with breakpoints of ours."""
        self.breakpoints: Counter[tuple[str, str]] = Counter()
        """By where they were, and for how long: ("system", "1h")."""
        self.declined: Counter[str] = Counter()
        """Calls that were left as they were, by reason."""
        self.keys = 0
        """Calls to OpenAI that were given a key."""
        self.once = 0
        """Calls to OpenAI of which nothing was to be kept but their instructions."""
        self.read = 0
        self.written = 0
        """Tokens, of calls with breakpoints of ours."""
        self.earned: PicoUsd = 0
        """What those calls were cheaper than without a cache; negative if they were dearer."""

    def placed(self, placement: Placement) -> None:
        self.calls += 1
        for where, life in (
            ("tools", placement.tools),
            ("system", placement.system),
            ("earlier", placement.anchor),
            ("messages", placement.tail),
        ):
            if life:
                self.breakpoints[where, life] += 1

    def settled(self, usage: Usage, earned: PicoUsd) -> None:
        self.read += usage.cache_read
        self.written += usage.cache_write
        self.earned += earned
