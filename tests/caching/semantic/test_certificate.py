from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from pointsman.caching.semantic.certificate import decode_certificate, encode_certificate, seal, why_not
from pointsman.errors import InvalidRequest
from tests.support.semantic import a_certificate

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def test_it_comes_back_as_it_was_made() -> None:
    made = a_certificate()
    assert decode_certificate(encode_certificate(made)) == made
    assert made.id.startswith("sem_") and seal(made) == made


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "no certificate of a semantic cache"),
        (b"{}", "no certificate of a semantic cache"),
        (encode_certificate(a_certificate()).replace(b"0.6", b"0.5"), "not as it was made"),
    ],
)
def test_others_are_refused(data: bytes, told: str) -> None:
    with pytest.raises(InvalidRequest, match=told):
        decode_certificate(data)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({}, ""),
        ({"route": "other"}, "it is for the route other"),
        ({"vectors": "words:1"}, "it was made with other vectors (words:1, not lexical-2)"),
        ({"guards": 0}, "it was made with version 0 of the guards, and this is"),
        ({"synonyms": True}, "it was made with synonyms allowed"),
        ({"expires_at": NOW}, "it expired on 2026-11-01"),
        ({"made_at": NOW + timedelta(days=1)}, "it begins on 2026-11-02"),
    ],
)
def test_why_it_does_not_hold(changed: dict[str, Any], why: str) -> None:
    times = {"made_at": NOW - timedelta(days=1), "expires_at": NOW + timedelta(days=1)}
    certificate = a_certificate(**({"route": "faq"} | times | changed))
    told = why_not(certificate, route="faq", vectors="lexical-2", synonyms=False, now=NOW)
    assert told.startswith(why) and bool(told) is bool(why)
    assert "password" not in msgspec.json.encode(certificate).decode()
