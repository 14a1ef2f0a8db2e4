"""Labels: how well a model answered a prompt. One JSON object a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from pointsman.errors import InvalidRequest

from .sample import Sample, sample_of


class Label(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line of a file of labels. Fields that are not known here are let pass."""

    prompt: str | list[dict[str, Any]]
    """The text, or the messages as they were sent."""
    model: str
    score: float
    """0 (useless) to 1 (as good as can be)."""
    id: str = ""
    """The same for all labels of one prompt; without it they are put together by the prompt itself."""
    group: str = ""
    """A subject or kind, for the baseline that knows nothing else; never learned from."""
    route: str = ""
    tenant: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None
    answer: str = ""
    """What the model said, where that is kept: cascades are tried on it (``cascade/offline.py``)."""

    def sample(self) -> Sample:
        return sample_of(self.prompt, route=self.route, tenant=self.tenant)


_lines = msgspec.json.Decoder(Label)


def read_label(line: str | bytes, where: str) -> Label:
    """
    Args:
        where: what an error names, such as "labels.jsonl:7".

    Raises:
        InvalidRequest: it is not a label; says why.
    """
    try:
        label = _decode(line)
        if isinstance(label.prompt, list):
            label.sample()
    except msgspec.DecodeError as error:
        if _is_exported(line):
            raise InvalidRequest(
                f"{where}: this was written by 'pointsman labels export', without prompts, as none was kept."
                " The same labels are read from the database by 'pointsman route train --route NAME' and"
                " 'pointsman route certify --route NAME'."
            ) from error
        raise InvalidRequest(
            f'{where}: {error}. A label is {{"prompt": a text or messages, "model": "…", "score": 0 to 1}}.'
        ) from error
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{where}: this is not UTF-8. Save the file as UTF-8.") from error
    if not 0.0 <= label.score <= 1.0:
        raise InvalidRequest(f"{where}: score is {label.score}, and must be from 0 to 1.", param="score")
    for name in ("input_tokens", "output_tokens"):
        tokens = getattr(label, name)
        if tokens is not None and tokens < 0:
            raise InvalidRequest(f"{where}: {name} is {tokens}, and cannot be below 0.", param=name)
    return label


_NAMES = ("id", "group", "route", "tenant")


def _decode(line: str | bytes) -> Label:
    """Other programs number their prompts, and write null for a name that there is none of."""
    try:
        return _lines.decode(line)
    except msgspec.ValidationError:
        given = msgspec.json.decode(line)
        if not isinstance(given, dict) or not any(_is_loose(given.get(name, "")) for name in _NAMES):
            raise
        for name in _NAMES:
            if _is_loose(value := given.get(name, "")):
                given[name] = "" if value is None else str(value)
        return msgspec.convert(given, Label)


def _is_loose(name: object) -> bool:
    return name is None or (isinstance(name, int) and not isinstance(name, bool))


class _Exported(msgspec.Struct):
    features: str | None
    prompt: msgspec.UnsetType | None = msgspec.UNSET


_exported = msgspec.json.Decoder(_Exported)


def _is_exported(line: str | bytes) -> bool:
    try:
        return _exported.decode(line).prompt is msgspec.UNSET
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False


def read_labels(lines: Iterable[str | bytes], name: str) -> Iterator[Label]:
    """Empty lines are passed over. Raises InvalidRequest with the number of the line."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield read_label(line, f"{name}:{number}")
