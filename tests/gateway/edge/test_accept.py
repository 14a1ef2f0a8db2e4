"""What is looked at before a body is read."""

from __future__ import annotations

import pytest

from pointsman.errors import InvalidRequest, RequestTooLarge
from pointsman.gateway.edge.accept import (
    ANTHROPIC,
    OPENAI,
    bearer_or_key,
    check_repeated,
    declared_size,
    face_of,
    join_lists,
)

PM = b"pm_secret"

KEYS: list[tuple[dict[bytes, bytes], str]] = [
    ({}, ""),
    ({b"authorization": b"Bearer abc"}, "abc"),
    ({b"authorization": b"bearer  abc "}, "abc"),
    ({b"authorization": b"Basic abc"}, ""),
    ({b"authorization": b"abc"}, ""),
    ({b"x-api-key": b"abc"}, "abc"),
    ({b"authorization": b"Bearer " + PM, b"x-api-key": b"sk-ant"}, "pm_secret"),
    ({b"authorization": b"Bearer other", b"x-api-key": PM}, "pm_secret"),
    ({b"authorization": b"Bearer \xff"}, "\xff"),
]


@pytest.mark.parametrize(("headers", "token"), KEYS)
def test_where_the_key_is_found(headers: dict[bytes, bytes], token: str) -> None:
    assert bearer_or_key(headers) == token


def test_the_face_is_that_of_the_path_and_for_models_that_of_the_version() -> None:
    version = {b"anthropic-version": b"2023-06-01"}
    assert face_of("/v1/messages", {}) is ANTHROPIC
    assert face_of("/v1/messages/count_tokens", {}) is ANTHROPIC
    assert face_of("/v1/models", version) is ANTHROPIC
    assert face_of("/v1/models", {}) is OPENAI
    assert face_of("/nowhere", {}) is OPENAI


def test_the_size_is_checked_before_the_body_is_read() -> None:
    assert declared_size({}, 10) == 0
    assert declared_size({b"content-length": b"10"}, 10) == 10
    with pytest.raises(RequestTooLarge, match="max_body_mb"):
        declared_size({b"content-length": b"11"}, 10)
    with pytest.raises(InvalidRequest):
        declared_size({b"content-length": b"1e3"}, 10)


def test_a_list_in_several_lines_is_one_list() -> None:
    lines = [
        (b"cache-control", b"no-store"),
        (b"anthropic-beta", b"a"),
        (b"accept", b"a"),
        (b"cache-control", b"max-age=60"),
        (b"accept", b"b"),
    ]
    headers = dict(lines)
    join_lists(headers, lines)
    assert headers == {
        b"cache-control": b"no-store, max-age=60",
        b"anthropic-beta": b"a",
        b"accept": b"b",
    }


@pytest.mark.parametrize(
    ("headers", "named"),
    [
        ([(b"idempotency-key", b"one"), (b"idempotency-key", b"two")], "Idempotency-Key"),
        ([(b"idempotency-key", b"one"), (b"idempotency-key", b"")], "Idempotency-Key"),
        ([(b"last-event-id", b"a:1"), (b"accept", b"*/*"), (b"last-event-id", b"a:2")], "Last-Event-ID"),
        (
            [(b"x-pointsman-resumable", b"true"), (b"x-pointsman-resumable", b"false")],
            "x-pointsman-resumable",
        ),
        ([(b"idempotency-key", b"one"), (b"idempotency-key", b" one ")], None),
        ([(b"accept", b"a"), (b"accept", b"b")], None),
    ],
)
def test_what_may_be_said_once_is_not_said_twice(
    headers: list[tuple[bytes, bytes]], named: str | None
) -> None:
    if named is None:
        check_repeated(headers)
        return
    with pytest.raises(InvalidRequest, match="Send one") as raised:
        check_repeated(headers)
    assert (raised.value.param, raised.value.code) == (named, "repeated_header")
