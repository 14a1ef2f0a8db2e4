from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import msgspec
import numpy as np
import pytest

from pointsman.routing.evidence import Certificate, Refused
from pointsman.routing.evidence.evaluation import Evaluation, Table, evaluate
from pointsman.routing.evidence.matplotlib import draw
from pointsman.routing.evidence.prices import at_ratio
from tests.support.routing_certificates import certificate
from tests.support.routing_tables import MODELS, table


def evaluated(made: Table) -> Evaluation:
    costs = np.array(at_ratio(made.prompts, MODELS).costs)
    return evaluate(made, costs, "a price ratio of 5", resamples=0)


@pytest.mark.parametrize(
    ("certified", "words"),
    [
        (certificate(), "certified: saves 32.0%"),
        (certificate(saving=None), "certified"),
        (Refused(reason="Too few.", labels=3), "nothing is certified"),
    ],
)
def test_a_picture_names_what_is_in_it(certified: Certificate | Refused, words: str) -> None:
    picture, vector = draw(evaluated(table(200)), certified)
    assert picture.startswith(b"\x89PNG")
    said = " ".join("".join(ElementTree.fromstring(vector).itertext()).split())
    for one in (words, "this router: APGR", "a coin: APGR 0.500", "sonnet", "floor: 98%", "best mix of two"):
        assert one in said


def test_without_a_gap_it_says_so() -> None:
    made = table(200)
    alike = [msgspec.structs.replace(one, scores=dict.fromkeys(MODELS, 1.0)) for one in made.prompts]
    _, vector = draw(evaluated(msgspec.structs.replace(made, prompts=alike)), certificate())
    assert "No gap: opus is not shown" in vector
    assert "(dominated)" in vector
