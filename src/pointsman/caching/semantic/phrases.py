"""Phrases that say the same as another one, which is what the guards then read. Pure data, English.

A line is ``what is read: phrase
A line is ``what is read: phrase``. Between slashes stand words of which any will do, "-" among them for
none. ``START`` are phrases that a text begins with and that say nothing of what is asked; a word with a
hyphen is no word of any text, but one for the guards.
"""

from __future__ import annotations

from itertools import product
from types import MappingProxyType

_ANYWHERE = """
when-time: at/- what/which time/hour
when-year: in/- what/which year
when-day: on/- what/which day/date
when-month: in/- what/which month
why: how come | for/- what/which reason/reasons | what is/was/- the reason for/behind
why: what are/- the reasons for/behind
what the best time: when is/- the best time | what is the best time
how i: what is/- the/a way to | what is/- a/the good/right/proper/correct way to
how i: how do/would/should/can i/we go about
how i: how should/would/could/might/can/do/does i/we/one
how: how to
where is: where do/can/could/would i/we/one find
how-tall: how tall/high is/are/was/were/- | what is/was/- the height of
how-long: what is/was/- the length/duration of
how-deep: how deep is/are/was/- | what is/was/- the depth of
how-wide: how wide is/are/was/- | what is/was/- the width of
how-heavy: how heavy is/are/was/- | what is/was/- the weight of
how-old: how old is/are/was/were/- | what is/was/- the age of
how-big: how big/large is/are/was/were/- | what is/was/- the size of
how-far: how far is/are/- | how far away is/are/- | what is/- the distance to
how-fast: how fast is/are/- | what is/- the speed of
how-many-people: how many people live in | how many inhabitants/residents does/do
how-many-people: what is/- the population of | how many people are/- there in
who founded: who is/was/were/- the founder/founders of
who invented: who is/was/were/- the inventor/inventors of | by whom was invented
who discovered: who is/was/were/- the discoverer/discoverers of
who created: who is/was/were/- the creator/creators of
who painted: who is/was/- the painter of
who wrote: who is/was/- the author/authors/writer/writers of
who composed: who is/was/- the composer of
is there a: do you have/offer a/an/any/some | are/is there a/an/any/some
is there: do you offer | are there | is there
what i: what to
which i: which to
where i: where to
when i: when to
who i: who/whom to
pause to: stop to
per monday: every/each monday
per tuesday: every/each tuesday
per wednesday: every/each wednesday
per thursday: every/each thursday
per friday: every/each friday
per saturday: every/each saturday
per sunday: every/each sunday
per weekend: every/each weekend
per morning: every/each morning
per evening: every/each evening
per night: every/each night
summarize: write/make/- a/the summary of | make/write me a summary of
how-much: how much is/are/was/were/- | what is/are/was/were/- the price/cost/prices/costs of
with: with the help of | by means of | by using | using | via
about: regarding | concerning
because of: due to
per day: each/every/a day
per week: each/every/a week
per month: each/every/a month
per year: each/every/a year
per hour: each/every/an hour
enable: turn on | switch on
disable: turn off | switch off
remove: get rid of
contact: get/be in touch with
contact customer: reach customer
contact support: reach the/- support
register for: sign up for
register: sign up
login: log in | sign in | logging in | signing in | logged in | signed in
logout: log out | sign out | log off | logging out | signing out
setup: set up | setting up
wifi: wi fi
email: e mail
pick-up: pick up | picking up
fill-in: fill in | fill out | filling in | filling out
formerly: used to
some-of: some of
several: a few
somewhat: a little/bit
may i: am i allowed/permitted/able to | is it possible/okay/ok/allowed/permitted/alright/fine to
may i: is it possible/okay/ok/allowed/permitted/fine for me to
may i: is it ok/okay/possible/fine/allowed if i
may we: are we allowed/permitted/able to
may: am/is/are/was/were/be/- allowed/permitted/able to
can not: am/is/are/was/were/be/- unable to
must: have/has/had/got/having to | have/has got to | need/needs/needed to
must: is/are/am/was/be/- required/obliged/forced to | is it necessary/mandatory to
must: is it necessary/mandatory for me to
should: ought to | am i/we supposed/advised to | is/are/am supposed/advised/recommended to
do not: no longer
not-to: not to
"""

_START = """
can/could/would/will you please/kindly/- tell/show/give/explain me/us/to about/-
can/could/would/will you please/kindly/- explain/describe/define
can/could/would/will you please/kindly/- help me/us to/-
can/could/would/will you please/kindly
please/- help me/us to
please/- tell/show/give me/us about/-
please/- explain/describe to me/us
please/- explain/describe/define
please/- list/name the/all
please/- calculate/compute
please let me/us know
let me/us know
i/we want/need/wish to know
i/we want/need/wish to
i/we would like to
i'd/we'd like to
i/we would/'d/- like to know/ask/understand
i'd/we'd like to know/ask/understand
i am/was/- wondering
i'm wondering
do you know
do you happen to know
does anyone/anybody know
any idea
quick question
"""


def _patterns(text: str) -> list[tuple[str, ...]]:
    choices = [part.split("/") for part in text.split()]
    return [tuple(word for word in chosen if word != "-") for chosen in product(*choices)]


def _read() -> MappingProxyType[tuple[str, ...], tuple[str, ...]]:
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for line in _ANYWHERE.strip().splitlines():
        target, _, said = line.partition(":")
        for phrase in said.split("|"):
            for pattern in _patterns(phrase):
                found.setdefault(pattern, tuple(target.split()))
    return MappingProxyType(found)


ANYWHERE = _read()
"""Words → the words that are read in their place."""
START = frozenset(pattern for line in _START.strip().splitlines() for pattern in _patterns(line))
LONGEST = max(map(len, (*ANYWHERE, *START)))


def _lengths() -> MappingProxyType[str, tuple[int, ...]]:
    found: dict[str, set[int]] = {}
    for pattern in ANYWHERE:
        found.setdefault(pattern[0], set()).add(len(pattern))
    return MappingProxyType({word: tuple(sorted(lengths, reverse=True)) for word, lengths in found.items()})


LENGTHS = _lengths()
"""First word → lengths of the phrases that begin with it, the longest first."""
