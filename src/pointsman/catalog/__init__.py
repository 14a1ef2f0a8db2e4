"""What is known of the models: names, limits, abilities, prices and lifecycle, and the presets on top."""

from .catalog import Catalog, load_catalog, successor_of
from .check import check_request, prompt_limit
from .lifecycle import NOTICE_DAYS, days_left, is_retired, lifecycle_warning, retires_within, status_on
from .model import Capabilities, Model, OffPeak, PriceBand, PriceList, Rates, Status
from .presets import Preset, load_presets, preset_name

__all__ = [
    "NOTICE_DAYS",
    "Capabilities",
    "Catalog",
    "Model",
    "OffPeak",
    "Preset",
    "PriceBand",
    "PriceList",
    "Rates",
    "Status",
    "check_request",
    "days_left",
    "is_retired",
    "lifecycle_warning",
    "load_catalog",
    "load_presets",
    "preset_name",
    "prompt_limit",
    "retires_within",
    "status_on",
    "successor_of",
]
