import pytest

from pointsman.simulator.headers import common_headers, limit_headers, processing_header, retry_headers
from pointsman.simulator.limits import Family, Limits


def test_anthropic_tells_four_limits_with_timestamps() -> None:
    limits = Limits("anthropic", rpm=60, tpm=6000, now=0)
    assert limits.admit(1000, 5, 0) is None
    limits.settle(3000, 5, 0)
    told = dict(limit_headers(limits, 0, 1_795_000_000_500_000))
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
    limits = Limits("openai", rpm=rpm, tpm=1000, now=0)
    limits.requests.take(taken, 0)
    told = dict(limit_headers(limits, 0, 0))
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
