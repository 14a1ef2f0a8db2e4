from __future__ import annotations

import pytest

from pointsman.limits.learning.words import Words, read_words


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (
            "Rate limit reached for model m in organization o on tokens per minute (TPM): "
            "Limit 15000, Used 11972, Requested 4351. Please try again in 5.289s.",
            Words("tpm", 15_000),
        ),
        (
            "Rate limit reached for m on requests per min (RPM): Limit 3, Used 3.",
            Words("rpm", 3),
        ),
        ("Rate limit reached for m on tokens per min. Limit: 90,000 / min.", Words("tpm", 90_000)),
        (
            "This request would exceed your organization's rate limit of 40,000 input tokens per minute.",
            Words("input_tpm", 40_000),
        ),
        ("… exceed the rate limit of 8,000 output tokens per minute", Words("output_tpm", 8_000)),
        ("Number of concurrent connections has exceeded your rate limit.", Words(concurrency=True)),
        ("Too many parallel requests", Words(concurrency=True)),
        ("Too many requests per minute", Words("rpm")),
        ("Limit 0 requests per minute", Words("rpm")),
        ("Requests have exceeded the call rate limit. Please retry after 37 seconds.", Words()),
        ("", Words()),
        ("limit of " * 100_000, Words()),
    ],
)
def test_what_a_refusal_says(message: str, words: Words) -> None:
    assert read_words(message) == words
