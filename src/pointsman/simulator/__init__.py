"""Providers to develop against: real dialects, limits, latencies and faults, and an invoice of their own."""

from .asgi import Simulator, app
from .config import Config
from .faults import Faults, Rule, parse_faults
from .replay import Replay, parse_replay
from .replay_file import read_replay

__all__ = [
    "Config",
    "Faults",
    "Replay",
    "Rule",
    "Simulator",
    "app",
    "parse_faults",
    "parse_replay",
    "read_replay",
]
