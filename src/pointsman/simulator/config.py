"""How a simulator shall behave."""

from __future__ import annotations

from typing import Literal

import msgspec

from .faults import Rule
from .headers import Show
from .replay import Replay
from .skills import Skills


class Config(msgspec.Struct, frozen=True):
    """``pointsman simulate``'s options. The same values and the same requests give the same answers."""

    seed: int = 0
    faults: tuple[Rule, ...] = ()
    rpm: int | None = None
    """Requests a minute, for each model at each provider; None: no limit that anyone would meet."""
    tpm: int | None = None
    """Tokens a minute, likewise; at Anthropic for input and output each."""
    input_tpm: int | None = None
    """Tokens of prompts a minute, likewise."""
    output_tpm: int | None = None
    """Tokens of answers a minute, likewise."""
    concurrency: int | None = None
    """Calls at a time, likewise."""
    account_rpm: int | None = None
    """Requests a minute, for all models of a provider together."""
    account_tpm: int | None = None
    """Tokens a minute, of prompts and answers, likewise."""
    window: Literal["bucket", "rolling"] = "bucket"
    """bucket: limits refill evenly. rolling: they hold for any sixty seconds, where OpenAI's dialect is
    spoken."""
    count_refused: bool = True
    """At openai, a request that is over a limit counts against the requests a minute, as documented there."""
    limit_headers: Show = "on"
    retry_after: bool = True
    """429s say how long to wait."""
    pace: Literal["real", "none"] = "none"
    speed: float = 1.0
    """All waiting is divided by it."""
    replay: Replay | None = None
    skills: Skills | None = None
    """Exercises are answered rightly as often as these say; None: like any other prompt, with prose."""
