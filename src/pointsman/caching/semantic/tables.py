"""The words that the guards know, by what they mean. English, German, French and Spanish, and what is common
in Italian, Portuguese and Dutch; a word that several languages share means what it means in any of them."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any


def _table(text: str, kind: type[Any] = str) -> MappingProxyType[str, Any]:
    """Lines of ``meaning: word word …``."""
    found: dict[str, Any] = {}
    for line in text.strip().splitlines():
        meaning, _, words = line.strip().partition(":")
        for word in words.split():
            found[word] = kind(meaning)
    return MappingProxyType(found)


def word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


NUMBER_WORDS = _table(
    """
    0: zero null zéro cero nil
    1: one once eins einmal un une uno una first 1st erste ersten erster premier première primero primera
    1: single
    2: two twice zwei zweimal deux dos second zweite zweiten zweiter deuxième segundo segunda double
    2: doppelt both beide pair couple
    3: three drei trois tres third dritte dritten dritter troisième tercero tercera triple thrice dreimal
    4: four vier quatre cuatro fourth vierte quatrième cuarto quadruple
    5: five fünf cinq cinco fifth fünfte cinquième quinto
    6: six sechs seis sixth sechste sixième sexto
    7: seven sieben sept siete seventh siebte septième séptimo
    8: eight acht huit ocho eighth achte huitième octavo
    9: nine neun neuf nueve ninth neunte neuvième noveno
    10: ten zehn dix diez tenth zehnte dixième décimo
    11: eleven elf onze eleventh
    12: twelve zwölf douze doce dozen dutzend douzaine docena twelfth
    13: thirteen dreizehn treize trece thirteenth
    14: fourteen vierzehn quatorze catorce fourteenth
    15: fifteen fünfzehn quinze quince fifteenth
    16: sixteen sechzehn seize dieciséis sixteenth
    17: seventeen siebzehn diecisiete seventeenth
    18: eighteen achtzehn dieciocho eighteenth
    19: nineteen neunzehn diecinueve nineteenth
    20: twenty zwanzig vingt veinte twentieth
    30: thirty dreißig trente treinta thirtieth
    40: forty vierzig quarante cuarenta fortieth
    50: fifty fünfzig cinquante cincuenta fiftieth
    60: sixty sechzig soixante sesenta sixtieth
    70: seventy siebzig septante setenta
    80: eighty achtzig huitante octante ochenta
    90: ninety neunzig nonante noventa
    100: hundred hundreds hundert cent cien ciento cientos hundredth century
    1000: thousand thousands tausend mille mil millennium
    1000000: million millions millionen millón millones
    1000000000: billion billions milliarde milliarden milliard milliards
    1000000000000: trillion trillions billionen
    """,
    int,
)
TENS = frozenset(range(20, 100, 10))

UNITS = _table(
    """
    percent: % percent percentage prozent pour pourcent pourcents porciento pct
    permille: ‰ promille
    dollar: $ dollar dollars dólares dólar usd bucks
    euro: € euro euros eur
    pound: £ pound pounds gbp lb lbs pfund libras livres
    yen: ¥ yen yuan rmb jpy cny
    rupee: ₹ rupee rupees inr
    degree: ° degree degrees grad degrés grados
    celsius: °c c celsius
    fahrenheit: °f f fahrenheit
    km: km kilometer kilometers kilometre kilometres kilomètres kilómetros
    m: m meter meters metre metres mètres metros
    cm: cm centimeter centimeters centimetre centimetres zentimeter
    mm: mm millimeter millimeters millimetres
    mile: mi mile miles meile meilen
    foot: ft foot feet
    inch: in inch inches zoll
    yard: yd yard yards
    kg: kg kilo kilos kilogram kilograms kilogramm kilogrammes kilogramos
    g: g gram grams gramm grammes gramos
    mg: mg milligram milligrams milligramm
    ton: t ton tons tonne tonnes tonnen
    ounce: oz ounce ounces
    l: l liter liters litre litres litros
    ml: ml milliliter milliliters millilitres
    gallon: gal gallon gallons
    cup: cup cups tasse tassen
    second: s sec secs second seconds sekunde sekunden secondes segundos
    ms: ms millisecond milliseconds millisekunden
    minute: min mins minute minutes minuten minutos
    hour: h hr hrs hour hours stunde stunden heure heures hora horas
    day: d day days tag tage tagen jour jours día días
    week: week weeks woche wochen semaine semaines semana semanas
    month: month months monat monate monaten mois mes meses
    year: y yr yrs year years jahr jahre jahren an ans année années año años
    b: byte bytes
    kb: kb kilobyte kilobytes kib
    mb: mb megabyte megabytes mib
    gb: gb gigabyte gigabytes gib
    tb: tb terabyte terabytes tib
    am: am
    pm: pm uhr
    v: v volt volts
    w: w watt watts
    kw: kw kilowatt kilowatts
    kwh: kwh
    hz: hz hertz
    k: k
    bn: bn
    x: x times mal fois veces
    people: people persons personen personnes personas
    """
)

CALENDAR = _table(
    """
    jan: january jan januar janvier enero
    feb: february feb februar février febrero
    mar: march märz mars marzo
    apr: april apr avril abril
    may: mai mayo
    jun: june jun juni juin junio
    jul: july jul juli juillet julio
    aug: august aug août agosto
    sep: september sep sept septembre septiembre
    oct: october oct oktober octobre octubre
    nov: november nov novembre noviembre
    dec: december dec dezember décembre diciembre
    mon: monday montag lundi lunes
    tue: tuesday dienstag mardi martes
    wed: wednesday mittwoch mercredi miércoles
    thu: thursday donnerstag jeudi jueves
    fri: friday freitag vendredi viernes
    sat: saturday samstag sonnabend samedi sábado
    sun: sunday sonntag dimanche domingo
    today: today heute hoy aujourd
    tomorrow: tomorrow morgen demain mañana
    yesterday: yesterday gestern hier ayer
    now: now currently nowadays jetzt aktuell derzeit maintenant actuellement ahora actualmente
    daily: daily täglich quotidien diario
    weekly: weekly wöchentlich hebdomadaire semanal
    monthly: monthly monatlich mensuel mensual
    yearly: yearly annual annually jährlich annuel anual
    half: half halb halbe hälfte demi moitié medio media mitad
    quarter: quarter viertel quart
    """
)

NEGATIONS = _table(
    """
    not: not nicht niet cannot cant dont wont isnt arent wasnt werent doesnt didnt shouldnt couldnt
    not: wouldnt hasnt havent hadnt mustnt neednt aint no-one не
    no: no non não nein nee kein keine keinen keinem keiner keines geen aucun aucune ningún ninguno
    no: ninguna nessun nessuno nessuna nenhum nenhuma нет
    never: never nie niemals jamais nunca jamás mai nooit никогда
    nothing: nothing nichts rien nada niente niets none
    nobody: nobody niemand personne nadie ninguém
    nowhere: nowhere nirgends nirgendwo
    neither: neither nor weder ni né nem ни tampoco
    ne: ne n
    pas: pas point guère
    without: without ohne sans sin senza sem zonder без lacking lack free-of minus
    except: except excepting excluding exclude excludes excluded unless besides außer ausser ausgenommen
    except: sauf hormis excepto salvo tranne exceto кроме
    avoid: avoid avoiding avoids prevent prevents preventing vermeiden verhindern éviter empêcher evitar
    avoid: prevenir refrain
    hardly: hardly barely rarely seldom scarcely kaum selten rarement apenas
    stop: stop stops stopping stopped quit cease aufhören arrêter cesser dejar
    fail: fail fails failed failing failure
    only: only solely exclusively nur lediglich ausschließlich seulement uniquement solo sólo solamente
    only: únicamente только
    all: all every each everything everyone everybody alle alles jeder jede jedes jeden tous toutes tout
    all: toute chaque todos todas todo toda cada все
    always: always immer toujours siempre sempre всегда
    most: most meisten plupart mayoría
    instead: instead rather statt anstatt stattdessen plutôt lieu vez
    too: too zu trop demasiado
    some: some-of
    not-to: not-to
    between: between zwischen entre
    enough: enough genug assez bastante
    """
)
NEGATIVE_PREFIXES = (
    "un",
    "in",
    "im",
    "il",
    "ir",
    "dis",
    "non",
    "de",
    "anti",
    "mis",
    "miss",
    "dés",
    "dé",
    "des",
    "ent",
)

QUESTIONS = _table(
    """
    who: who wer qui quién quiénes chi quem wie-is
    whom: whom wen
    to-whom: wem
    whose: whose wessen
    what: what whats which was welche welcher welches welchen welchem quoi quel quelle quels quelles qu
    what: qué cuál cuáles quale qual
    when: when wann quand cuándo quando
    where: where wo où dónde dove onde waar
    whereto: whither wohin adónde
    wherefrom: whence woher
    why: why warum wieso weshalb weswegen pourquoi perché waarom
    how: how wie comment cómo come hoe
    how-many: wieviel wieviele combien cuánto cuánta cuántos cuántas quanto
    """
)
HOW_MUCH = word_set(
    """
    many much viel viele long lange far weit old alt often oft big groß large tall high hoch deep tief
    fast  schnell soon heavy schwer hot cold wide breit close near late early likely common rare safe
    hard difficult  expensive teuer cheap
    """
)
FIRST_ONLY = _table(
    """
    what: que
    who: quien
    when: cuando
    where: donde
    how: como
    """
)
"""Words that ask only where they begin a sentence."""
AUXILIARIES = word_set(
    """
    is are was were am do does did can could should would will may might must has have had shall isn't
    aren't  don't doesn't can't ist sind war waren kann können soll sollte muss müssen darf dürfen hat
    habe haben wird  werden est sont peut peux puis dois doit faut es son está están puede puedo debe
    debo hay
    """
)
REQUESTING = word_set(
    """
    you du sie ihr tu vous usted puedes podrías peux pouvez kannst können könntest
    """
)

ENGLISH_AUXILIARIES = word_set(
    """
    is are was were am be been being do does did can could should would will may might must has have had
    shall isn't aren't don't doesn't didn't can't couldn't won't wouldn't shouldn't wasn't weren't
    hasn't haven't
    """
)
ENGLISH_QUESTIONS = word_set("who whom whose what whats which when where whither whence why how")

FORMS = _table(
    """
    json: json
    yaml: yaml yml
    xml: xml
    csv: csv
    table: table tables tabular tabelle tableau tabla
    markdown: markdown
    html: html
    sql: sql
    regex: regex regexp
    latex: latex
    bullets: bullet bullets bulleted stichpunkte stichpunkten puces viñetas
    haiku: haiku
    poem: poem poems poetry gedicht poème poema
    essay: essay aufsatz dissertation ensayo
    email: email e-mail mail correo courriel
    letter: letter brief lettre carta
    tweet: tweet tweets
    song: song lyrics lied chanson canción
    story: story tale geschichte histoire cuento
    joke: joke witz blague chiste
    title: title headline titel titre título
    slogan: slogan tagline
    short: briefly short concise concisely shortly kurz knapp brièvement bref court brevemente breve
    long: detailed details detail thorough thoroughly comprehensive depth ausführlich detailliert détaillé
    long: détail détails detallado detalle
    formal: formal formally professional förmlich formell formel
    casual: casual casually informal informally friendly locker
    simple: simple simply layman beginner beginners child children kid kids einfach simplement enfant niño
    simple: niños kind
    expert: expert experts advanced technical technically
    steps: step steps schritt schritte étape étapes paso pasos
    example: example examples beispiel beispiele exemple exemples ejemplo ejemplos
    code: code snippet script program function programm fonction función
    sources: source sources citation citations cite references quellen
    """
)


def _languages(text: str) -> MappingProxyType[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for line in text.strip().splitlines():
        language, _, words = line.strip().partition(":")
        for word in words.split():
            found.setdefault(word, set()).add(language)
    return MappingProxyType({word: frozenset(languages) for word, languages in found.items()})


SMALL_WORDS = _languages(
    """
    en: the a an of to in on at for from with by about into than and or but if is are was were be been am
    en: do does did can could should would will may might must have has had i you he she it we they me my
    en: your his her its our their this that these those there what which who when where why how not no
    en: yes please as so some any all more less it's i'm don't can't what's want wants need needs
    en: give tell explain describe
    de: der die das den dem des ein eine einen einem einer und oder aber wenn ist sind war waren sein bin
    de: kann können soll muss darf hat haben habe wird werden ich du er sie es wir ihr mir mich mein meine
    de: meinen dein sich im am zum zur von vom mit bei auf für über unter nach vor aus als wie was wer
    de: wann wo warum nicht kein keine bitte dass man welche welcher welches
    fr: le la les un une des du de d l et ou mais si est sont était être suis peut peux puis je tu il elle
    fr: nous vous ils elles on me mon ma mes ton votre vos son sa ses leur ce cette ces au aux en dans sur
    fr: avec pour par sans chez que qui quoi quel quelle quand où pourquoi comment combien ne n pas plus
    fr: s'il plaît y a j qu c
    es: el la los las un una unos unas de del y o pero si es son era está están estar ser puedo puede
    es: tengo tiene yo tú él ella nosotros ellos me mi mis tu su sus se lo le en con por para sin sobre
    es: entre que qué quién cuál cuándo dónde cómo cuánto no al hay como más
    it: il lo la gli le un uno una di del della dei e o ma se è sono era essere posso può ho ha io tu lui
    it: lei noi mi mio mia tuo suo si in con per da su tra che chi cosa quale quando dove perché come
    it: quanto non più al
    pt: o a os as um uma de do da dos das e ou mas se é são era ser posso pode tenho tem eu você ele ela
    pt: nós meu minha seu sua em no na com por para sem que quem qual quando onde porque como quanto não
    pt: mais ao
    nl: de het een van en of maar als is zijn was ben kan kunnen moet heeft hebben ik jij je hij zij wij
    nl: mij mijn jouw uw in op aan met voor bij uit naar dat die wat wie waar wanneer waarom hoe niet geen
    nl: ook er
    """
)

VERBS = _languages(
    """
    en: write list show name summarize summarise define convert calculate translate compare find make create
    de: schreibe nenne zeige erkläre beschreibe übersetze berechne vergleiche erstelle finde
    fr: écris écrivez montre explique décris traduis calcule compare trouve
    es: escribe muestra explica describe traduce calcula compara encuentra
    """
)
"""Commands, which tell a language where there are hardly any small words."""
