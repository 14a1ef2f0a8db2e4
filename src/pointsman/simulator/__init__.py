"""Providers to develop against: real dialects, limits, latencies and faults, and an invoice of their own."""

from .asgi import Simulator, app
from .config import Config
from .faults import Faults, Rule, parse_faults
from .replay import Replay, parse_replay
from .replay_file import read_replay
from .skills import Skills, parse_skills
from .skills_file import read_skills

__all__ = [
    "Config",
    "Faults",
    "Replay",
    "Rule",
    "Simulator",
    "Skills",
    "app",
    "parse_faults",
    "parse_replay",
    "parse_skills",
    "read_replay",
    "read_skills",
]
