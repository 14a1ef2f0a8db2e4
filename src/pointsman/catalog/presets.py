"""Named settings for common kinds of work: ``preset:code-generation`` in the place of a model's name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from pointsman.chat import Request
from pointsman.errors import ConfigurationError

from .model import Model
from .resources import PRESET_FILE, read

PREFIX = "preset:"


class Preset(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model and its settings. None: left to the provider."""

    name: str
    description: str
    model: str
    temperature: float | None = None
    top_p: float | None = None
    max_output: int | None = None

    def with_overrides(self, overrides: Mapping[str, Any]) -> Preset:
        """This preset with some fields replaced, as the configuration file gives them.

        Raises ConfigurationError with the path of a field that does not exist or has a wrong value.
        """
        return _checked({**msgspec.to_builtins(self), **overrides}, f"presets.{self.name}")

    def fill(self, request: Request, model: Model) -> Request:
        """The request with these settings wherever the caller gave none. ``model`` is the preset's.

        ``top_p`` is left out where the model takes only one of the two sampling settings and the other is
        set; where the caller set one of them, the preset adds none. A model without them gets none.
        """
        temperature, top_p = request.temperature, request.top_p
        can = model.capabilities
        if can.sampling_params is not False:
            if can.sampling_together is not False:
                temperature = self.temperature if temperature is None else temperature
                top_p = self.top_p if top_p is None else top_p
            elif temperature is None and top_p is None:
                temperature = self.temperature
                top_p = self.top_p if temperature is None else None
        return msgspec.structs.replace(
            request,
            model=model.id,
            temperature=temperature,
            top_p=top_p,
            max_output=self.max_output if request.max_output is None else request.max_output,
        )


def load_presets(overrides: Mapping[str, Mapping[str, Any]] | None = None) -> dict[str, Preset]:
    """The packaged presets by name, with the overrides of each, and with those that the overrides add.

    Raises ConfigurationError with the path of what is wrong.
    """
    presets = {preset.name: preset for preset in msgspec.json.decode(read(PRESET_FILE), type=list[Preset])}
    for name, fields in (overrides or {}).items():
        known = presets.get(name)
        added = {"name": name, "description": "", **fields}
        presets[name] = known.with_overrides(fields) if known else _checked(added, f"presets.{name}")
    return presets


def preset_name(model: str) -> str | None:
    """The preset that a request names as its model, if it does: "preset:real-time-chat"."""
    return model[len(PREFIX) :] if model.startswith(PREFIX) else None


def _checked(fields: Mapping[str, Any], where: str) -> Preset:
    try:
        preset = msgspec.convert(fields, Preset)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"{where}: {error}", param=where) from None
    problem = _problem(preset)
    if problem:
        raise ConfigurationError(f"{where}.{problem}", param=where)
    return preset


def _problem(preset: Preset) -> str | None:
    if preset.temperature is not None and not 0 <= preset.temperature <= 2:
        return f"temperature must be from 0 to 2, not {preset.temperature}"
    if preset.top_p is not None and not 0 < preset.top_p <= 1:
        return f"top_p must be above 0 and at most 1, not {preset.top_p}"
    if preset.max_output is not None and preset.max_output < 1:
        return f"max_output must be at least 1, not {preset.max_output}"
    return None
