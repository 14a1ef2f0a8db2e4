"""The demo: prompts written for the project, the official SDKs that send them, and the table at the end."""

from .ask import Asker, official_sdks
from .prompts import DemoPrompt, load_prompts, parse_prompts
from .report import Comparison, Report, Row, add_up
from .result import DemoResult

__all__ = [
    "Asker",
    "Comparison",
    "DemoPrompt",
    "DemoResult",
    "Report",
    "Row",
    "add_up",
    "load_prompts",
    "official_sdks",
    "parse_prompts",
]
