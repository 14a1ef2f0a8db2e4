from __future__ import annotations

import msgspec
import numpy as np

from pointsman.routing.evidence import Refused
from pointsman.routing.evidence.evaluation import evaluate
from pointsman.routing.evidence.page import page
from pointsman.routing.evidence.prices import at_ratio
from tests.support.routing_certificates import certificate
from tests.support.routing_tables import MODELS, table

TABLE = table(200)
EVALUATION = evaluate(TABLE, np.array(at_ratio(TABLE.prompts, MODELS).costs), "a <ratio>", resamples=100)


def test_a_page_stands_alone_and_names_what_is_compared() -> None:
    made = page(EVALUATION, certificate(), "<svg/>", "a&b.jsonl")
    for words in (
        "<svg/>",
        "a&amp;b.jsonl",
        "a &lt;ratio&gt;",
        "haiku or opus",
        "this router",
        "group prior",
    ):
        assert words in made
    assert 'class="certified"' in made
    for outside in ("http", "<script", "src=", "@import", "url("):
        assert outside not in made


def test_what_is_missing_is_said() -> None:
    alike = [msgspec.structs.replace(one, scores=dict.fromkeys(MODELS, 1.0)) for one in TABLE.prompts]
    same = msgspec.structs.replace(TABLE, prompts=alike)
    none = evaluate(same, np.array(at_ratio(alike, MODELS).costs), "a ratio")
    made = page(none, Refused(reason="Too few <labels>.", labels=3), "<svg/>", "x")
    assert "No gap" in made and 'class="refused"' in made and "Too few &lt;labels&gt;." in made
