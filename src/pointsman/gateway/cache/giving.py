"""Give a kept answer again: as it came, or in the form that is wanted."""

from __future__ import annotations

from functools import partial

from pointsman.caching.kept.memory import MemoryStore
from pointsman.caching.kept.stored import Stored, pack
from pointsman.errors import PointsmanError
from pointsman.gateway.attempts.sending import Account
from pointsman.gateway.call.call import Call
from pointsman.gateway.call.ports import Clock
from pointsman.gateway.call.refusal import once
from pointsman.gateway.call.respond import replay_headers
from pointsman.gateway.call.values import Answer, header_value
from pointsman.gateway.flights.retelling import UNREADABLE

from .cascaded import note_kept
from .forms import form_of, in_form
from .pacing import told_at_a_pace


class Giver:
    """For an answer cache.

    Args:
        account: books a request that was answered from here.
    """

    def __init__(self, store: MemoryStore, clock: Clock, account: Account) -> None:
        self._store = store
        self._clock = clock
        self._account = account

    async def give(self, call: Call, stored: Stored, pace: float) -> Answer | None:
        """None where it cannot be told in the form that ``call`` wants.

        Args:
            pace: events a second; 0 is all at once.
        """
        said = self._said(call, stored, pace)
        if said is None:
            return None
        arrival = call.arrival
        call.cache = "hit" if call.match is None else "similar"
        call.source, call.saved, call.answered = stored.request_id, stored.cost, stored.model
        note_kept(call, stored.model)
        call.first_byte = self._clock.monotonic()
        headers = replay_headers(call, stored, stored.age(arrival.at_us))
        if stored.dropped and (dropped := _dropped(call, stored)):
            headers.append((b"x-pointsman-dropped", header_value(",".join(dropped))))
        if not call.streams:
            self._over(call, whole=True)
            return Answer(200, headers, said)
        if not pace:
            self._over(call, whole=True)
            return Answer(200, headers, once(said))
        told = told_at_a_pace(
            said, arrival.face.stream_decoder(), pace, arrival.leave, partial(self._over, call)
        )
        await anext(told)  # begun: closing it books the request, even if nobody comes to read it
        return Answer(200, headers, told)

    def _said(self, call: Call, stored: Stored, pace: float) -> bytes | None:
        """The answer in the form that is wanted. Who wants one form will want it again, so it is kept too;
        not so what came whole and is cut in pieces, to be told at a pace."""
        form = form_of(call)
        cut = pace > 0 and form.streams and not stored.told[0].form.streams
        said = None if cut else stored.said(form)
        if said is None:
            try:
                said = in_form(stored, form, call, cut=cut)
            except (PointsmanError, *UNREADABLE):
                return None
            if not cut:
                self._store.amend(stored.key, pack(stored.also(form, said)))
        return said

    def _over(self, call: Call, whole: bool) -> None:
        self._account(call, 200, "ok" if whole and not call.arrival.leave.gone else "cut")


def _dropped(call: Call, stored: Stored) -> list[str]:
    """What was left out on the way to the provider, of what this request says in the same dialect."""
    peek = call.peek
    assert peek is not None
    if stored.told[0].form.dialect != call.arrival.face.name:
        return []
    return [name for name in stored.dropped if name.split(".")[0].split("[")[0] in peek.fields]
