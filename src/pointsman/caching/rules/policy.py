"""Whether a request may be answered from what is stored, and whether its answer may be stored. Pure.

The rules, in their order:

1. ``[cache] enabled`` and the policy of the key: off means off. So does the word ``bypass`` (or ``off``) in
   the header ``x-pointsman-cache``.
2. Sampled answers are meant to differ. Both APIs sample at temperature 1 unless told otherwise, so only
   requests with temperature 0 (or ``top_k`` 1) are cached, unless ``[cache] sampled`` or the header
   ``x-pointsman-cache: sampled`` says that any answer will do. The word ``exact`` in that header declines
   answers to similar questions, and ``pace=NUMBER`` sets how fast a stream is told again. Any other word
   there is refused: who misspells ``bypass`` would be given what is kept.
3. What the provider shall keep (OpenAI's ``store``) is always sent to it.
4. The request's ``Cache-Control``, as RFC 9111, section 5.2.1 has it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from math import inf
from typing import Any

import msgspec

from pointsman.chat import Refusal, Response, Stop
from pointsman.errors import InvalidRequest, NotStored


class CacheRules(msgspec.Struct, frozen=True):
    """``[cache]``, as far as a decision needs it."""

    enabled: bool = True
    ttl: float = 3600.0
    """Seconds."""
    sampled: bool = False
    pace: float = 0.0
    """Events a second at which a stream is told again; 0 is all at once."""


class KeyRules(msgspec.Struct, frozen=True):
    """What the policy of the caller's key says. None: as for all."""

    enabled: bool | None = None
    ttl: float | None = None
    sampled: bool | None = None
    semantic: bool | None = None
    """False: no answers to similar questions."""
    own: bool = False
    """Its answers are for this key alone (``Partition.scope``), not for all of its tenant."""
    marked: bool | None = None
    """Of providers' prompt caches: whether breakpoints are placed in its prompts."""


class Directives(msgspec.Struct, frozen=True):
    """A request's ``Cache-Control``. Times are in seconds."""

    no_cache: bool = False
    no_store: bool = False
    only_if_cached: bool = False
    max_age: float | None = None
    min_fresh: float = 0.0


class Decision(msgspec.Struct, frozen=True):
    """What is to be done with a request."""

    look: bool
    store: bool
    ttl: float = 0.0
    """Seconds for which its answer is kept."""
    max_age: float = inf
    """Oldest stored answer that will do, in seconds."""
    min_fresh: float = 0.0
    """Seconds for which a stored answer must still live."""
    only_if_cached: bool = False
    """Where nothing is stored, nothing is sent either: ``NotStored``."""
    exact: bool = False
    """Only the answer to the very same request will do."""
    pace: float = 0.0
    """Events a second, where a stored answer is told as a stream; 0 is all at once."""
    why: str = ""
    """In a word, where the cache is passed by: off, declined, sampled, kept_by_provider or no-store."""

    @property
    def bypass(self) -> bool:
        return not (self.look or self.store)

    @property
    def coalesce(self) -> bool:
        """It may wait for the answer to the same request that is under way."""
        return self.look and self.store

    def accepts(self, age: float, life: float) -> bool:
        """Whether a stored answer of ``age`` seconds, with ``life`` seconds left, will do."""
        return self.look and age <= self.max_age and life >= self.min_fresh


_AS_ALL = KeyRules()
_NONE = Directives()
_NO_WORDS: frozenset[bytes] = frozenset()
_WORDS = frozenset({b"bypass", b"off", b"sampled", b"exact"})
_PACE = re.compile(rb"pace\s*=\s*([0-9]{1,6})")
_DIRECTIVE = re.compile(r'([^\s,;="]+)\s*(?:=\s*(?:"([^"]*)"?|([^,]*)))?[^,]*')
"""What stands in quotes may hold commas, and is no directive."""
_ZEROS = frozenset({b"0", b"0.0", b"-0", b"0e0", b"0.00"})


def decide(
    rules: CacheRules,
    fields: Mapping[str, Any],
    *,
    defaults: Mapping[str, Any] | None = None,
    cache_control: bytes | None = None,
    wish: bytes | None = None,
    key: KeyRules = _AS_ALL,
) -> Decision:
    """
    Args:
        fields: of the body's top, values as their JSON (``Peek.fields``).
        defaults: what a preset fills in, by hub name.
        cache_control: the header of that name; None if there is none.
        wish: the header ``x-pointsman-cache``: "bypass", "sampled", "exact", "pace=NUMBER", with commas
            between.

    Raises:
        InvalidRequest: that header says anything else.
    """
    directives = read_cache_control(cache_control) if cache_control else _NONE
    words = _read_wish(wish) if wish else _NO_WORDS
    why = _why_not(rules, fields, defaults or {}, words, key)
    if why:
        return Decision(False, False, only_if_cached=directives.only_if_cached, why=why)
    max_age = inf if directives.max_age is None else directives.max_age
    look = not directives.no_cache and max_age > 0
    store = not directives.no_store and not directives.only_if_cached
    return Decision(
        look=look,
        store=store,
        ttl=rules.ttl if key.ttl is None else key.ttl,
        max_age=max_age,
        min_fresh=directives.min_fresh,
        only_if_cached=directives.only_if_cached,
        exact=b"exact" in words or key.semantic is False,
        pace=_pace(words, rules.pace) if words else rules.pace,
        why="" if look or store else "no-store",
    )


def read_cache_control(value: bytes) -> Directives:
    """What it says, as RFC 9111 has it: an unknown directive is passed over, as is ``max-stale``, since
    nothing stale is kept; a number that is none counts as 0, the safe side (4.2.1); of several the strictest
    holds."""
    names: set[str] = set()
    ages: list[float] = []
    fresh = [0.0]
    for name, quoted, number in _DIRECTIVE.findall(value.decode("latin-1").lower()):
        names.add(name)
        if name == "max-age":
            ages.append(_seconds(quoted or number, 0.0))
        elif name == "min-fresh":
            fresh.append(_seconds(quoted or number, inf))
    return Directives(
        no_cache="no-cache" in names,
        no_store="no-store" in names,
        only_if_cached="only-if-cached" in names,
        max_age=min(ages, default=None),
        min_fresh=max(fresh),
    )


def not_stored() -> NotStored:
    return NotStored(
        "No stored answer will do, and Cache-Control: only-if-cached forbids to ask the provider. Leave it "
        "out to have the request answered."
    )


def why_not_kept(response: Response, *, asked: str, answered: str) -> str:
    """Why the answer may not be stored, in a word; "" if it may.

    Args:
        response: whole; what was cut or failed is none.
        asked: name of the model that the key was made for.
        answered: of the one that answered, another where that one failed.
    """
    if answered != asked:
        return "other_model"
    if response.stop is Stop.REFUSAL or any(isinstance(part, Refusal) for part in response.parts):
        return "refused"
    if response.stop not in (Stop.END, Stop.STOP_SEQUENCE, Stop.TOOL_CALLS):
        return "cut"
    return "" if response.parts else "empty"


def _why_not(
    rules: CacheRules,
    fields: Mapping[str, Any],
    defaults: Mapping[str, Any],
    words: Set[bytes],
    key: KeyRules,
) -> str:
    if not (rules.enabled if key.enabled is None else key.enabled and rules.enabled):
        return "off"
    if b"bypass" in words or b"off" in words:
        return "declined"
    if _raw(fields, "store") == b"true":
        return "kept_by_provider"
    if rules.sampled if key.sampled is None else key.sampled:
        return ""
    if b"sampled" in words:
        return ""
    return "sampled" if _is_sampled(fields, defaults) else ""


def _is_sampled(fields: Mapping[str, Any], defaults: Mapping[str, Any]) -> bool:
    if _raw(fields, "top_k") == b"1":
        return False
    temperature = _raw(fields, "temperature")
    if temperature is None or temperature == b"null":
        given = defaults.get("temperature") if temperature is None else None
        return given is None or given != 0
    if temperature in _ZEROS:
        return False
    try:
        return float(temperature) != 0
    except ValueError:
        return True


def _raw(fields: Mapping[str, Any], name: str) -> bytes | None:
    value = fields.get(name)
    return None if value is None else bytes(value)


def _read_wish(wish: bytes) -> frozenset[bytes]:
    words = frozenset(filter(None, [word.strip() for word in wish.lower().split(b",")]))
    for word in words - _WORDS:
        if not _PACE.fullmatch(word):
            raise InvalidRequest(
                f"x-pointsman-cache: '{word.decode('latin-1')[:40]}' is none of its words. It takes bypass,"
                " sampled, exact and pace=NUMBER (events a second, a whole number; 0 is at once), with commas"
                " between."
                " How old an answer may be is said in Cache-Control.",
                param="x-pointsman-cache",
            )
    return words


def _pace(words: Set[bytes], otherwise: float) -> float:
    """Of several the slowest, but for "all at once"."""
    given = [float(found[1]) for word in words if (found := _PACE.fullmatch(word))]
    return min(filter(None, given), default=0.0) if given else otherwise


def _seconds(text: str, otherwise: float) -> float:
    text = text.strip()
    return float(text) if text.isascii() and text.isdigit() else otherwise
