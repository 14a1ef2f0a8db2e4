"""Learn how many tokens a provider really counts, from the usage it reports, on a sample of the calls."""

from __future__ import annotations

from pointsman.chat import Usage
from pointsman.errors import RequestError
from pointsman.gateway.call.account import AttemptRecord
from pointsman.gateway.stream.pipes import Pipe
from pointsman.tokens import Learned, request_tokens

EAGER = 8
"""The first calls of each model are all looked at …"""
EVERY = 64
"""… and then one of so many: an estimate takes a hundred times as long as the rest of the accounting."""
MAX_BYTES = 256 * 1024
MAX_MODELS = 1000
"""A caller may choose a name freely, as PROVIDER/NAME: of how many names something is kept."""


class Learner:
    """Keeps ``ratios`` up to date."""

    def __init__(self) -> None:
        self.ratios = Learned()
        self._seen: dict[str, int] = {}

    def see_prompt(self, record: AttemptRecord, usage: Usage) -> None:
        """A call has told the tokens of its prompt."""
        name = record.route.name
        seen = self._seen.get(name, 0)
        if not seen and len(self._seen) >= MAX_MODELS:
            return
        self._seen[name] = seen + 1
        if (seen >= EAGER and seen % EVERY) or len(record.sent_body) > MAX_BYTES:
            return
        try:
            request = record.route.dialect.decode_request(record.sent_body)
        except RequestError:
            return  # what passes through may hold what only its provider knows
        self.ratios = self.ratios.observe(name, estimated=request_tokens(request), real=usage.prompt)

    def see_output(self, record: AttemptRecord, pipe: Pipe) -> None:
        """A stream has told the tokens of its output; what went by can be counted too."""
        name = record.route.name
        seen = self._seen.get(name, 0)
        if not seen or (seen > EAGER and seen % EVERY) or pipe.usage is None:
            return
        delivered = pipe.delivered().output_tokens
        visible = pipe.usage.output - pipe.usage.reasoning
        self.ratios = self.ratios.observe(f"{name} output", estimated=delivered, real=visible)
