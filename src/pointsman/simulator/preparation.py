"""What follows from the content of a request alone: whether it can be answered, and with what."""

from __future__ import annotations

from collections.abc import Mapping

from pointsman import chat
from pointsman.catalog.model import Model
from pointsman.tokens import request_tokens, split_tokens

from .answer import answer, last_user_text
from .dice import Dice
from .limits import Family
from .menu import Menu
from .paths import Place
from .prompt_cache import Prefix, automatic_prefixes, billed_prefixes, marked_prefixes
from .refusals import check_ability, check_key, check_version
from .replies import DIALECTS
from .values import Prepared

_REMEMBERED = 4096
_REMEMBERED_BYTES = 32_768
"""Answers that are kept, and the longest request whose answer is."""


class Preparation:
    """Prepares answers, and keeps those to short requests, because benches send the same over and over."""

    def __init__(self, seed: int, menu: Menu) -> None:
        self._seed = seed
        self._menu = menu
        self._prepared: dict[bytes, Prepared] = {}

    def prepare(self, place: Place, headers: Mapping[str, str], body: bytes, subject: bytes) -> Prepared:
        """Read a request and answer it, or find the answer again.

        Args:
            subject: digest of the provider and the body.

        Raises:
            PointsmanError: the provider refuses the request.
        """
        check_key(headers)
        check_version(headers, place.family)
        version = headers.get("anthropic-version", "")
        known = self._prepared.get(subject + version.encode())
        if known is not None:
            return known
        request = DIALECTS[place.family].decode_request(body)
        model = self._menu.find(request.model, place.provider)
        prompt = max(1, request_tokens(request))
        check_ability(request, model, place.family, version, prompt)
        recorded = self._menu.recorded(model, request.model, last_user_text(request))
        made = answer(
            request,
            Dice(self._seed, subject),
            split_tokens,
            shows_thinking=place.family == "anthropic",
            recorded=recorded,
        )
        prepared = Prepared(request, model, prompt, made, _prefixes(request, model, place.family, prompt))
        if len(body) <= _REMEMBERED_BYTES:
            if len(self._prepared) >= _REMEMBERED:
                del self._prepared[next(iter(self._prepared))]
            self._prepared[subject + version.encode()] = prepared
        return prepared


def _prefixes(request: chat.Request, model: Model, family: Family, prompt: int) -> tuple[Prefix, ...]:
    """Only models with a price for cached tokens have a cache."""
    if not model.prices or model.prices[-1].standard.cache_read is None:
        return ()
    if family == "openai" and model.prices[-1].standard.cache_write_30m is not None:
        return billed_prefixes(request, prompt, request_tokens)
    if family == "openai":
        return automatic_prefixes(request, prompt, request_tokens)
    return marked_prefixes(request, model.prompt_cache_min_tokens or 1024, request_tokens)
