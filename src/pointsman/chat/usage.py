"""What a call consumed, in disjoint buckets, so that nothing can be billed twice."""

from __future__ import annotations

import msgspec


class Usage(msgspec.Struct, frozen=True, gc=False):
    """Tokens of one call, as the provider reported them. Every field is a token count.

    The prompt is the sum of ``input``, ``cache_read`` and the four cache writes: no token stands in
    two of them. ``reasoning`` is the only subset: it is part of ``output``. Unknown usage is
    ``None`` in place of a ``Usage``, never a ``Usage`` of zeros.
    """

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_30m: int = 0
    cache_write_1h: int = 0
    cache_write_12h: int = 0
    reasoning: int = 0
    tier: str = ""
    """Service tier that the provider says it served with ("", "priority", "flex", "batch" …)."""

    @property
    def cache_write(self) -> int:
        return self.cache_write_5m + self.cache_write_30m + self.cache_write_1h + self.cache_write_12h

    @property
    def prompt(self) -> int:
        """All prompt tokens, cached or not: OpenAI's ``prompt_tokens``."""
        return (
            self.input
            + self.cache_read
            + self.cache_write_5m
            + self.cache_write_30m
            + self.cache_write_1h
            + self.cache_write_12h
        )

    @property
    def total(self) -> int:
        return self.prompt + self.output

    def __add__(self, other: Usage) -> Usage:
        """The sum of both, bucket by bucket; the tier is kept where both agree."""
        return Usage(
            input=self.input + other.input,
            output=self.output + other.output,
            cache_read=self.cache_read + other.cache_read,
            cache_write_5m=self.cache_write_5m + other.cache_write_5m,
            cache_write_30m=self.cache_write_30m + other.cache_write_30m,
            cache_write_1h=self.cache_write_1h + other.cache_write_1h,
            cache_write_12h=self.cache_write_12h + other.cache_write_12h,
            reasoning=self.reasoning + other.reasoning,
            tier=self.tier if self.tier == other.tier else "",
        )
