"""Decisions to rows of the database and back. Pure."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from pointsman.routing.decision import Decision
from pointsman.routing.judgement import Judgement

from .kept import Decided

COLUMNS = (
    *("request_id", "at_us", "route", "tenant", "key_id", "policy", "model", "baseline", "reason"),
    *("propensity", "threshold", "certificate", "judgement", "rest", "features"),
)


class _Rest(msgspec.Struct, omit_defaults=True):
    models: tuple[str, ...]
    position: int
    router: str = ""
    costs: tuple[int | None, ...] = ()
    moved: Literal["", "up", "down"] = ""
    cascade: str = ""


_encode = msgspec.json.encode
_judgement = msgspec.json.Decoder(Judgement)
_rest = msgspec.json.Decoder(_Rest)


def row_of(decided: Decided) -> tuple[Any, ...]:
    d = decided.decision
    rest = _Rest(d.models, d.position, d.router, d.costs, d.moved, d.cascade)
    return (
        decided.request_id,
        decided.at_us,
        d.route,
        decided.tenant,
        decided.key_id,
        d.policy,
        d.model,
        d.baseline,
        d.reason,
        d.propensity,
        d.threshold,
        d.certificate,
        None if d.judgement is None else _encode(d.judgement).decode(),
        _encode(rest).decode(),
        d.features or None,
    )


def decided_of(row: tuple[Any, ...]) -> Decided:
    """Raises msgspec.DecodeError where somebody else wrote it."""
    request_id, at_us, route, tenant, key_id, policy, _, _, reason, propensity, threshold, *others = row
    certificate, judgement, rest, features = others
    more = _rest.decode(rest)
    return Decided(
        request_id,
        at_us,
        tenant,
        key_id,
        Decision(
            route,
            policy,
            more.models,
            more.position,
            reason,
            propensity,
            None if judgement is None else _judgement.decode(judgement),
            threshold,
            certificate,
            more.router,
            more.costs,
            more.moved,
            features or b"",
            more.cascade,
        ),
    )
