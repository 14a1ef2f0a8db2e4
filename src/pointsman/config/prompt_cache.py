"""The settings of the prompt-cache autopilot."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct


class PromptCacheSettings(Struct, frozen=True, forbid_unknown_fields=True):
    enabled: Annotated[
        bool,
        Meta(
            description="Place breakpoints for Anthropic's prompt cache where they pay, and give OpenAI a "
            "`prompt_cache_key`."
        ),
    ] = False
    max_loss: Annotated[
        Annotated[float, Meta(gt=0, le=1000)],
        Meta(
            description="US dollars that breakpoints may cost more than they have earned, for each tenant at "
            "each deployment."
        ),
    ] = 1.0
