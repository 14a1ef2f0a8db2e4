"""``pointsman cache certify``: how close two questions must be to share an answer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pointsman.caching.semantic.certificate import SemanticCertificate
    from pointsman.caching.semantic.certify import Measured, NotCertified


def cache_certify(
    pairs: Annotated[
        Path, typer.Argument(help='Labelled pairs, a line each: {"a": "…", "b": "…", "same": true}.')
    ],
    route: Annotated[str, typer.Option(help="NAME of cache.semantic.NAME, whose vectors are used.")],
    max_wrong: Annotated[
        float, typer.Option(min=0.0001, max=0.5, help="Share of hits that may be wrong.")
    ] = 0.01,
    confidence: Annotated[
        float, typer.Option(min=0.5, max=0.9999, help="With which that must be shown.")
    ] = 0.95,
    threshold: Annotated[
        list[float] | None,
        typer.Option(
            min=0.01,
            max=1.0,
            help="Try only this one, chosen before the pairs were seen; fewer pairs are then enough. May be"
            " given several times. Default: ten from 0.5 to 0.99.",
        ),
    ] = None,
    days: Annotated[float, typer.Option(min=0.01, help="Until the certificate expires.")] = 90.0,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write it here. Default: where the route looks for it.")
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(
            help="The admin listener of the gateway that is asked where the vectors are a provider's."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    config: Annotated[Path | None, typer.Option(help="Settings file.")] = None,
) -> None:
    """Certify how close two questions must be to share an answer.

    Writes a certificate if one can be made, which a gateway reads when it starts; else says why, and exits
    with 1.
    """
    from datetime import UTC, datetime

    import msgspec
    from rich.console import Console

    from pointsman.caching.semantic.certificate import SemanticCertificate, encode_certificate
    from pointsman.caching.semantic.certify import THRESHOLDS, Measured, certify
    from pointsman.caching.semantic.pairs import read_pairs
    from pointsman.cli.limits.limits import usual_url
    from pointsman.clock import SystemClock
    from pointsman.errors import InvalidRequest, UpstreamUnreachable

    from .comparing import compare_here, compare_there, place_of

    place = place_of(route, config)
    try:
        labelled = read_pairs(pairs.read_bytes(), pairs.name)
    except OSError as error:
        raise InvalidRequest(f"{pairs} cannot be read: {error.strerror}.", param="pairs") from error
    questions = [(pair.a, pair.b) for pair in labelled]
    if place.settings.vectors.startswith("model:"):
        compared = compare_there(questions, route, url.rstrip("/") if url else usual_url(config))
    else:
        compared = compare_here(
            questions, place.settings.vectors, None, None, synonyms=place.settings.synonyms
        )
    measured = [
        Measured(pair.a, pair.b, pair.same, told.similarity, told.refused)
        for pair, told in zip(labelled, compared.pairs, strict=True)
        if told.similarity is not None
    ]
    if len(measured) < len(labelled):
        raise UpstreamUnreachable(
            f"For {len(labelled) - len(measured):,} of {len(labelled):,} pairs there were no vectors: the"
            " embedding model failed or was too slow. 'pointsman usage' shows its calls."
        )
    tried = tuple(threshold) if threshold else THRESHOLDS
    made = certify(
        measured,
        route=route,
        vectors=compared.vectors,
        synonyms=place.settings.synonyms,
        now=datetime.fromtimestamp(SystemClock().now_us() / 1e6, UTC),
        max_wrong=max_wrong,
        confidence=confidence,
        thresholds=tried,
        days=days,
    )
    lines = [*table(measured, tried), made_text(made)]
    if isinstance(made, SemanticCertificate):
        target = out or place.certificate
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(encode_certificate(made))
        except OSError as error:
            raise InvalidRequest(
                f"The certificate cannot be written to {target}: {error.strerror}.", param="out"
            ) from error
        lines.append(f"Written to {target}. A gateway takes it up when it starts.")
    if as_json:
        data = {"certified": isinstance(made, SemanticCertificate), **msgspec.to_builtins(made)}
        print(msgspec.json.format(msgspec.json.encode(data)).decode())
        lines = []
    console = Console(highlight=False)
    for line in lines:
        console.print(line, soft_wrap=True, markup=False)
    if not isinstance(made, SemanticCertificate):
        raise typer.Exit(1)


def table(pairs: Sequence[Measured], thresholds: Sequence[float]) -> list[str]:
    """What each threshold does on these pairs, with the guards and without."""
    same = sum(pair.same for pair in pairs)
    lines = [f"{'threshold':>9}  {'hits':>6} {'of same':>8} {'wrong':>6}   wrong without guards"]
    for threshold in sorted(thresholds):
        hits = [pair for pair in pairs if pair.hits(threshold)]
        wrong = sum(not pair.same for pair in hits)
        plain = sum(not pair.same and pair.similarity >= threshold for pair in pairs)
        found = f"{(len(hits) - wrong) / same:.0%}" if same else "-"
        lines.append(f"{threshold:>9g}  {len(hits):>6,} {found:>8} {wrong:>6,}   {plain:,}")
    return lines


def made_text(made: SemanticCertificate | NotCertified) -> str:
    """A sentence or two."""
    from pointsman.caching.semantic.certify import NotCertified

    if isinstance(made, NotCertified):
        return f"Not certified. {made.reason}"
    return (
        f"Certified: from {made.threshold:g} on, at most {made.max_wrong:.1%} of hits are wrong, with"
        f" {made.confidence:.0%} confidence: {made.wrong:,} of {made.hits:,} hits on {made.pairs:,} pairs"
        f" (p = {made.p:.2g}). Certificate {made.id}, until {made.expires_at:%Y-%m-%d}."
    )
