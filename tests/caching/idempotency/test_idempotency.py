"""The rules of idempotency keys, as tables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.caching.idempotency.idempotency import Asked, Begun, Kept, asked_of, is_final, judge
from pointsman.errors import AnswerUnderWay, Conflict, InvalidRequest


def an_asked(header: bytes = b"key", **fields: object) -> Asked:
    given: dict[str, object] = {
        "key_id": "key_1",
        "path": "/v1/messages",
        "query": "",
        "body": b"{}",
        "request_id": "req_2",
        "at_us": 7,
    }
    return asked_of(header, **(given | fields))  # type: ignore[arg-type]  # as the fields are named


# -- keys


@pytest.mark.parametrize("header", [b"k", b"k" * 255, b'"8e03978e"', b" padded ", b"a b~!"])
def test_good_keys(header: bytes) -> None:
    assert an_asked(header) == an_asked(header.strip())


@pytest.mark.parametrize("header", [b"", b" ", b"\t", b"k" * 256, b"caf\xe9", b"a\x00b", b"a\x7fb"])
def test_bad_keys_are_refused_and_not_shown(header: bytes) -> None:
    with pytest.raises(InvalidRequest) as raised:
        an_asked(header)
    assert (raised.value.status, raised.value.code) == (400, "invalid_idempotency_key")
    assert raised.value.param == "Idempotency-Key"
    assert "UUID" in raised.value.message


FIELDS = st.tuples(
    st.sampled_from(["key_1", "key_2", "key_11", ""]),
    st.sampled_from([b"1", b"11", b"2", b"key"]),
    st.sampled_from(["/v1/messages", "/v1/chat/completions"]),
    st.sampled_from(["", "a=1"]),
    st.binary(max_size=3),
)


@given(FIELDS, FIELDS)
def test_it_is_the_same_only_if_all_of_it_is(
    one: tuple[str, bytes, str, str, bytes], two: tuple[str, bytes, str, str, bytes]
) -> None:
    first, second = (
        an_asked(key, key_id=owner, path=path, query=query, body=body)
        for owner, key, path, query, body in (one, two)
    )
    assert (first.ident == second.ident) is (one[:2] == two[:2])
    assert (first.fingerprint == second.fingerprint) is (one[2:] == two[2:])


# -- what is kept


@pytest.mark.parametrize(
    ("status", "sent", "final"),
    [
        *[(status, sent, True) for status in (200, 201, 204) for sent in (True, False)],
        *[(status, True, True) for status in (400, 403, 404, 413, 415, 422)],
        *[(status, False, False) for status in (400, 403, 404, 413, 415, 422)],
        *[(status, True, False) for status in (401, 402, 408, 409, 425, 429, 499)],
        *[(status, True, False) for status in (500, 502, 503, 504, 529)],
    ],
)
def test_what_is_final(status: int, sent: bool, final: bool) -> None:
    assert is_final(status, sent=sent) is final


# -- what a second one is told

SAME = an_asked().fingerprint


def a_kept(fingerprint: bytes = SAME, body: bytes | None = b"{}") -> Kept:
    return Kept(fingerprint, "req_1", 0, 200, (), body, streamed=False)


@pytest.mark.parametrize("sent", [True, False])
def test_what_was_kept_is_replayed(sent: bool) -> None:
    assert judge(an_asked(), a_kept(), sent=sent) == a_kept()


@pytest.mark.parametrize("alive", [True, False])
@pytest.mark.parametrize(
    ("found", "sent"), [(a_kept(b"other"), True), (a_kept(b"other", None), True), (None, True), (None, False)]
)
def test_another_request_is_refused_whatever_became_of_the_first(
    found: Kept | None, sent: bool, alive: bool
) -> None:
    with pytest.raises(Conflict, match="req_1") as raised:
        judge(an_asked(), found or Begun(b"other", "req_1", alive), sent=sent)
    assert (raised.value.status, raised.value.code) == (409, "idempotency_key_reused")
    assert not raised.value.retryable


@pytest.mark.parametrize("alive", [True, False])
def test_what_was_sent_and_has_no_answer_is_told(alive: bool) -> None:
    with pytest.raises(Conflict, match="GET /v1/requests/req_1") as raised:
        judge(an_asked(), Begun(SAME, "req_1", alive), sent=True)
    assert raised.value.code == "idempotency_unknown"
    assert not raised.value.retryable


def test_what_was_not_sent_is_asked_anew_unless_somebody_is_at_it() -> None:
    assert judge(an_asked(), Begun(SAME, "req_1", alive=False), sent=False) is None
    with pytest.raises(AnswerUnderWay, match="req_1") as raised:
        judge(an_asked(), Begun(SAME, "req_1", alive=True), sent=False)
    assert (raised.value.retryable, raised.value.retry_after) == (True, 1.0)


def test_what_was_too_large_is_told() -> None:
    with pytest.raises(Conflict, match="max_answer_mb") as raised:
        judge(an_asked(), a_kept(body=None), sent=True)
    assert raised.value.code == "idempotency_answer_too_large"
