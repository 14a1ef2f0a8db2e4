from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from pointsman.errors import InvalidRequest
from pointsman.routing import Judgement
from pointsman.routing.evidence import Certificate, decode_certificate, encode_certificate
from tests.support.routing_certificates import NOW, certificate


def test_it_says_the_same_after_a_file() -> None:
    made = certificate()
    assert decode_certificate(encode_certificate(made)) == made
    assert made.id.startswith("cert_")


@pytest.mark.parametrize("change", [{"threshold": 0.9}, {"floor": 0.5}, {"id": "cert_0"}, {"route": "mail"}])
def test_one_that_was_changed_is_none(change: dict[str, object]) -> None:
    forged = msgspec.structs.replace(certificate(), **change)
    with pytest.raises(InvalidRequest, match="not as it was made"):
        decode_certificate(encode_certificate(forged))


def test_one_that_does_not_fit_together_is_none() -> None:
    forged = msgspec.structs.replace(certificate(), costs=(1.0,))
    with pytest.raises(InvalidRequest, match="does not fit together"):
        decode_certificate(encode_certificate(forged))


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b'{"router": 1}'])
def test_what_is_no_certificate_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidRequest, match="no certificate"):
        decode_certificate(data)


@pytest.mark.parametrize(
    ("loss", "familiarity", "chosen"),
    [(0.05, 1.0, 0), (0.1, 1.0, 1), (0.05, 0.1, 1)],
)
def test_it_chooses(loss: float, familiarity: float, chosen: int) -> None:
    made = certificate(threshold=0.1, min_familiarity=0.2)
    assert made.position(Judgement((0.8, 0.9), (loss, 0.0), familiarity)) == chosen
    assert made.baseline == "opus"


@pytest.mark.parametrize(
    ("now", "router", "valid"),
    [
        (NOW, "r1", True),
        (NOW + timedelta(days=29), "r1", True),
        (NOW + timedelta(days=30), "r1", False),
        (NOW - timedelta(days=1), "r1", False),
        (NOW, "r2", False),
    ],
)
def test_it_holds_for_a_time_and_a_router(now: datetime, router: str, valid: bool) -> None:
    assert certificate().is_valid(now, router) is valid


def test_times_have_a_zone() -> None:
    assert msgspec.json.decode(encode_certificate(certificate()), type=Certificate).made_at.tzinfo == UTC
