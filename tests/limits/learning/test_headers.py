from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.limits.learning.headers import (
    MAX_AMOUNT,
    MAX_WAIT_US,
    Allowance,
    HeaderReader,
    read_limits,
    read_wait_us,
)

DATE = "Mon, 23 Nov 2026 12:00:00 GMT"
A = Allowance


def openai(**told: str) -> dict[str, str]:
    return {f"x-ratelimit-{name.replace('_', '-')}": value for name, value in told.items()}


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        pytest.param(
            openai(
                limit_requests="5000",
                remaining_requests="4999",
                reset_requests="12ms",
                limit_tokens="160000",
                remaining_tokens="159976",
                reset_tokens="9ms",
            ),
            [A("rpm", 5000, 4999, 12_000), A("tpm", 160_000, 159_976, 9_000)],
            id="openai",
        ),
        pytest.param(
            openai(
                limit_requests="60",
                remaining_requests="0",
                reset_requests="1m0s",
                limit_tokens="90000",
                remaining_tokens="45000",
                reset_tokens="30s",
            ),
            [A("rpm", 60, 0, 60_000_000), A("tpm", 90_000, 45_000, 30_000_000)],
            id="openai, much used",
        ),
        pytest.param(
            openai(
                limit_requests="14400",
                remaining_requests="14370",
                reset_requests="2m59.56s",
                limit_tokens="18000",
                remaining_tokens="17997",
                reset_tokens="7.66ms",
            ),
            [A("tpm", 18_000, 17_997, 7_660)],
            id="groq: requests a day",
        ),
        pytest.param(
            openai(limit_requests="14400", remaining_requests="14399", reset_requests="6s"),
            [],
            id="groq: the first of the day",
        ),
        pytest.param(
            openai(limit_requests="200", remaining_requests="199", reset_requests="7m12s"),
            [],
            id="openai: requests a day",
        ),
        pytest.param(
            openai(
                limit_tokens="10000",
                remaining_tokens="9000",
                reset_tokens="55",
                limit_requests="10",
                remaining_requests="9",
                renewalperiod_requests="10",
            ),
            [A("rpm", 60), A("tpm", 10_000, 9_000, 55_000_000)],
            id="azure: seconds, and a period of ten",
        ),
        pytest.param(
            openai(limit_tokens="-1", remaining_tokens="-1", reset_tokens="0"), [], id="azure does not know"
        ),
        pytest.param(
            openai(
                limit_tokens_minute="5000000",
                remaining_tokens_minute="4999911",
                tokens_query_cost="52",
                limit_req_minute="720",
                remaining_req_minute="717",
            ),
            [A("rpm", 720, 717), A("tpm", 5_000_000, 4_999_911)],
            id="mistral",
        ),
        pytest.param(
            {
                "date": DATE,
                "anthropic-ratelimit-requests-limit": "50",
                "anthropic-ratelimit-requests-remaining": "49",
                "anthropic-ratelimit-requests-reset": "2026-11-23T12:00:02Z",
                "anthropic-ratelimit-tokens-limit": "8000",
                "anthropic-ratelimit-tokens-remaining": "8000",
                "anthropic-ratelimit-input-tokens-limit": "40000",
                "anthropic-ratelimit-input-tokens-remaining": "39000",
                "anthropic-ratelimit-input-tokens-reset": "2026-11-23T12:00:02+00:00",
                "anthropic-ratelimit-output-tokens-limit": "8000",
                "anthropic-ratelimit-output-tokens-remaining": "8000",
                "anthropic-ratelimit-output-tokens-reset": "2026-11-23T12:00:00Z",
            },
            [
                A("rpm", 50, 49, 2_000_000),
                A("input_tpm", 40_000, 39_000, 2_000_000),
                A("output_tpm", 8_000, 8_000, 0),
            ],
            id="anthropic",
        ),
        pytest.param(
            {"anthropic-ratelimit-tokens-limit": "8000", "anthropic-ratelimit-tokens-remaining": "7000"},
            [A("tpm", 8_000, 7_000)],
            id="anthropic, tokens alone",
        ),
        pytest.param({"x-ratelimit-limit": "100", "x-ratelimit-remaining": "99"}, [], id="no period"),
        pytest.param(openai(limit_requests="0", remaining_requests="0"), [], id="zero"),
        pytest.param(openai(limit_requests="1e3"), [], id="no whole number"),
        pytest.param(openai(limit_requests="\u0663"), [], id="digits of another script"),
        pytest.param(openai(limit_requests="9" * 14), [], id="absurd"),
        pytest.param(
            openai(limit_requests="10", remaining_requests="11"), [A("rpm", 10)], id="more left than there is"
        ),
        pytest.param(
            openai(limit_requests="10", remaining_requests="x", reset_requests="soon"),
            [A("rpm", 10)],
            id="malformed rest",
        ),
        pytest.param(
            openai(limit_requests="10", remaining_requests="9", reset_requests="9000h"),
            [A("rpm", 10, 9)],
            id="a reset in years is no reset",
        ),
        pytest.param({}, [], id="nothing"),
    ],
)
def test_what_providers_tell_of_their_limits(headers: dict[str, str], told: list[Allowance]) -> None:
    assert read_limits(headers) == told


@pytest.mark.parametrize(
    ("headers", "wait_us"),
    [
        ({}, None),
        ({"retry-after": "2"}, 2_000_000),
        ({"retry-after": "0.5"}, 500_000),
        ({"retry-after": "2", "retry-after-ms": "1250"}, 1_250_000),
        ({"retry-after": "Mon, 23 Nov 2026 12:00:07 GMT", "date": DATE}, 7_000_000),
        ({"retry-after": "Mon, 23 Nov 2026 11:00:00 GMT", "date": DATE}, 0),
        ({"retry-after": "Mon, 23 Nov 2026 12:00:07 GMT"}, None),
        ({"retry-after": "Mon, 23 Nov 2029 12:00:07 GMT", "date": DATE}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "later"}, None),
        ({"retry-after": "99999999999"}, None),
        ({"x-ratelimit-reset": "3"}, 3_000_000),
        ({"x-ratelimit-reset": "1.5s"}, 1_500_000),
        ({"x-ratelimit-reset": "1795435205000", "date": DATE}, 5_000_000),
        ({"x-ratelimit-reset": "1795435205", "date": DATE}, 5_000_000),
        ({"x-ratelimit-reset": "1795435205"}, None),
    ],
)
def test_how_long_a_refusal_asks_to_wait(headers: dict[str, str], wait_us: int | None) -> None:
    assert read_wait_us(headers) == wait_us


def test_a_reader_sees_that_a_limit_is_another() -> None:
    reader = HeaderReader()
    headers = openai(limit_requests="60", remaining_requests="59")
    assert not reader.unchanged(headers), "nothing was read yet"
    reader.read(headers)
    assert reader.unchanged(openai(limit_requests="60", remaining_requests="12"))
    assert not reader.unchanged(openai(limit_requests="50", remaining_requests="12"))
    assert reader.read(openai(limit_requests="50", remaining_requests="12")) == [A("rpm", 50, 12)]


def test_a_reader_finds_headers_that_come_later() -> None:
    reader = HeaderReader()
    assert reader.read({}) == []
    headers = openai(limit_tokens="1000")
    assert reader.unchanged(headers), "not looked for each time"
    assert reader.read(headers) == [A("tpm", 1000)]


def test_a_reader_looks_for_more_headers_now_and_then() -> None:
    reader = HeaderReader()
    few = openai(limit_tokens="1000")
    both = {**few, **openai(limit_requests="60")}
    reader.read(few)
    while reader.unchanged(both):
        pass
    assert reader.read(both) == [A("rpm", 60), A("tpm", 1000)]


values = st.one_of(
    st.text(max_size=12),
    st.integers(-5, 10**15).map(str),
    st.from_regex(r"\A\d{1,4}(\.\d{1,3})?(ms|s|m|h)\Z"),
    st.just("2026-11-23T12:00:00Z"),
    st.just(DATE),
)
names = st.sampled_from(
    sorted(
        {
            "date",
            "retry-after",
            "retry-after-ms",
            "x-ratelimit-reset",
            *(
                f"x-ratelimit-{part}-{what}"
                for part in ("limit", "remaining", "reset")
                for what in ("requests", "tokens")
            ),
            *(
                f"anthropic-ratelimit-{what}-{part}"
                for part in ("limit", "remaining", "reset")
                for what in ("requests", "input-tokens")
            ),
        }
    )
)


@given(st.dictionaries(names, values))
def test_whatever_is_told_what_is_believed_can_be(headers: dict[str, str]) -> None:
    for allowance in read_limits(headers):
        assert 1 <= allowance.limit <= MAX_AMOUNT * 60
        assert allowance.remaining is None or 0 <= allowance.remaining <= allowance.limit
        assert allowance.reset_us is None or 0 <= allowance.reset_us <= MAX_WAIT_US
    wait_us = read_wait_us(headers)
    assert wait_us is None or 0 <= wait_us <= MAX_WAIT_US
