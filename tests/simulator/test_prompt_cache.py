from typing import Any

import msgspec
import pytest

from pointsman import chat
from pointsman.errors import InvalidRequest
from pointsman.simulator.prompt_cache import (
    Buckets,
    PromptCache,
    automatic_prefixes,
    billed_prefixes,
    marked_prefixes,
)
from pointsman.tokens import request_tokens

SECOND = 1_000_000


def _text(tokens: int, word: str = "rail", ttl: str | None = None) -> chat.Text:
    return chat.Text(f" {word}" * tokens, None if ttl is None else chat.CacheHint(ttl))


def _request(*parts: chat.Text, system: tuple[chat.Text, ...] = (), **more: Any) -> chat.Request:
    turns = tuple(
        chat.Message("user" if n % 2 == 0 else "assistant", (part,)) for n, part in enumerate(parts)
    )
    return chat.Request("m", turns, system=system, **more)


def _marked(cache: PromptCache, request: chat.Request, now: int = 0, least: int = 100) -> Buckets:
    prefixes = marked_prefixes(request, least, request_tokens)
    return cache.use("anthropic", request.model, prefixes, request_tokens(request), now)


def _automatic(cache: PromptCache, request: chat.Request, now: int = 0) -> Buckets:
    prompt = request_tokens(request)
    return cache.use(
        "openai", request.model, automatic_prefixes(request, prompt, request_tokens), prompt, now
    )


def test_written_first_and_read_then() -> None:
    cache = PromptCache()
    request = _request(_text(20), system=(_text(200, ttl=""),))
    assert _marked(cache, request) == Buckets(24, 0, 200)
    assert _marked(cache, request, 299 * SECOND) == Buckets(24, 200)
    assert _marked(cache, request, 598 * SECOND) == Buckets(24, 200)
    assert _marked(cache, request, 899 * SECOND) == Buckets(24, 0, 200)


def test_looking_changes_nothing() -> None:
    cache = PromptCache()
    request = _request(_text(20), system=(_text(200, ttl=""),))
    prefixes = marked_prefixes(request, 100, request_tokens)
    assert cache.cached("m", prefixes, 0) == cache.cached("m", prefixes, 0) == 0
    _marked(cache, request)
    assert cache.cached("m", prefixes, 299 * SECOND) == 200
    assert cache.cached("m", prefixes, 300 * SECOND) == 0
    assert cache.cached("m", (), 0) == 0


def test_an_hour_lasts_an_hour() -> None:
    cache = PromptCache()
    request = _request(_text(20), system=(_text(200, ttl="1h"),))
    assert _marked(cache, request) == Buckets(24, 0, 0, 200)
    assert _marked(cache, request, 3599 * SECOND) == Buckets(24, 200)


def test_two_lives_in_one_prompt() -> None:
    request = _request(_text(300, ttl="5m"), system=(_text(200, ttl="1h"),))
    assert _marked(PromptCache(), request) == Buckets(0, 0, 304, 200)


def test_a_conversation_reads_what_it_wrote_before_and_writes_what_is_new() -> None:
    cache = PromptCache()
    _marked(cache, _request(_text(200, ttl="")))
    longer = _request(_text(200), _text(50, "track"), _text(60, "train", ttl=""))
    assert _marked(cache, longer) == Buckets(0, 204, 118)


@pytest.mark.parametrize(
    "request_",
    [_request(_text(200)), _request(_text(50, ttl=""))],
    ids=["not asked for", "too short"],
)
def test_not_cached(request_: chat.Request) -> None:
    cache = PromptCache()
    assert _marked(cache, request_) == _marked(cache, request_) == Buckets(request_tokens(request_))


def test_other_models_and_other_texts_share_nothing() -> None:
    cache = PromptCache()
    _marked(cache, _request(_text(200, ttl="")))
    assert _marked(cache, _request(_text(200, "track", ttl=""))).cache_read == 0
    request = _request(_text(200, ttl=""))
    prefixes = marked_prefixes(request, 100, request_tokens)
    assert cache.use("anthropic", "other", prefixes, 204, 0).cache_read == 0


def test_openai_caches_long_prefixes_in_steps_of_128() -> None:
    cache = PromptCache()
    request = _request(_text(20), system=(_text(1300),))
    assert _automatic(cache, request) == Buckets(1324)
    assert _automatic(cache, request) == Buckets(1324 - 1280, 1280)
    other = _request(_text(30, "track"), system=(_text(1300),))
    assert _automatic(cache, other) == Buckets(1334 - 1280, 1280)
    assert _automatic(cache, other, 1300 * SECOND) == Buckets(1334)


def test_openai_leaves_short_prompts_alone() -> None:
    cache = PromptCache()
    request = _request(_text(1000))
    assert _automatic(cache, request) == _automatic(cache, request) == Buckets(1004)


def test_the_buckets_are_the_prompt() -> None:
    cache = PromptCache()
    for size in (10, 90, 200, 400):
        request = _request(_text(size, ttl="1h"), _text(7), _text(size, ttl=""), tools=(chat.Tool("t", {}),))
        for _ in range(2):
            buckets = _marked(cache, request)
            assert buckets.usage(3, 1, "").prompt == request_tokens(request)


def test_an_entry_is_found_within_twenty_blocks_of_a_mark() -> None:
    def talk(blocks: int, *marked: int) -> chat.Request:
        parts = [_text(100, f"word{n}", "" if n in marked else None) for n in range(blocks)]
        return _request(*parts, system=(_text(200),))

    cache = PromptCache()
    first = talk(1, 0)
    _marked(cache, first)
    twenty = talk(20, 19)  # the first block is the 20th, with that of the mark
    assert _marked(cache, twenty).cache_read == request_tokens(first)
    assert _marked(cache, talk(39, 38)).cache_read == request_tokens(twenty)
    cache = PromptCache()
    _marked(cache, first)
    assert _marked(cache, talk(21, 20)).cache_read == 0
    cache = PromptCache()
    _marked(cache, first)
    assert _marked(cache, talk(21, 0, 20)).cache_read == request_tokens(first)


@pytest.mark.parametrize("lives", [["", "", "", "", ""], ["5m", "1h"], ["", "1h"], ["1h", "5m", "1h"]])
def test_marks_that_anthropic_refuses(lives: list[str]) -> None:
    request = _request(*[_text(100, ttl=life) for life in lives])
    with pytest.raises(InvalidRequest):
        marked_prefixes(request, 10, request_tokens)


def test_an_hour_before_five_minutes_is_billed_as_each() -> None:
    cache = PromptCache()
    request = _request(_text(20, ttl="5m"), system=(_text(200, ttl="1h"),))
    assert _marked(cache, request) == Buckets(0, 0, 24, 200)
    assert _marked(cache, request, 301 * SECOND) == Buckets(0, 200, 24)


def test_five_minutes_are_prolonged_to_an_hour_by_what_is_new() -> None:
    cache = PromptCache()
    first, second = _text(200), _text(50)
    _marked(cache, _request(msgspec.structs.replace(first, cache=chat.CacheHint())))
    longer = _request(first, msgspec.structs.replace(second, cache=chat.CacheHint("1h")))
    assert _marked(cache, longer, 200 * SECOND) == Buckets(0, 204, 0, 54)
    assert _marked(cache, longer, 3000 * SECOND) == Buckets(0, 258)


def _billed(cache: PromptCache, request: chat.Request, now: int = 0) -> Buckets:
    prompt = request_tokens(request)
    return cache.use("openai", request.model, billed_prefixes(request, prompt, request_tokens), prompt, now)


EXPLICIT = {"prompt_cache_options": {"mode": "explicit"}}


def test_openai_bills_what_newer_models_keep() -> None:
    cache = PromptCache()
    first, said, more = _text(2000), _text(10, "said"), _text(100, "more")
    assert _billed(cache, _request(first)) == Buckets(0, cache_write_30m=2004)
    assert _billed(cache, _request(first), 1799 * SECOND) == Buckets(0, 2004)
    assert _billed(cache, _request(first, said, more), 3000 * SECOND) == Buckets(0, 2004, cache_write_30m=118)
    assert _billed(cache, _request(first, said, more), 5000 * SECOND) == Buckets(0, cache_write_30m=2122)
    assert _billed(cache, _request(_text(1000))) == Buckets(1004)


def test_openai_keeps_what_it_is_told_to_where_the_mode_is_explicit() -> None:
    cache = PromptCache()
    once = _request(_text(50, "a"), system=(_text(2000),), unmapped=EXPLICIT)
    assert _billed(cache, once) == _billed(cache, once) == Buckets(2054)
    marked = _request(_text(50, "a"), system=(_text(2000, ttl=""),), unmapped=EXPLICIT)
    assert _billed(cache, marked) == Buckets(54, cache_write_30m=2000)
    other = _request(_text(60, "b"), system=(_text(2000, ttl=""),), unmapped=EXPLICIT)
    assert _billed(cache, other, 60 * SECOND) == Buckets(64, 2000)


def test_what_is_written_is_found_once_the_answer_has_begun() -> None:
    """Of requests at the same time each writes; whoever wrote first decides when it is there."""
    cache = PromptCache()
    request = _request(_text(20), system=(_text(200, ttl=""),))
    prefixes = marked_prefixes(request, 100, request_tokens)
    for now, ready, read in ((0, 2, 0), (1, 4, 0), (2, 9, 200), (301, 303, 200), (601, 604, 0), (603, 0, 0)):
        buckets = cache.use("anthropic", "m", prefixes, 224, now * SECOND, ready * SECOND)
        assert buckets == (Buckets(24, 200) if read else Buckets(24, 0, 200)), now
