"""What ``pointsman presets`` shows. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from rich.console import Group, RenderableType
from rich.text import Text

from pointsman.catalog import Catalog, Preset, lifecycle_warning
from pointsman.cli.models.report import new_table

_WIDE = 110


def preset_table(presets: Sequence[Preset], catalog: Catalog, today: date, width: int) -> RenderableType:
    """The presets, and a line for each whose model is unknown, retired or soon will be."""
    table = new_table("preset", "model")
    for name in ("temp", "top_p", "answer"):
        table.add_column(name, justify="right", no_wrap=True)
    if width >= _WIDE:
        table.add_column("for")
    notes = [Text()]
    one_sampler = []
    for preset in presets:
        settings = (preset.temperature, preset.top_p, preset.max_output)
        table.add_row(
            preset.name,
            preset.model,
            *("–" if value is None else f"{value:,}" for value in settings),
            *((preset.description,) if width >= _WIDE else ()),
        )
        model = catalog.resolve(preset.model)
        if model is None:
            notes.append(Text(f"{preset.name}: {preset.model} is not in the catalog", style="red"))
            continue
        warning = lifecycle_warning(model, today)
        if warning:
            notes.append(Text(f"{preset.name}: {warning}", style="yellow"))
        both = preset.temperature is not None and preset.top_p is not None
        if both and model.capabilities.sampling_together is False and model.id not in one_sampler:
            one_sampler.append(model.id)
    if one_sampler:
        names = ", ".join(one_sampler)
        notes.append(Text(f"{names} take temp or top_p, not both: top_p is left out.", style="dim"))
    usage = Text('Use one as the model\'s name: "model": "preset:NAME"', style="dim")
    return Group(table, *notes, usage)
