"""The settings of routing: what ``model: "auto"`` and ``"auto:NAME"`` mean."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from pointsman.config.kinds import Count, Share, Text

Policy = Literal["fixed", "cheapest", "keywords", "learned", "cascade"]
GraderKind = Literal["exact", "number", "regex", "schema", "code", "judge"]
Acceptance = Literal["agreement", "consistency", "schema", "tools", "grader", "score"]


class ShadowSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Some requests are answered by the other models of the pool too, unseen by the client, to be graded."""

    share: Annotated[Share, Meta(description="Of the route's requests; 0.01 to 0.05 is usual.")] = 0.0
    daily_usd: Annotated[
        float, Meta(ge=0, description="What shadows and their judge may cost in a day (UTC).")
    ] = 1.0
    priority: Annotated[int, Meta(ge=-1000, le=1000, description="Of its calls in the queue.")] = -100
    max_wait: Annotated[float, Meta(ge=0, description="Seconds that a shadow waits for room in limits.")] = (
        60.0
    )


class GraderSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What scores an answer. Without a kind nothing is graded, and labels come from feedback alone."""

    kind: Annotated[GraderKind | None, Meta(description="How an answer is scored.")] = None
    extract: Annotated[
        Text,
        Meta(
            description="What of an answer counts: `text`, `number` (the last one), `choice` (a letter), "
            "`json:FIELD`, `regex:PATTERN` (its first group)."
        ),
    ] = "text"
    pattern: Annotated[Text | None, Meta(description="For `regex`: what a good answer matches.")] = None
    schema: Annotated[
        Text | None,
        Meta(description="For `schema`: a file with a JSON schema; else the one that the request asks for."),
    ] = None
    tests: Annotated[
        Text | None, Meta(description="For `code`: a file of Python tests of the answer's code.")
    ] = None
    model: Annotated[Text | None, Meta(description="For `judge`: the model that judges.")] = None


class CascadeSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Cheap first; the baseline answers what is not accepted."""

    first: Annotated[
        tuple[Text, ...],
        Meta(description="Models asked first; by default the first of the pool, or two for `agreement`."),
    ] = ()
    accept: Annotated[Acceptance, Meta(description="When a first answer is believed.")] = "agreement"
    samples: Annotated[
        int, Meta(ge=2, le=16, description="For `consistency`: answers of the first model.")
    ] = 3
    share: Annotated[
        Annotated[float, Meta(gt=0, le=1)],
        Meta(description="For `consistency`: share of the answers that must say the same."),
    ] = 1.0
    least_grade: Annotated[Share, Meta(description="For `grader`: what an answer must reach.")] = 1.0
    max_loss: Annotated[
        float,
        Meta(ge=-1, le=1, description="For `score`: expected loss of quality below which cheap is asked."),
    ] = 0.0
    patience: Annotated[
        float,
        Meta(gt=0, description="Seconds that first answers may take; then the baseline is asked."),
    ] = 30.0
    certified: Annotated[
        bool,
        Meta(
            description="Ask cheap models only while a certificate is in force; false: without one too, "
            "at your own risk."
        ),
    ] = True


class AutoSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """`[auto.NAME]` is what `model: "auto:NAME"` means; `[auto.default]` is `"auto"`."""

    policy: Annotated[Policy, Meta(description="How the model is chosen.")] = "learned"
    pool: Annotated[
        tuple[Text, ...],
        Meta(description="Models to choose from: ids, aliases, PROVIDER/MODEL or routes, the weakest first."),
    ] = ()
    baseline: Annotated[
        Text | None,
        Meta(description="The strong model, that quality is held against; by default the pool's last."),
    ] = None
    floor: Annotated[
        Annotated[float, Meta(gt=0, le=1)],
        Meta(description="Share of the baseline's quality that must be kept."),
    ] = 0.98
    confidence: Annotated[
        Annotated[float, Meta(ge=0.5, lt=1)], Meta(description="With which it must be shown to be kept.")
    ] = 0.95
    certificate_days: Annotated[Count, Meta(description="Days until a certificate expires.")] = 30
    min_labels: Annotated[Count, Meta(description="Labelled prompts below which nothing is certified.")] = 500
    explore: Annotated[
        Share,
        Meta(
            description="Share of requests that go to another model than the chosen one, "
            "within what is certified."
        ),
    ] = 0.0
    sticky: Annotated[
        bool,
        Meta(
            description="A conversation stays with its model unless a switch pays for the lost prompt cache."
        ),
    ] = True
    keep_prompts: Annotated[
        bool,
        Meta(
            description="Keep the hashed features of each prompt, never its text, so that feedback can be "
            "learned from."
        ),
    ] = True
    keep_days: Annotated[Count, Meta(description="Days that decisions and features are kept.")] = 30
    shadow: ShadowSettings = ShadowSettings()
    grader: GraderSettings = GraderSettings()
    cascade: CascadeSettings = CascadeSettings()
