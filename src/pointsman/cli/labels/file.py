"""Files of labels: in, and out."""

from __future__ import annotations

import sys
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import cast, get_args

import msgspec

from pointsman.cli.usage.report import iso
from pointsman.costs import format_usd
from pointsman.errors import InvalidRequest
from pointsman.routing.features import featurise
from pointsman.routing.graded import Graded, grade_prompts
from pointsman.routing.label import Label, read_label
from pointsman.routing.labels.grader import Grader
from pointsman.routing.labels.graders import Kind, Spec, make_grader
from pointsman.routing.labels.graders.code import RunTests
from pointsman.routing.labels.kept import Labelled, Mark, Prompt

EVERY = 10_000
"""Lines between two words of progress."""


def prepare(
    file: Path, route: str, at_us: int, progress: Callable[[int], None]
) -> list[tuple[Prompt, list[Mark]]]:
    """What is to be kept of a file, wholly read and checked before any of it is stored. All labels become
    those of the route, whatever they say themselves.

    Raises:
        InvalidRequest: it cannot be read; or names the line that is no label.
    """
    labels: list[Label] = []
    for number, line in enumerate(read_lines(file), start=1):
        if number % EVERY == 0:
            progress(number)
        if line.strip():
            label = read_label(line, f"{file.name}:{number}")
            labels.append(msgspec.structs.replace(label, route=route))
    if not labels:
        raise InvalidRequest(f"{file} has no labels: it is empty.", param="file")
    return [_row(graded, route, at_us) for graded in grade_prompts(labels)]


def read_lines(file: Path) -> Iterator[bytes]:
    """Raises InvalidRequest: it cannot be read."""
    try:
        with file.open("rb") as lines:
            yield from lines
    except OSError as error:
        raise InvalidRequest(f"{file} cannot be read: {error.strerror or error}.", param="file") from error


def _row(graded: Graded, route: str, at_us: int) -> tuple[Prompt, list[Mark]]:
    digest = blake2b(f"{route}\0{graded.id}".encode(), digest_size=16).hexdigest()
    sample = graded.sample
    prompt = Prompt(f"import:{digest}", route, sample.tenant, at_us, featurise(sample).encode(), graded.group)
    marks = []
    for model, score in graded.scores.items():
        tokens = graded.tokens.get(model, (None, None))
        marks.append(Mark(model, score, "import", at_us, "", *tokens))
    return prompt, marks


def exported_lines(labelled: Iterable[Labelled]) -> Iterator[bytes]:
    """One for each label."""
    for each in labelled:
        prompt = each.prompt
        for mark in each.marks:
            line = {
                "id": prompt.id,
                "route": prompt.route,
                "tenant": prompt.tenant,
                "group": prompt.group,
                "model": mark.model,
                "score": mark.score,
                "source": mark.source,
                "at": iso(mark.at_us),
                "input_tokens": mark.input_tokens,
                "output_tokens": mark.output_tokens,
                "cost_usd": None if mark.cost is None else format_usd(mark.cost),
                "answer_id": mark.answer or None,
                "features": None if prompt.features is None else b64encode(prompt.features).decode(),
            }
            yield msgspec.json.encode(line)


def write_lines(lines: Iterable[bytes], output: Path | None) -> int:
    """Returns how many. Raises InvalidRequest: the file cannot be written."""
    if output is None:
        return _write(lines, sys.stdout.buffer.write)
    try:
        with output.open("wb") as file:
            return _write(lines, file.write)
    except OSError as error:
        raise InvalidRequest(f"{output} cannot be written: {error.strerror}.", param="output") from error


def _write(lines: Iterable[bytes], write: Callable[[bytes], object]) -> int:
    count = 0
    for line in lines:
        write(line + b"\n")
        count += 1
    return count


def grader_for(
    kind: str,
    extract: str,
    pattern: str | None,
    schema: Path | None,
    tests: Path | None,
    run_tests: RunTests,
) -> Grader:
    """Raises InvalidRequest, ConfigurationError: there is no such, or something is missing."""
    if kind not in get_args(Kind):
        raise InvalidRequest(f"kind is one of {', '.join(get_args(Kind))}, not {kind}.", param="kind")
    spec = Spec(
        cast(Kind, kind),
        extract,
        pattern,
        None if schema is None else b"".join(read_lines(schema)),
        None if tests is None else b"".join(read_lines(tests)).decode(errors="replace"),
    )
    return make_grader(spec, run_tests, "grade")
