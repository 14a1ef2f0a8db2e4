"""Find out a limit that nobody tells, by being refused: shrink at once, recover slowly.

Each refusal says something exact. What went through within the minute before is the most that a limit can be
(``most``); what went through within any stretch of T minutes, divided by 1 + T, is the least
(``History.proven``). A rolling window is as large as the first, a bucket that was full at the start as the
second; one further call tells them apart, because right after the refusal a bucket has room again and a
window has not. From then on calls go out evenly, which keeps within either, and the rate follows the curve of
CUBIC (RFC 9438): below what refused us last, flat around it, and beyond it only after that was long enough
without a refusal.
"""

from __future__ import annotations

from typing import Literal

from pointsman.limits.values.limit import MINUTE_US, Dimension

from .history import History

SECOND_US = 1_000_000

LEAST_STEP, MOST_STEP = 0.015, 0.05
"""By this part, and half of what was refused, we stay below what a refusal showed the limit to be. That is
exact to within one call, so it need not be the 0.3 of CUBIC and of AWS's clients, who learn only that it was
too much."""
PLATEAU_US = 150 * SECOND_US
"""Time under load until the rate is back at what refused us last."""
LEAST = 0.5
"""No refusal shrinks a limit to less than this part, whatever it seems to show: others may use it too."""
FEW = 20
"""Fewer requests within a minute are no evidence. A provider that is away for a while, or has other reasons,
and says so with 429, must not be taken for one that allows a call a minute: for that a pause is enough."""
PROBE_US = 2 * SECOND_US
"""Before the call that tells a bucket from a window."""
LONGEST_PAUSE_US = 60 * SECOND_US
RECORD = 0.97
"""So near the most that went through before, a refusal may be for that."""
CLEARLY = 0.98
"""And so far below it, it is not."""
WITHIN = 0.25
"""Where between the most that went through and what was refused a window is taken to end."""
GROWTH = 0.005
"""By this part a second the rate grows at least, after three times that time without a refusal: what
refused us last was not the limit then."""
BUSY = 0.8
"""Only a limit that is used to this part grows."""

REQUESTS_ROW, TOKENS_ROW = 0, 1
ROWS = (REQUESTS_ROW, TOKENS_ROW)


class _Refusal:
    """What is known of one."""

    __slots__ = ("now_us", "sent_us", "sizes", "used")

    def __init__(self, sent_us: int, now_us: int, sizes: tuple[int, int], used: list[int]) -> None:
        self.sent_us = sent_us
        self.now_us = now_us
        self.sizes = sizes
        """What was refused, by row."""
        self.used = used
        """What went through within the minute before, by row."""


class Guess:
    """What is believed of one deployment's requests and tokens a minute."""

    __slots__ = (
        "acted_us",
        "first_us",
        "grown_us",
        "history",
        "load_us",
        "peaks",
        "refusals",
        "refused_us",
        "row",
        "shape",
        "sizes",
        "step",
        "top",
        "used",
    )

    def __init__(self, history: History) -> None:
        self.history = history
        self.top: float | None = None
        """What the last refusal showed the limit to be; None while there is no guess."""
        self.step = LEAST_STEP
        self.peaks = [0, 0]
        """Most that went through within a minute since the first refusal, by row."""
        self.row = REQUESTS_ROW
        """Whether it is requests or tokens that are limited."""
        self.shape: Literal["unknown", "refill", "rolling"] = "unknown"
        self.used = [0, 0]
        self.sizes = (1, 1)
        """What went through within the minute before the first refusal, and what was refused then, by row."""
        self.first_us = 0
        """The first refusal."""
        self.refused_us = 0
        self.refusals = 0
        """One after the other, with nothing let through between them."""
        self.acted_us = -1
        """Calls sent until then were under way before we slowed down; their refusals say nothing new."""
        self.load_us = 0
        """Time under load since the last refusal."""
        self.grown_us = 0

    def rate(self) -> float | None:
        """Requests or tokens (see ``row``) a minute that may be sent now."""
        if self.top is None:
            return None
        x = self.load_us / PLATEAU_US - 1
        curve = 1 + self.step * x * x * x
        if x > 2:
            curve = max(curve, (1 + GROWTH) ** ((self.load_us - 3 * PLATEAU_US) / SECOND_US))
        return self.top * curve

    @property
    def dimension(self) -> Dimension:
        """What ``rate`` is of."""
        return "rpm" if self.row == REQUESTS_ROW else "tpm"

    @property
    def unsure(self) -> bool:
        """Whether calls were refused and nothing is believed yet."""
        return self.top is None and self.refusals > 0

    def accept(self, sent_us: int) -> bool:
        """A call went through. Whether that ends being unsure."""
        if sent_us <= self.acted_us:
            return False
        surer, self.refusals = self.unsure, 0
        if self.shape == "unknown" and self.top is not None:
            self.shape = "refill"
        return surer

    def grow(self, now_us: int) -> None:
        """Let time pass; the rate recovers while it is what holds the traffic back."""
        rate = self.rate()
        step = min(now_us - self.grown_us, 5 * SECOND_US)
        self.grown_us = now_us
        if rate is None or step <= 0:
            return
        used = [self.history.within(row, now_us - MINUTE_US, now_us) for row in ROWS]
        if now_us - self.first_us > MINUTE_US:
            self.peaks = [max(peak, amount) for peak, amount in zip(self.peaks, used, strict=True)]
        if used[self.row] >= BUSY * rate:
            self.load_us += step

    def refuse(self, sent_us: int, tokens: int, wait_us: int | None, now_us: int) -> int:
        """A call was refused, and is not in the history. Microseconds for which nothing should be sent."""
        if sent_us <= self.acted_us:
            return wait_us or 0
        self.refusals += 1
        pause = min(SECOND_US << min(self.refusals - 1, 6), LONGEST_PAUSE_US)
        self.acted_us = self.grown_us = now_us
        seen = _Refusal(
            sent_us,
            now_us,
            (1, tokens),
            [max(0, self.history.within(row, sent_us - MINUTE_US, sent_us)) for row in ROWS],
        )
        if self.top is None:
            if seen.used[REQUESTS_ROW] < FEW:
                return pause if wait_us is None else wait_us
            pause = self._first(seen, wait_us)
        elif self.shape == "unknown":
            self._is_rolling()
            pause = max(pause, self._drained(now_us))
        else:
            pause = max(pause if self.refusals > 1 else 0, self._again(seen))
        assert self.top is not None
        self.top = max(self.top, self.history.largest[self.row], 1)
        blur = 0.0 if self.shape == "rolling" else seen.sizes[self.row] / self.top / 2
        self.step = min(LEAST_STEP + blur, MOST_STEP)
        self.refused_us = sent_us
        self.load_us = 0
        return min(pause, LONGEST_PAUSE_US) if wait_us is None else wait_us

    def _first(self, seen: _Refusal, wait_us: int | None) -> int:
        """The first evidence. Microseconds to pause."""
        requests, sent = seen.used
        self.row = TOKENS_ROW if seen.sizes[TOKENS_ROW] * requests > 1.2 * sent else REQUESTS_ROW
        self.first_us, self.used, self.sizes = seen.sent_us, seen.used, seen.sizes
        size = seen.sizes[self.row]
        if wait_us is not None:
            drained = self.history.drained_us(self.row, seen.now_us, seen.used[self.row] + size / 2)
            if wait_us > 5 * SECOND_US and abs(wait_us - drained) < max(3 * SECOND_US, drained // 4):
                self._is_rolling()
                return drained
            self.shape = "refill"
        self.top = max(1.0, self.history.proven(self.row, seen.sent_us, size / 2))
        return max(PROBE_US, int(1.5 * size / self.top * MINUTE_US))

    def _is_rolling(self) -> None:
        """What went through within the minute before the first refusal is what the limit is."""
        self.shape = "rolling"
        self.peaks = list(self.used)
        self.top = max(1.0, self.used[self.row] + self.sizes[self.row] * WITHIN)

    def _again(self, seen: _Refusal) -> int:
        """A further refusal: correct what is believed. Microseconds to pause."""
        assert self.top is not None
        rate = self.rate() or self.top
        switched = self._is_other(seen, rate)
        if switched:
            self.row = 1 - self.row
        used, size = seen.used[self.row], seen.sizes[self.row]
        if self.shape == "rolling":
            least, most = max(used, self.peaks[self.row]), used + size
            if least > most:  # what was let through before no longer is
                self.peaks = list(seen.used)
                least = used
            shown = least + (most - least) * WITHIN
        else:
            shown = used + size / 2
            passed = seen.sent_us - self.refused_us
            if passed > 20 * SECOND_US:
                between = self.history.within(self.row, self.refused_us, seen.sent_us) * MINUTE_US / passed
                if switched or between > LEAST * rate:
                    shown = min(shown, between)
        self.top = shown if switched else max(min(shown, rate), LEAST * rate)
        if self.shape == "rolling":
            return self._drained(seen.now_us)
        return int(size / self.top * MINUTE_US)

    def _drained(self, now_us: int) -> int:
        assert self.top is not None
        return self.history.drained_us(self.row, now_us, self.top) + SECOND_US

    def _is_other(self, seen: _Refusal, rate: float) -> bool:
        """Whether it rather is the other one that is limited: refused where more went through before, and not
        so by the other's count."""
        assert self.top is not None
        other = 1 - self.row
        below = [seen.used[row] + seen.sizes[row] < CLEARLY * self.peaks[row] for row in ROWS]
        if below[other]:
            return False
        at_peak = 0 < RECORD * self.peaks[other] <= seen.used[other]
        return below[self.row] or (self.shape == "refill" and rate <= self.top and at_peak)
