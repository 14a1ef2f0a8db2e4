"""What was decided for one request, and why: all that is needed to explain it later."""

from __future__ import annotations

from typing import Literal

import msgspec

from pointsman.costs import PicoUsd

from .judgement import Judgement

Reason = Literal[
    "fixed", "cheapest", "keywords", "certified", "uncertain", "explored", "stayed", "pinned", "cascade",
    "no_router", "no_certificate", "expired", "withdrawn", "other_router", "other_cascade", "other_pool",
    "other_terms", "few_labels", "unfamiliar", "ungraded", "unreadable", "cannot",
]  # fmt: skip
"""Codes, for headers and metrics: few, and kept as they are."""

WORDS: dict[Reason, str] = {
    "fixed": "the route always goes to its baseline",
    "cheapest": "the cheapest of the pool that can do the request",
    "keywords": "by the words of the prompt",
    "certified": "the cheapest model whose expected loss of quality is below the certified threshold",
    "uncertain": "no cheaper model's expected loss is below the certified threshold, so the baseline answers",
    "explored": "another model within what is certified, by chance, so that more is learned",
    "stayed": "the conversation stays with its model: a switch would not pay for the lost prompt cache",
    "pinned": "the caller asked for this model by header",
    "cascade": "cheap models are asked first, and the baseline where they are not believed",
    "no_router": "the route has no trained router in service yet, so the baseline answers",
    "no_certificate": "nothing is certified for this route yet, so the baseline answers",
    "expired": "the certificate of this route has expired, so the baseline answers",
    "withdrawn": "the certificate of this route was withdrawn, so the baseline answers",
    "other_router": "the certificate is not for the router in service, so the baseline answers",
    "other_cascade": "the certificate is not for the cascade of the settings, so the baseline answers",
    "other_pool": "router or certificate are not for the pool of the settings, so the baseline answers",
    "other_terms": "the certificate shows less than the floor of the settings, so the baseline answers",
    "few_labels": "the certificate rests on fewer labels than the settings ask for, so the baseline answers",
    "unfamiliar": "the prompt is like nothing that the router has learned from, so the baseline answers",
    "ungraded": "it gives tools or media or asks for several answers, of which no shadow is graded and so "
    "nothing certified: the baseline answers",
    "unreadable": "the prompt cannot be read, so the baseline answers",
    "cannot": "whom the policy would choose cannot do this request, so the strongest that can answers",
}
"""What the codes mean, for people."""


class Decision(msgspec.Struct, frozen=True):
    """In the order of the route's pool; the last model is its baseline."""

    route: str
    policy: str
    models: tuple[str, ...]
    position: int
    """Of the model that was chosen; what answered in the end is told by the ledger."""
    reason: Reason
    propensity: float = 1.0
    """The probability with which this model was to be chosen for this request."""
    judgement: Judgement | None = None
    threshold: float | None = None
    """Of the certificate, in the measure of the judgement's losses."""
    certificate: str = ""
    """Its id; "" where none was in force."""
    router: str = ""
    """The digest of the router that judged."""
    costs: tuple[PicoUsd | None, ...] = ()
    """Expected of each model, for the rest of the conversation where there is one; None: not known."""
    moved: Literal["", "up", "down"] = ""
    """The conversation left its model: for a stronger one or a weaker one."""
    features: bytes = b""
    """Of the prompt, encoded, where the route keeps them."""
    cascade: str = ""
    """Of a cascade: whether a cheap model's answer was believed, and why; as in "accepted:agree"."""

    @property
    def model(self) -> str:
        return self.models[self.position]

    @property
    def baseline(self) -> str:
        return self.models[-1]

    @property
    def words(self) -> str:
        """The reason, for people."""
        return WORDS[self.reason]

    @property
    def explored(self) -> bool:
        return self.reason == "explored"
