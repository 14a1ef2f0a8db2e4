"""A certificate: that a router at a threshold keeps a share of the baseline's quality, and what was seen.

What it says is this. If later traffic is exchangeable with the labelled prompts (the same mix of work, models
that have not changed, nobody choosing prompts for what the router does with them), then in at least
``confidence`` of all such certificates the mean score of what is chosen is at least ``floor`` times the
baseline's. It says nothing of a single prompt, of a group within the traffic, or of traffic that has changed:
for that there are an end to its life and the monitor of drift.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import blake2b

import msgspec

from pointsman.errors import InvalidRequest
from pointsman.routing.judgement import Judgement, choose

from .estimate import Estimate
from .fingerprint import Fingerprint


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    id: str = ""
    """A digest of all the rest."""
    route: str = ""
    """The route that it holds for; "" is all the traffic that the labels stand for."""
    router: str
    """Digest of the router's file."""
    pool: tuple[str, ...]
    """The router's models; the last is the baseline."""
    costs: tuple[float, ...]
    """Mean cost of an answer of each model: what the certified policy compares, whatever the prompt."""
    threshold: float
    min_familiarity: float
    """Prompts less familiar than this go to the baseline."""
    floor: float
    confidence: float
    labels: int
    """Labelled prompts that it rests on."""
    data: str
    """Digest of them."""
    since: datetime | None = None
    until: datetime | None = None
    """When they were answered, where that is known."""
    quality: Estimate
    """Of the baseline's, that the policy keeps on these labels; 1 is all of it. The interval is that of a
    normal approximation around what was measured; what is certified is the floor."""
    shares: tuple[float, ...]
    """Of prompts, to each model."""
    saving: Estimate | None
    """Of what the baseline alone would cost. None where no costs are known."""
    prices: str
    """Which prices the saving is reckoned at, in words."""
    p: float
    """Of the test at this threshold."""
    made_at: datetime
    expires_at: datetime
    fingerprint: Fingerprint

    @property
    def baseline(self) -> str:
        return self.pool[-1]

    def position(self, judgement: Judgement) -> int:
        """Of the model in the pool that the certified policy chooses."""
        if judgement.familiarity < self.min_familiarity:
            return len(self.pool) - 1
        return choose(judgement.losses, self.costs, self.threshold)

    def is_valid(self, now: datetime, router: str) -> bool:
        return self.router == router and self.made_at - timedelta(minutes=5) <= now < self.expires_at


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing can be certified: everything goes to the baseline."""

    reason: str
    """A sentence for people."""
    route: str = ""
    labels: int
    threshold: float | None = None
    """The safest that sends anything elsewhere, which failed; None where none was tried."""
    p: float | None = None
    """Of the test there."""
    quality: Estimate | None = None
    """Of the baseline's, that it would have kept on these labels."""


def seal(certificate: Certificate) -> Certificate:
    """With the id that its content has."""
    bare = msgspec.structs.replace(certificate, id="")
    digest = blake2b(msgspec.json.encode(bare), digest_size=10).hexdigest()
    return msgspec.structs.replace(certificate, id=f"cert_{digest}")


def encode_certificate(certificate: Certificate) -> bytes:
    return msgspec.json.format(msgspec.json.encode(certificate))


def decode_certificate(data: bytes | str) -> Certificate:
    """Raises InvalidRequest where it is none, or not the one that was sealed."""
    try:
        certificate = msgspec.json.decode(data, type=Certificate)
    except msgspec.DecodeError as error:
        raise InvalidRequest(
            f"This is no certificate: {error}. 'pointsman route certify' makes one."
        ) from error
    if len({len(certificate.pool), len(certificate.costs), len(certificate.shares)}) != 1:
        raise InvalidRequest("This certificate does not fit together: its pool, costs and shares differ.")
    if seal(certificate).id != certificate.id:
        raise InvalidRequest(
            "This certificate is not as it was made: its id does not fit its content. Certify again with"
            " 'pointsman route certify'."
        )
    return certificate
