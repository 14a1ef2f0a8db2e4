from __future__ import annotations

from typing import Any

from pointsman.cli.route.explain_report import explain_text
from pointsman.gateway.desk.routing_view import routing_view
from pointsman.routing.explaining import Contribution
from pointsman.routing.judgement import Judgement
from tests.support.decisions import a_decision


def view(**changes: Any) -> dict[str, Any]:
    return routing_view(a_decision(**changes), None, [None, None], [Contribution("code", -0.5)])


def test_what_is_known_is_shown() -> None:
    text = explain_text(
        view(
            reason="certified",
            policy="learned",
            position=0,
            judgement=Judgement((0.8, 0.9), (0.1, 0.0), 0.5),
            threshold=0.2,
            certificate="cert_1",
            costs=(10**12, None),
            cascade="accepted:agree",
        )
        | {"labels": 1200}
    )
    assert text.splitlines() == [
        "small: the cheapest model whose expected loss of quality is below the certified threshold (learned,"
        " certified).",
        "Cascade: accepted:agree.",
        "Certificate cert_1: losses below 0.200, on 1,200 labels.",
        "Familiarity of the prompt: 0.50 of 1.",
        "",
        "  small  answers well 80.0%, expected loss 0.100, expected cost $1",
        "  large  answers well 90.0%, expected loss 0.000",
        "",
        "For small (+) or the baseline (-):",
        "    -0.500  code",
    ]


def test_what_is_not_known_is_left_out() -> None:
    text = explain_text(view() | {"contributions": None})
    assert "Certificate" not in text and "Familiarity" not in text and "For " not in text
