"""A cascade as evidence sees it: a model like any other, that a certificate can be made for."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pointsman.routing.evidence.point import Point, Source

from .offline import Played

CASCADE = "cascade"
"""What stands in the pool of such a certificate in the place of the models that are asked first."""


def cascade_points(
    played: Iterable[Played],
    cost: Callable[[Played, tuple[str, ...]], float],
    baseline: str,
    source: Source = "graded",
) -> list[Point]:
    """For `evidence.certify` with the pool ``(CASCADE, baseline)`` and the cascade's digest as router.

    There is one policy to be tested, so that each prompt has the same expected loss: below any threshold. As
    its familiarity stands whether the answer was believed, for the watch for drift (``watched.py``).

    Args:
        cost: of these calls for that prompt.
    """
    return [
        Point(
            losses=(-1.0, 0.0),
            scores=(each.score, each.baseline_score),
            costs=(cost(each, each.calls), cost(each, (baseline,))),
            familiarity=float(each.accepted),
            id=each.id,
            source=source,
        )
        for each in played
    ]
