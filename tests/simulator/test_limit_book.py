from typing import Any

from pointsman.simulator.config import Config
from pointsman.simulator.limit_book import LimitBook


def _model(report: dict[str, Any], model: str) -> dict[str, Any]:
    (found,) = [each for each in report["models"] if each["model"] == model]
    return dict(found)


def test_each_model_has_limits_of_its_own_under_one_account() -> None:
    book = LimitBook(Config(rpm=2, account_rpm=3, count_refused=False))
    one, other = book.of("openai", "m", 0), book.of("openai", "n", 0)
    assert book.of("openai", "m", 5) is one
    assert [limits.admit(1, 1, 0) is None for limits in (one, one, one, other, other)] == [
        *(True, True, False),
        *(True, False),
    ]
    assert book.of("deepseek", "m", 0).admit(1, 1, 0) is None, "another provider, another account"
    report = book.report(0)
    assert _model(report, "n")["rejected_429"] == {"account_requests": 1}
    levels = {"limit": 3, "used": 3, "peak": 3, "total": 3}
    assert report["accounts"][1] == {"provider": "openai", "limits": {"account_requests": levels}}


def test_the_family_goes_by_the_provider() -> None:
    book = LimitBook(Config(tpm=100, window="rolling"))
    report_of = {provider: set(book.of(provider, "m", 0).levels) for provider in ("anthropic", "deepseek")}
    assert report_of == {
        "anthropic": {"requests", "input_tokens", "output_tokens"},
        "deepseek": {"requests", "tokens"},
    }


def test_what_is_not_limited_is_counted_and_has_no_limit() -> None:
    book = LimitBook(Config(tpm=100))
    limits = book.of("openai", "m", 0)
    assert limits.admit(30, 50, 0) is None
    limits.settle(50, 50, 0)
    assert book.report(30_000_000) == {
        "window": "bucket",
        "models": [
            {
                "provider": "openai",
                "model": "m",
                "limits": {
                    "requests": {"limit": None, "used": 0, "peak": 1, "total": 1},
                    "tokens": {"limit": 100, "used": 30, "peak": 80, "total": 80},
                    "concurrency": {"limit": None, "used": 0, "peak": 1, "total": 1},
                },
                "rejected_429": {},
            }
        ],
        "accounts": [{"provider": "openai", "limits": {}}],
    }


def test_only_openai_counts_what_it_refuses() -> None:
    book = LimitBook(Config())
    counts = {name: book.of(name, "m", 0).rates.counts_refused for name in ("openai", "anthropic", "gemini")}
    assert counts == {"openai": True, "anthropic": False, "gemini": False}
    assert not LimitBook(Config(count_refused=False)).of("openai", "m", 0).rates.counts_refused
