"""The demo: prompts written for the project, the official SDKs that send them, and the table at the end."""

from .prompts.ask import Asker, official_sdks
from .prompts.prompts import DemoPrompt, load_prompts, parse_prompts
from .prompts.report import Comparison, Report, Row, add_up
from .prompts.result import DemoResult

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
