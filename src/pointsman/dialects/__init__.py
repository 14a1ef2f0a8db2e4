"""Wire formats: one folder for each, all behind the protocol of ``base``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pointsman.errors import ConfigurationError

from .anthropic_messages import ANTHROPIC_MESSAGES
from .base import Dialect
from .openai_chat import OPENAI_CHAT

__all__ = ["DIALECTS", "get_dialect"]

DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {dialect.name: dialect for dialect in (OPENAI_CHAT, ANTHROPIC_MESSAGES)}
)
"""Every dialect, by the name that settings and ledger use."""


def get_dialect(name: str) -> Dialect:
    """Raises ConfigurationError, with the names there are, for any other."""
    try:
        return DIALECTS[name]
    except KeyError:
        known = ", ".join(sorted(DIALECTS))
        raise ConfigurationError(
            f"There is no dialect '{name}'. Known are: {known}.", param="dialect"
        ) from None
