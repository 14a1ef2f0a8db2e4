"""Fields that the hub has no word for: which of them a kept answer cannot serve, and which part the forms in
which it is told. Pure.

A field that nobody here has heard of is a part of the key, and of its dialect alone. What it makes of the
answer is not known either, so nothing is translated: whoever asks the same in the same form is given the same
bytes. Passed by is what is known, or by its name seems, to depend on more than the request, or to do
something elsewhere: to be wrong here costs a call, and to be wrong the other way an answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pointsman.chat import Request

from .meaning import IDLE

STEERING = frozenset(
    {
        "frequency_penalty",
        "logit_bias",
        "logprobs",
        "presence_penalty",
        "seed",
        "top_logprobs",
        "verbosity",
    }
)
"""Fields without a word in the hub that change what is said, and not what an answer is made of; or that add
to it what is kept in the one form in which it was told (``gateway/cache/asking.py``)."""
_OFF: Mapping[str, Any] = {"n": 1, "store": False}
"""Fields that change nothing where they say what is the default."""
_NAMES = frozenset(
    {
        *("n", "best_of", "candidate_count", "num_generations", "num_return_sequences"),
        *("diagnostics", "modalities", "tools"),
    }
)
"""Several answers side by side, other answers than text, tools of a provider's own; and what refers to an
earlier request."""
_WORDS = frozenset(
    {
        *("agent", "agents", "assistant", "audio", "background", "browser", "browsing", "cached", "callback"),
        *("container", "containers", "conversation", "conversations", "deferred", "execution", "grounding"),
        *("knowledge", "mcp", "memory", "online", "plugin", "plugins", "previous", "rag", "retrieval"),
        *("search", "session", "sessions", "sources", "state", "stateful", "store", "thread", "threads"),
        *("video", "web", "webhook", "webhooks"),
    }
)
"""Of which names of fields are made that look something up, leave something behind, or go on with it."""
_OPAQUE = frozenset({"arguments", "input", "input_schema", "parameters", "schema"})
"""What these hold is the caller's own, whatever its fields are called."""
_word = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def acts_outside(unmapped: Mapping[str, Any], dialect: str) -> bool:
    """Whether one of these fields keeps an answer from being given again.

    Args:
        unmapped: as in a request of the hub.
    """
    idle = IDLE.get(dialect, frozenset())
    return any(
        _acts(name, value, _NAMES)
        for name, value in unmapped.items()
        if not (name.partition(".")[0] in idle or name in STEERING or (name in _OFF and value == _OFF[name]))
    )


def acts_within(body: Mapping[str, Any], unmapped: Iterable[str]) -> bool:
    """Whether a field deeper in a body does, below those that are known.

    Args:
        unmapped: those that are not.
    """
    others = frozenset(unmapped) | _OPAQUE
    return any(_holds_acting(value, frozenset()) for name, value in body.items() if name not in others)


def has_one_form(dialect: str, request: Request | None) -> bool:
    """What an answer to it is made of is not known, so that none is worked out from it in another form.

    Args:
        request: None: the hub does not hold all of it.
    """
    if request is None:
        return True
    known = STEERING | _OFF.keys() | IDLE.get(dialect, frozenset())
    return any(name.partition(".")[0] not in known for name in request.unmapped)


def _acts(name: str, value: Any, names: frozenset[str]) -> bool:
    if value is None or value is False:
        return False
    if name in names or not _WORDS.isdisjoint([word.lower() for word in _word.findall(name)]):
        return True
    return _holds_acting(value, names)


def _holds_acting(value: Any, names: frozenset[str]) -> bool:
    if isinstance(value, dict):
        return any(_acts(name, inner, names) for name, inner in value.items() if name not in _OPAQUE)
    return isinstance(value, list) and any(_holds_acting(inner, names) for inner in value)
