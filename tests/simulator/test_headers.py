import pytest

from pointsman.simulator.headers import (
    Show,
    common_headers,
    limit_headers,
    processing_header,
    retry_headers,
)
from pointsman.simulator.limits import Account, Family, Limits, Rates


def test_anthropic_tells_four_limits_with_timestamps() -> None:
    limits = Limits("anthropic", Rates(rpm=60, tpm=6000), 0)
    assert limits.admit(1000, 5, 0) is None
    limits.settle(3000, 5, 0)
    told = dict(limit_headers("anthropic", limits, 0, 1_795_000_000_500_000))
    assert told == {
        b"anthropic-ratelimit-requests-limit": b"60",
        b"anthropic-ratelimit-requests-remaining": b"59",
        b"anthropic-ratelimit-requests-reset": b"2026-11-18T11:06:42Z",
        b"anthropic-ratelimit-tokens-limit": b"6000",
        b"anthropic-ratelimit-tokens-remaining": b"3000",
        b"anthropic-ratelimit-tokens-reset": b"2026-11-18T11:07:11Z",
        b"anthropic-ratelimit-input-tokens-limit": b"6000",
        b"anthropic-ratelimit-input-tokens-remaining": b"5000",
        b"anthropic-ratelimit-input-tokens-reset": b"2026-11-18T11:06:51Z",
        b"anthropic-ratelimit-output-tokens-limit": b"6000",
        b"anthropic-ratelimit-output-tokens-remaining": b"3000",
        b"anthropic-ratelimit-output-tokens-reset": b"2026-11-18T11:07:11Z",
    }


@pytest.mark.parametrize(
    ("rpm", "taken", "reset"),
    [(60_000, 12, b"12ms"), (60, 1, b"1s"), (40, 1, b"1.5s"), (60, 60, b"1m0s"), (100, 0, b"0ms")],
)
def test_openai_tells_two_limits_with_durations(rpm: int, taken: int, reset: bytes) -> None:
    limits = Limits("openai", Rates(rpm=rpm, tpm=1000), 0)
    limits.levels["requests"].take(taken, 0)
    told = dict(limit_headers("openai", limits, 0, 0))
    assert told[b"x-ratelimit-limit-requests"] == b"%d" % rpm
    assert told[b"x-ratelimit-remaining-requests"] == b"%d" % (rpm - taken)
    assert told[b"x-ratelimit-reset-requests"] == reset
    assert told[b"x-ratelimit-remaining-tokens"] == b"1000"


@pytest.mark.parametrize(
    ("family", "seconds", "told"),
    [
        ("anthropic", 0.3, [(b"retry-after", b"1")]),
        ("openai", 1.0004, [(b"retry-after", b"2"), (b"retry-after-ms", b"1001")]),
        ("openai", 0.0, [(b"retry-after", b"0"), (b"retry-after-ms", b"0")]),
        ("openai", None, []),
    ],
)
def test_never_too_early(family: Family, seconds: float | None, told: list[tuple[bytes, bytes]]) -> None:
    assert retry_headers(family, seconds) == told


def test_request_ids() -> None:
    assert (b"request-id", b"req_1") in common_headers("anthropic", "req_1", stream=False)
    assert (b"x-request-id", b"req_1") in common_headers("openai", "req_1", stream=True)
    assert processing_header(0.25) == (b"openai-processing-ms", b"250")


@pytest.mark.parametrize("family", ["openai", "anthropic"])
@pytest.mark.parametrize(("show", "kinds"), [("on", 3), ("no-limits", 2), ("off", 0)])
def test_what_is_not_to_be_told_is_not(family: Family, show: Show, kinds: int) -> None:
    limits = Limits(family, Rates(rpm=60, tpm=6000), 0)
    names = [name for name, _ in limit_headers(family, limits, 0, 0, show)]
    assert len(set(names)) == len(names) == kinds * (2 if family == "openai" else 4)
    assert any(b"limit-" in name or name.endswith(b"-limit") for name in map(_stem, names)) == (show == "on")


def _stem(name: bytes) -> bytes:
    return name.removeprefix(b"x-ratelimit-").removeprefix(b"anthropic-ratelimit-")


def test_of_several_limits_the_tightest_is_told() -> None:
    account = Account("openai", 100, 5000, False, 0)
    limits = Limits("openai", Rates(rpm=60, input_tpm=800), 0, account)
    assert dict(limit_headers("openai", limits, 0, 0))[b"x-ratelimit-limit-tokens"] == b"800"
    account.levels["account_requests"].take(50, 0)
    told = dict(limit_headers("openai", limits, 0, 0))
    assert (told[b"x-ratelimit-limit-requests"], told[b"x-ratelimit-remaining-requests"]) == (b"100", b"50")


def test_a_provider_of_openais_kind_speaks_anthropics_dialect_too() -> None:
    limits = Limits("openai", Rates(rpm=60, tpm=6000), 0)
    told = dict(limit_headers("anthropic", limits, 0, 0))
    assert told[b"anthropic-ratelimit-output-tokens-limit"] == b"6000"
