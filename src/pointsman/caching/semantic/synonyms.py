"""Words that say the same wherever they stand, a line for each. Pure data.

Only what cannot change an answer: "fix" for "repair", not "update" for "change" or "error" for "bug". Where a
word has a second meaning, the rest of the question would have to make sense with it for a hit to be wrong.
"""

from __future__ import annotations

from types import MappingProxyType

_LINES = """
fix repair mend
buy purchase
begin start commence
delete remove erase
hard difficult
quick fast rapid speedy
quickly fast
quickest fastest
quicker faster
big large
bigger larger
biggest largest
colour color
favourite favorite
flavour flavor
neighbour neighbor
behaviour behavior
honour honor
labour labor
harbour harbor
humour humor
centre center
theatre theater
metre meter
litre liter
fibre fiber
tyre tire
grey gray
licence license
defence defense
programme program
aeroplane airplane plane
jewellery jewelry
mould mold
travelling traveling
cancelled canceled
labelled labeled
organise organize
recognise recognize
summarise summarize
optimise optimize
customise customize
analyse analyze
advantages benefits
advantage benefit
disadvantages drawbacks
disadvantage drawback
film movie
photo picture photograph
phone telephone
mobile cellphone
tv television
car automobile
doctor physician
sofa couch
flat apartment
garbage trash rubbish
mum mom mother
dad father
shop store
parcel package
calculate compute
compose write
permit allow
ill sick
assist help
choose select
happen occur
obtain get
cost costs price prices
modify change alter
ship deliver
shipping delivery
cellar basement
lawyer attorney
luggage baggage
timetable schedule
petrol gasoline
trousers pants
required needed necessary need require
vegetarian veggie
website webpage
handbook manual
trip journey
salary wage
tasty delicious
huge enormous
quiet silent
angry furious
currently current
anybody anyone
somebody someone
reservation booking
reserve book
"""


def _read() -> MappingProxyType[str, str]:
    found: dict[str, str] = {}
    for line in _LINES.strip().splitlines():
        words = line.split()
        for word in words:
            found.setdefault(word, words[0])
    return MappingProxyType(found)


SYNONYMS = _read()
"""Word → the one that is read in its place."""
