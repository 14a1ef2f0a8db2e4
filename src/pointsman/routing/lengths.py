"""How long conversations are: learned as they come. Pure."""

from __future__ import annotations

MOST = 64
"""Turns that are told apart; a conversation that has had more is taken for one of so many."""
_PRIOR = 4.0
"""Conversations that are taken to have been seen before. They lasted as much longer as they had lasted, which
is so where lengths have heavy tails: what remains of a Pareto variable with exponent 1 has what has passed as
its median; and a dozen turns at least, since a
move too late costs more in a long conversation than one too early does in a short one."""
_PRIOR_LEAST, _PRIOR_MOST = 12, 16
_ENOUGH = 4096
"""Conversations after which all counts are halved, so that what is recent counts most."""


class Lengths:
    """Of the conversations of one route."""

    def __init__(self) -> None:
        self._reached = [0.0] * (MOST + 1)
        """How many had a turn of that number, from 1 on."""

    def reached(self, turn: int) -> None:
        """A conversation had its turn of that number."""
        self._reached[min(turn, MOST)] += 1.0
        if turn == 1 and self._reached[1] >= _ENOUGH:
            self._reached = [count / 2 for count in self._reached]

    def to_come(self, turn: int) -> float:
        """Turns that are expected from that number on, itself among them: at least 1.

        Conversations that are not over yet count as if they were, so it is rather too few.
        """
        turn = min(turn, MOST)
        there = self._reached[turn]
        more = sum(min(count, there) for count in self._reached[turn:])
        return max(1.0, (more + _PRIOR * min(max(turn, _PRIOR_LEAST), _PRIOR_MOST)) / (there + _PRIOR))
