from __future__ import annotations

from pointsman.routing.evidence import Estimate, Refused
from pointsman.routing.evidence.certificate_text import certificate_text, percent, refusal_text
from tests.support.routing_certificates import NOW, certificate


def test_it_says_all_that_counts() -> None:
    said = "\n".join(
        certificate_text(certificate(route="mail", min_familiarity=0.2, since=NOW, until=NOW, threshold=0.1))
    )
    for words in (
        "Certified on route mail: with 95% confidence, 98.0% of opus's quality",
        "expected loss below 0.1, else opus; 40.0% of prompts to haiku, 60.0% of prompts to opus",
        "1,000 labelled prompts it kept 99.0 % (98.0 to 100.0 %)",
        "familiarity below 0.2 go to opus",
        "Saving at a price ratio of 5: 32.0 % (30.0 to 34.0 %)",
        "Labels from 2026-11-01 to 2026-11-01",
        "until 2026-12-01 12:00 UTC",
    ):
        assert words in said


def test_what_is_not_known_is_not_said() -> None:
    said = "\n".join(certificate_text(certificate(saving=None)))
    assert "Saving" not in said and "Labels from" not in said and "route" not in said.split("router")[0]


def test_a_refusal_says_why() -> None:
    refused = Refused(
        reason="Too few.", route="mail", labels=3, threshold=0.2, p=0.3, quality=Estimate(0.9, 0.8, 1.0)
    )
    assert refusal_text(refused, "opus") == [
        "Not certified on route mail: everything goes to opus.",
        "Too few.",
        "At a threshold of 0.2 it kept 90.0 % (80.0 to 100.0 %) of the quality here.",
    ]
    assert len(refusal_text(Refused(reason="Too few.", labels=3), "opus")) == 2


def test_percents_have_their_interval() -> None:
    assert percent(Estimate(0.192, 0.18, 0.204)) == "19.2 % (18.0 to 20.4 %)"
