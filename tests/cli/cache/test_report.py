from __future__ import annotations

import msgspec
import pytest
from rich.console import Console

from pointsman.caching.kept.tally import Line
from pointsman.cli.cache.report import By, lines_by, report, span, stats_data
from pointsman.errors import InvalidRequest
from pointsman.gateway.cache.metrics import CacheLine, CacheView
from tests.support.cached import a_cache_view
from tests.support.semantic_views import a_semantic_view


def shown(view: CacheView, by: By | None = None, width: int = 80) -> str:
    console = Console(width=width, highlight=False)
    with console.capture() as captured:
        console.print(report(view, by, width))
    return captured.get()


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("30m", 1800), ("2h", 7200), ("7d", 604_800), ("0.5", 0.5)]
)
def test_a_time(text: str, seconds: float) -> None:
    assert span(text) == seconds


@pytest.mark.parametrize("text", ["", "h", "2 hours", "-1", "1e3"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(InvalidRequest, match="is no time: say 90s"):
        span(text)


def test_lines_are_summed_up_by_either() -> None:
    view = a_cache_view()
    assert lines_by(view, "route") == {
        "auto:default": Line(20, 4, 10**12, 0, 2, 3),
        "m": Line(10, 6, 250_000_000_000, 1, 0, 0, 4),
    }
    assert list(lines_by(view, "key")) == ["team", "other"]


@pytest.mark.parametrize(("by", "there"), [(None, {"by_route", "by_key"}), ("key", {"by_key"})])
def test_json_has_rates_and_exact_money(by: By | None, there: set[str]) -> None:
    data = stats_data(a_cache_view(), by)
    assert {name for name in data if name.startswith("by_")} == there
    assert data["hit_rate"] == 35 / 45
    assert data["by_key"]["team"] == {
        "hit_rate": 29 / 39,
        "hits": 24,
        "similar": 2,
        "coalesced": 3,
        "misses": 10,
        "bypassed": 0,
        "replayed": 0,
        "saved_usd": "1.25",
        "unpriced": 1,
    }
    assert data["by_key"]["other"]["hit_rate"] == 1.0


def test_tables_fit_and_say_what_is_not_known() -> None:
    text = shown(a_cache_view())
    assert max(map(len, text.splitlines())) <= 80
    assert "of 1 not known" in text and "+1?" in text and "86%" in text and "team" in text
    empty = msgspec.structs.replace(a_cache_view(), lines=())
    assert "no requests yet" in shown(empty) and "team" not in shown(empty)
    alone = msgspec.structs.replace(a_cache_view(), lines=(CacheLine("", "m", hits=1),))
    assert "(no key)" not in shown(alone) and "(no key)" in shown(alone, "key")
    assert "replays" not in shown(alone)
    repeated = msgspec.structs.replace(a_cache_view(), lines=(CacheLine("", "m", hits=1, replayed=7),))
    assert "replays" in shown(repeated) and " 7 " in shown(repeated) and "100%" in shown(repeated)
    many = tuple(CacheLine("", f"m{number}", hits=1) for number in range(25))
    assert "and 5 more" in shown(msgspec.structs.replace(a_cache_view(), lines=many))


def test_similar_questions_are_told_by_route() -> None:
    on, off = a_semantic_view(), a_semantic_view(on=False, why_off="it has no certificate")
    text = shown(msgspec.structs.replace(a_cache_view(), semantic={"faq": on, "help": off}), width=200)
    assert "faq: 5 of 20 given an answer from 0.8 on; refused by 1 names, 2 numbers" in text
    assert "help: off, since it has no certificate" in text
