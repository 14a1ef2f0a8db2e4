"""A certificate: that a threshold gives few wrong answers, and what was seen. Pure.

What it says: if the pairs of questions that the cache will compare are like the labelled ones, then in at
least ``confidence`` of all such certificates at most ``max_wrong`` of the hits are wrong. It holds for the
vectors and the guards that it was made with, and until it expires.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import blake2b

import msgspec

from pointsman.errors import InvalidRequest

from .guards import VERSION


class SemanticCertificate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str = ""
    """A digest of all the rest."""
    route: str
    vectors: str
    """What the vectors are from (their identity)."""
    guards: int
    """Version of the guards."""
    synonyms: bool = False
    """One word of weight could stand in the place of another."""
    threshold: float
    """Cosine from which on a pair that the guards let through is a hit."""
    max_wrong: float
    confidence: float
    pairs: int
    """Labelled pairs that it rests on."""
    hits: int
    """Of them, at this threshold."""
    wrong: int
    """Of the hits."""
    found: int
    """Of the pairs that mean the same, those that are hits."""
    same: int
    """Pairs that mean the same."""
    p: float
    """Of the test at this threshold."""
    tried: int
    """Thresholds that were tried."""
    data: str
    """Digest of the pairs."""
    made_at: datetime
    expires_at: datetime


def seal(certificate: SemanticCertificate) -> SemanticCertificate:
    """With the id that its content has."""
    bare = msgspec.structs.replace(certificate, id="")
    digest = blake2b(msgspec.json.encode(bare), digest_size=10).hexdigest()
    return msgspec.structs.replace(certificate, id=f"sem_{digest}")


def encode_certificate(certificate: SemanticCertificate) -> bytes:
    return msgspec.json.format(msgspec.json.encode(certificate))


def decode_certificate(data: bytes) -> SemanticCertificate:
    """Raises InvalidRequest where it is none, or not the one that was sealed."""
    try:
        certificate = msgspec.json.decode(data, type=SemanticCertificate)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidRequest(
            f"This is no certificate of a semantic cache: {error}. 'pointsman cache certify' makes one."
        ) from error
    if seal(certificate).id != certificate.id:
        raise InvalidRequest(
            "This certificate is not as it was made: its id does not fit its content. Certify again with"
            " 'pointsman cache certify'."
        )
    return certificate


def why_not(
    certificate: SemanticCertificate, *, route: str, vectors: str, synonyms: bool, now: datetime
) -> str:
    """Why it does not hold now, as half a sentence; "" if it does."""
    if certificate.route != route:
        return f"it is for the route {certificate.route}"
    if certificate.vectors != vectors:
        return f"it was made with other vectors ({certificate.vectors}, not {vectors})"
    if certificate.guards != VERSION:
        return f"it was made with version {certificate.guards} of the guards, and this is {VERSION}"
    if certificate.synonyms != synonyms:
        return f"it was made with synonyms {'allowed' if certificate.synonyms else 'refused'}"
    if now >= certificate.expires_at:
        return f"it expired on {certificate.expires_at:%Y-%m-%d}"
    if now < certificate.made_at - timedelta(minutes=5):
        return f"it begins on {certificate.made_at:%Y-%m-%d}"
    return ""
