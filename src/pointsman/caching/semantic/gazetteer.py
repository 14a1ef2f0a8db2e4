"""Names that people write without capitals. Pure data.

Countries, their people, large cities, languages, programming languages, and makers of what is asked about
most. It cannot be complete: that is why a text without any capital letter is held to more (``guards.py``).
"""

from __future__ import annotations

_NAMES = """
afghanistan albania algeria argentina armenia australia austria azerbaijan bangladesh belarus belgium
bolivia bosnia brazil bulgaria cambodia cameroon canada chile china colombia croatia cuba cyprus czechia
denmark ecuador egypt england estonia ethiopia finland france georgia germany ghana greece guatemala haiti
honduras hungary iceland india indonesia iran iraq ireland israel italy jamaica japan jordan kazakhstan
kenya korea kosovo kuwait laos latvia lebanon libya lithuania luxembourg macedonia madagascar malaysia mali
malta mexico moldova mongolia montenegro morocco mozambique myanmar namibia nepal netherlands nicaragua
niger nigeria norway oman pakistan palestine panama paraguay peru philippines poland portugal qatar romania
russia rwanda scotland senegal serbia singapore slovakia slovenia somalia spain sudan sweden switzerland
syria taiwan tanzania thailand tunisia turkey uganda ukraine uruguay usa uk us uae eu uzbekistan venezuela
vietnam wales yemen zambia zimbabwe america europe africa asia antarctica oceania deutschland frankreich
spanien italien österreich schweiz england polen russland türkei griechenland allemagne espagne italie
suisse autriche belgique angleterre russie pologne grèce chine japon alemania francia españa italia suiza
austria bélgica inglaterra rusia polonia grecia amsterdam athens atlanta bangkok barcelona beijing berlin
bern bogota boston brussels budapest buenos cairo canberra chicago copenhagen dallas delhi denver detroit
dubai dublin edinburgh florence frankfurt geneva hamburg hanoi helsinki houston istanbul jakarta jerusalem
karachi kiev kyiv lagos lima lisbon london lyon madrid manchester manila marseille melbourne miami milan
montreal moscow mumbai munich nairobi naples oslo ottawa paris philadelphia phoenix prague rome santiago
seattle seoul shanghai stockholm sydney tehran tokyo toronto vancouver venice vienna vilnius warsaw
washington wien zurich zürich münchen köln california texas florida ohio nevada oregon alaska hawaii utah
virginia york english german french spanish italian portuguese dutch russian chinese mandarin cantonese
japanese korean arabic hebrew hindi turkish greek latin polish swedish norwegian danish finnish czech
hungarian romanian ukrainian vietnamese thai swahili american british indian mexican brazilian canadian
australian african european asian englisch deutsch französisch spanisch italienisch allemand anglais
français espagnol italien inglés alemán francés español italiano python java javascript typescript rust
golang kotlin swift ruby perl php scala haskell elixir erlang clojure fortran cobol matlab julia lua dart
bash powershell zsh css react angular vue svelte django flask fastapi rails laravel spring node nodejs deno
npm pip conda docker kubernetes terraform ansible jenkins git github gitlab linux windows macos ubuntu
debian fedora android ios iphone ipad mac postgres postgresql mysql sqlite mongodb redis kafka spark hadoop
pandas numpy pytorch tensorflow excel word powerpoint outlook teams slack zoom gmail aws azure gcp google
microsoft apple amazon meta facebook instagram twitter tiktok youtube netflix spotify tesla nvidia intel amd
openai anthropic claude gemini chatgpt llama deepseek samsung sony nintendo playstation xbox visa mastercard
paypal stripe bitcoin ethereum toyota honda ford bmw audi mercedes volkswagen einstein newton darwin
shakespeare mozart beethoven bach napoleon hitler lincoln obama trump biden putin jesus muhammad buddha
christianity islam judaism hinduism buddhism christian muslim jewish mercury venus earth mars jupiter saturn
uranus neptune pluto moon sun ibuprofen paracetamol acetaminophen aspirin
"""

NAMES = frozenset(_NAMES.split())
_TWO_MEANINGS = """
turkey china polish may march august mark will rose bill grace jobs us it who apple amazon windows word excel
java python ruby rust go swift shell oracle target gap orange bath reading nice slack zoom notion teams spring
chrome edge opera safari signal meet drive sheets pages numbers access outlook ford tesla visa
"""
TWO_MEANINGS = frozenset(_TWO_MEANINGS.split())
"""With a capital a name, without one another word."""
