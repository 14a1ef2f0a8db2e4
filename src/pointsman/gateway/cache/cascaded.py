"""Answers of cascades that are kept: a cheap model's answer that was believed has a key of its own.

Under the key of the baseline it would be given to who asks for the baseline by name. The other way round is
good: a cascade may be given what the baseline has said.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import msgspec

from pointsman.costs import PicoUsd
from pointsman.gateway.call.account import AttemptRecord
from pointsman.gateway.call.call import Call
from pointsman.gateway.call.values import header_value

KEPT = "kept"
"""In the place of a verdict: nobody was asked, and so nothing was believed or not."""


def believed_key(key: bytes, call: Call) -> bytes:
    """Under which the answer of a cheap model is kept, if it is believed; b"" where none is asked first.

    Another cascade would have believed others: its models and its rule are part of the key.
    """
    chosen = call.chosen
    if chosen is None or not chosen.first:
        return b""
    settings = chosen.pool.auto.settings
    rule = msgspec.json.encode((settings.cascade, settings.grader))
    words = [chosen.decision.route, *(plan.route.name for plan in chosen.first)]
    return blake2b(b"\0".join([rule, *(word.encode() for word in words)]), key=key, digest_size=32).digest()


def was_believed(call: Call, record: AttemptRecord) -> bool:
    """The answer is that of a cheap model, and stood."""
    chosen, plan = call.chosen, call.plan
    if not call.keep_believed_as or chosen is None or plan is None or record.route is plan.route:
        return False
    return chosen.decision.cascade.startswith("accepted:")


def cost_of_all(attempts: Sequence[AttemptRecord]) -> PicoUsd | None:
    """What it took to believe it: each model that was asked. None: not known."""
    cost = 0
    for record in attempts:
        if record.cost is None:
            return None
        cost += record.cost
    return cost


def note_kept(call: Call, model: str) -> None:
    """A cascade was given what is kept, which that model had said."""
    chosen = call.chosen
    if chosen is None or not chosen.first:
        return
    cheap = next((plan.route for plan in chosen.first if plan.route.name == model), None)
    position = None if cheap is None else chosen.pool.position_of(cheap)
    decision = chosen.decision
    chosen.decision = msgspec.structs.replace(
        decision, position=decision.position if position is None else position, cascade=KEPT
    )
    name, header = chosen.header
    chosen.header = (name, header + header_value(f"; cascade={KEPT}"))
