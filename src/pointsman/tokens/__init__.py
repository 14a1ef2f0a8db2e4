"""How many tokens: estimated before sending, corrected by what providers report."""

from .estimate import (
    HIDDEN_PROMPT,
    bytes_tokens,
    fits_surely,
    least_request_tokens,
    most_body_tokens,
    request_tokens,
)
from .learned import Learned, Ratio
from .pieces import count_text, least_tokens, split_tokens

__all__ = [
    "HIDDEN_PROMPT",
    "Learned",
    "Ratio",
    "bytes_tokens",
    "count_text",
    "fits_surely",
    "least_request_tokens",
    "least_tokens",
    "most_body_tokens",
    "request_tokens",
    "split_tokens",
]
