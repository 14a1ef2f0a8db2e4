"""What a call for "auto" carries along. Values."""

from __future__ import annotations

import msgspec

from pointsman.routing.decision import Decision
from pointsman.routing.features import Reading, read_sample
from pointsman.routing.sample import Sample
from pointsman.routing.session import Opening

from .pool import Pool
from .values import Plan


class Chosen(msgspec.Struct):
    """What a call for "auto" carries along."""

    decision: Decision
    pool: Pool
    header: tuple[bytes, bytes]
    sample: Sample | None
    reading: Reading | None
    """Of the sample, where it was needed to decide."""
    conversation: Opening | None
    """What it is known by; None where it does not count."""
    own_choice: int
    """The position that the request by itself would have been sent to."""
    first: tuple[Plan, ...] = ()
    """Of a cascade: the ways to the models that are asked first. The call's plan is that to the baseline."""

    def features(self, sample: Sample) -> bytes:
        """As they are kept. In order they are put only here, since nobody waits for it any more."""
        return (self.reading or read_sample(sample)).features().encode()
