"""What ``route certify`` goes by: labelled prompts, and the terms that hold where no others are given."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import msgspec

from pointsman.errors import InvalidRequest
from pointsman.routing.evidence import Certificate, Point, encode_certificate, point_of
from pointsman.routing.router import Router
from pointsman.routing.tuning import LEAST_FAMILIARITY

from .gathered import RoutePlace, held_back
from .labels import check_models, check_unseen, graded_in, priced


class Evidence(msgspec.Struct, frozen=True):
    points: list[Point]
    prices: str
    """At which the points' costs are, in words."""
    least: float
    """Familiarity of a prompt that the router may choose for."""
    floor: float
    confidence: float
    min_labels: int
    days: float
    """Until the certificate expires."""


def imported_evidence(
    labels: Path, route: str | None, judge: Router, now: datetime, prices: Path | None, ratio: float | None
) -> Evidence:
    """From a file. Raises InvalidRequest where it has no labels of the route, or of the router's models, or
    those that the router was trained on."""
    graded = graded_in(labels, route)
    check_models(graded, judge.models)
    check_unseen(graded, judge)
    prompts = [one for one in graded if one.has(judge.models)]
    found = priced(prompts, judge.models, now, prices, ratio)
    points = [
        point_of(one, judge.judge(one.sample), judge.models, costs, "import")
        for one, costs in zip(prompts, found.costs, strict=True)
    ]
    return Evidence(points, found.words, LEAST_FAMILIARITY, 0.98, 0.95, 500, 30.0)


def gathered_evidence(place: RoutePlace, judge: Router, today: date) -> Evidence:
    """From the half of a gateway's labels that its routers are not trained on; the terms are its route's."""
    points, least, prices = held_back(place, judge, today)
    own = place.auto.settings
    return Evidence(
        points, prices, least, own.floor, own.confidence, own.min_labels, float(own.certificate_days)
    )


def write_certificate(out: Path, made: Certificate) -> None:
    """Raises InvalidRequest where it cannot be written there."""
    try:
        out.write_bytes(encode_certificate(made))
    except OSError as error:
        raise InvalidRequest(
            f"The certificate cannot be written to {out}: {error.strerror}.", param="out"
        ) from error
