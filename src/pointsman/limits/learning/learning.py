"""Learn the limits of a deployment from what its provider answers.

Three sources, the better ones first: figures in headers or in the words of a refusal; a limit on calls at
once, where refusals come at the same number of them (``places.py``); and what was let through before one
(``guess.py``). What is found is put into the ``LimitBook``; what others use of the same account is charged to
our buckets; and a wait that was asked for becomes a pause, which is a limit too: one in debt for so long.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from pointsman.errors import UpstreamRateLimited
from pointsman.limits.request.book import LimitBook, Origin, deployment_scope
from pointsman.limits.values.limit import MINUTE_US, REQUESTS, UPSTREAM_TOTAL, Amounts, Limit, make_limit
from pointsman.limits.values.port import LocalLimits, SharedLimits

from .found import found_limits, is_other, pause_limit
from .guess import REQUESTS_ROW
from .headers import Allowance, read_wait_us
from .history import SLOT_US
from .till import LocalTill, SharedTill, till_of
from .watched import ROWS, Watched
from .words import read_words

_log = logging.getLogger("pointsman.limits")

MAX_DEPLOYMENTS = 256
"""So many are watched; each keeps some 50 KB of history."""
LOOK_US = 100_000
"""Headers of one deployment are read no more often, unless they tell other limits than before."""
IDLE_US = 2 * 3_600_000_000
"""What nobody confirmed for so long is forgotten."""
LONG_US = 5_000_000
"""Who asks to wait for longer than this does not wait for a call to end: it is a rate that is limited."""
LONGEST_PAUSE_US = 3_600_000_000
"""A deployment is tried again after an hour, whatever it said."""
TOLERANCE = 0.02
"""By so much of a limit may our count and the provider's differ, before others are thought to use it too."""


class LimitLearner:
    """Keeps what a ``LimitBook`` has learned up to date, and the buckets honest.

    A deployment is PROVIDER/MODEL, as in ``Way.deployment``. Time is monotonic, in microseconds. A call is
    told of with ``see_sent`` when it leaves; with ``see_answer`` or ``see_refusal`` when its status and
    headers are there (neither, if none came); and with ``see_end`` when it is over and was not refused.

    Args:
        book: where learned limits are put.
        store: whose buckets are charged for pauses, and for what others use.
        revise: told of each limit that has another amount from now on, for requests that wait already.
    """

    def __init__(
        self,
        book: LimitBook,
        store: LocalLimits | SharedLimits,
        revise: Callable[[Limit], None] | None = None,
    ) -> None:
        self._book = book
        self._till = till_of(store)
        self._revise = revise
        self._watched: dict[str, Watched] = {}

    def __len__(self) -> int:
        """How many deployments are watched."""
        return len(self._watched)

    def see_sent(self, deployment: str, amounts: Amounts, now_us: int) -> None:
        """A call leaves for the provider; ``amounts`` are reserved for it."""
        watched = self._watched.get(deployment) or self._watch(deployment, now_us)
        watched.history.add(amounts[REQUESTS], amounts[UPSTREAM_TOTAL], now_us)

    def see_answer(self, deployment: str, headers: Mapping[str, str], now_us: int, *, sent_us: int) -> None:
        """The provider has taken a call: status below 400."""
        watched = self._watched.get(deployment) or self._watch(deployment, now_us)
        if watched.published:
            surer = watched.guess.accept(sent_us)
            if watched.places.accept(sent_us) or surer:
                watched.look_us = watched.grow_us = 0
            if sent_us > watched.refused_us:
                watched.refusals = 0
        if now_us < watched.look_us and watched.reader.unchanged(headers):
            return
        watched.look_us = now_us + LOOK_US
        self._touch(watched, now_us)
        for allowance in watched.reader.read(headers):
            self._believe(watched, allowance, "headers", now_us)
            self._reconcile(watched, allowance, now_us, sent_us)
        if watched.published and now_us >= watched.grow_us:
            self._recover(watched, now_us)

    def see_end(
        self, deployment: str, reserved: Amounts, used: Amounts, now_us: int, *, sent_us: int
    ) -> None:
        """A call is over that was not refused, and used other amounts than were reserved."""
        watched = self._watched.get(deployment)
        if watched is None:
            return
        difference = used[UPSTREAM_TOTAL] - reserved[UPSTREAM_TOTAL]
        if difference:
            watched.history.add(0, difference, sent_us)
        if watched.places.old and watched.places.end(sent_us):
            self._publish_found(watched, None, now_us)

    def see_refusal(
        self,
        deployment: str,
        error: UpstreamRateLimited,
        headers: Mapping[str, str],
        now_us: int,
        *,
        sent_us: int,
        amounts: Amounts,
        in_flight: int,
    ) -> None:
        """The provider has refused a call, with 429.

        Args:
            error: as the dialect decoded it: with the message, and ``retry_after`` if one was told.
            headers: of the refusal, with lower-case names.
            sent_us: when the call was sent, as told to ``see_sent``.
            amounts: as told to ``see_sent``.
            in_flight: calls under way at this deployment, without this one.
        """
        watched = self._watched.get(deployment) or self._watch(deployment, now_us)
        self._touch(watched, now_us)
        wait_us = read_wait_us(headers) if error.retry_after is None else int(error.retry_after * 1e6)
        allowances = watched.reader.read(headers)
        for allowance in allowances:
            self._believe(watched, allowance, "headers", now_us)
        words = read_words(error.message)
        if words.dimension is not None and words.limit is not None:
            self._believe(watched, Allowance(words.dimension, words.limit), "message", now_us)
        tokens = amounts[UPSTREAM_TOTAL]
        watched.history.add(-amounts[REQUESTS], -tokens, sent_us)
        if watched.is_explained(allowances, amounts, sent_us):
            pause_us = watched.back_off(sent_us, now_us)
        elif not words.concurrency and watched.is_odd(allowances, sent_us, now_us):
            pause_us = watched.back_off(sent_us, now_us, patient=True)
        else:
            found_us = None
            told_long = wait_us is not None and wait_us > LONG_US
            if words.concurrency or (
                not told_long and watched.places.suspects(in_flight, watched.history, sent_us)
            ):
                counted = bool(watched.published)
                found_us = watched.places.refuse(in_flight, sent_us, now_us, counted=counted)
            if found_us is None:
                found_us = watched.guess.refuse(sent_us, tokens, wait_us, now_us)
            pause_us = found_us
            self._publish_found(watched, "refusals" if wait_us is None else "retry-after", now_us)
        self._pause(watched, pause_us if wait_us is None else wait_us, now_us)
        for allowance in allowances:
            self._reconcile(watched, allowance, now_us, sent_us)

    def _touch(self, watched: Watched, now_us: int) -> None:
        if now_us - watched.seen_us > IDLE_US:
            self._forget(watched)
        watched.seen_us = now_us

    def _watch(self, deployment: str, now_us: int) -> Watched:
        if len(self._watched) >= MAX_DEPLOYMENTS:
            oldest = min(self._watched.values(), key=lambda watched: watched.seen_us)
            self._forget(oldest)
            del self._watched[oldest.name]
        watched = self._watched[deployment] = Watched(deployment, now_us)
        return watched

    def _forget(self, watched: Watched) -> None:
        """All that was learned of it."""
        for learned in self._book.learned(watched.name):
            self._book.forget(watched.name, learned.limit.id)
        watched.forget()

    def _believe(self, watched: Watched, allowance: Allowance, origin: Origin, now_us: int) -> None:
        """What a provider tells in figures holds at once, higher or lower than before."""
        shape = self._book.shape_of(watched.name)
        limit = make_limit(
            deployment_scope(watched.name),
            allowance.dimension,
            max(1, allowance.limit - watched.taken_by_others(allowance.dimension)),
            window=shape.window,
            slack_us=shape.slack_us,
            source="learned",
        )
        if watched.told.get(allowance.dimension) != limit:
            watched.told[allowance.dimension] = limit
            configured = self._book.configured(watched.name).get(allowance.dimension)
            if configured is not None and limit.amount < configured.amount:
                _log.warning(
                    "%s allows only %d %s, of which %d are configured: it is held to what it says",
                    watched.name,
                    limit.amount,
                    allowance.dimension,
                    configured.amount,
                )
        new = self._book.limit_of(watched.name, allowance.dimension) is None
        self._book.confirm(watched.name, limit, origin, now_us)
        row = ROWS.get(allowance.dimension)
        if new and row is not None and isinstance(self._till, LocalTill):  # calls from before the bucket
            self._till.charge(limit, watched.history.within(row, now_us - MINUTE_US, now_us), now_us)

    def _reconcile(self, watched: Watched, allowance: Allowance, now_us: int, sent_us: int) -> None:
        """Charge what others took: the provider has less left than it would have after our calls alone.

        Compared is the time at which the call was sent. Never the other way: nothing is given back.
        """
        limit = self._book.limit_of(watched.name, allowance.dimension)
        if isinstance(self._till, SharedTill):
            return
        if limit is None or allowance.remaining is None or limit.amount > allowance.limit:
            return
        if sent_us <= watched.charged_us.get(allowance.dimension, -1):
            return
        row = ROWS.get(allowance.dimension)
        if limit.window == "rolling":
            if row is None:
                return
            ours = watched.history.within(row, sent_us - MINUTE_US - 2 * SLOT_US, sent_us + SLOT_US)
            others = allowance.limit - allowance.remaining - max(0, ours)
            tolerance = max(2, TOLERANCE * allowance.limit)
            if watched.others_take(allowance.dimension, others, tolerance, now_us):
                self._believe(watched, allowance, "headers", now_us)
            return
        else:
            used = self._till.used(limit, now_us)
            since = watched.history.within(row, sent_us + SLOT_US, now_us) if row is not None else 0
            ours = used + limit.amount * (now_us - sent_us) // MINUTE_US - since
        others = allowance.limit - allowance.remaining - max(0, ours)
        if others > max(2, TOLERANCE * limit.amount):
            self._till.charge(limit, others, now_us)
            watched.charged_us[allowance.dimension] = now_us
            if row is not None:
                watched.history.add(*((others, 0) if row == REQUESTS_ROW else (0, others)), now_us)

    def _pause(self, watched: Watched, pause_us: int, now_us: int) -> None:
        """Send nothing for so long: charge a limit that frees one unit a microsecond."""
        until_us = now_us + min(pause_us, LONGEST_PAUSE_US)
        more = until_us - max(now_us, watched.paused_until_us)
        if more <= 0:
            return
        watched.paused_until_us = until_us
        limit = pause_limit(watched.name)
        if limit.id not in watched.published:
            self._publish(watched, limit, "refusals", now_us)
        self._till.charge(limit, more, now_us)

    def _recover(self, watched: Watched, now_us: int) -> None:
        """What was found out grows again."""
        watched.grow_us = now_us + 1_000_000
        watched.guess.grow(now_us)
        watched.places.grow(now_us)
        rate, dimension = watched.guess.rate(), watched.guess.dimension
        known = self._book.limit_of(watched.name, dimension)
        if rate is not None and known is not None and rate >= known.amount:  # as much as was known before
            watched.forget_rate()
        self._publish_found(watched, None, now_us)

    def _publish_found(self, watched: Watched, origin: Origin | None, now_us: int) -> None:
        """Let what was found out hold. What was not is counted without bounds: so its count is right once it
        is, and requests that wait by then know of it."""
        for limit in found_limits(watched):
            before = watched.published.get(limit.id)
            if before is None or is_other(before, limit):
                self._publish(watched, limit, origin, now_us)

    def _publish(self, watched: Watched, limit: Limit, origin: Origin | None, now_us: int) -> None:
        watched.published[limit.id] = limit
        self._book.confirm(watched.name, limit, origin, now_us)
        if self._revise is not None:
            self._revise(limit)
