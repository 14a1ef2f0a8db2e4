"""What a refusal says of the limit in words, where it does not in headers."""

from __future__ import annotations

import re

import msgspec

from pointsman.limits.values.limit import Dimension

from .headers import MAX_AMOUNT

_CONCURRENCY = re.compile(r"concurren|simultaneous|in parallel|parallel request", re.IGNORECASE)
_WHAT: tuple[tuple[re.Pattern[str], Dimension], ...] = (
    (re.compile(r"input[ -]tokens? per min", re.IGNORECASE), "input_tpm"),
    (re.compile(r"output[ -]tokens? per min", re.IGNORECASE), "output_tpm"),
    (re.compile(r"tokens? per min|\bTPM\b", re.IGNORECASE), "tpm"),
    (re.compile(r"requests? per min|\bRPM\b", re.IGNORECASE), "rpm"),
)
_LIMIT = re.compile(r"\blimit:? (\d[\d,]{0,15})\b|\blimit of (\d[\d,]{0,15})\b", re.IGNORECASE)


class Words(msgspec.Struct, frozen=True, gc=False):
    """As far as the message tells."""

    dimension: Dimension | None = None
    limit: int | None = None
    concurrency: bool = False


def read_words(message: str) -> Words:
    """OpenAI and Groq: "… on tokens per min (TPM): Limit 15000, Used …"; Anthropic: "… exceed your
    organization's rate limit of 40,000 input tokens per minute …"; DeepSeek and others name concurrency."""
    message = message[:2_000]
    dimension = next((what for pattern, what in _WHAT if pattern.search(message)), None)
    found = _LIMIT.search(message) if dimension is not None else None
    limit = int((found[1] or found[2]).replace(",", "")) if found else 0
    return Words(
        dimension,
        limit if 0 < limit <= MAX_AMOUNT else None,
        dimension is None and _CONCURRENCY.search(message) is not None,
    )
