"""How a simulator shall behave."""

from __future__ import annotations

from typing import Literal

import msgspec

from .faults import Rule
from .replay import Replay

UNLIMITED_RPM = 1_000_000
UNLIMITED_TPM = 10_000_000_000
"""What is enforced, and told in the headers, where no limits are set."""


class Config(msgspec.Struct, frozen=True):
    """``pointsman simulate``'s options. The same values and the same requests give the same answers."""

    seed: int = 0
    faults: tuple[Rule, ...] = ()
    rpm: int | None = None
    """Requests a minute, for each model at each provider; None: no limit that anyone would meet."""
    tpm: int | None = None
    """Tokens a minute, likewise; at Anthropic for input and output each."""
    pace: Literal["real", "none"] = "none"
    speed: float = 1.0
    """All waiting is divided by it."""
    replay: Replay | None = None
