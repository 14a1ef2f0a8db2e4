"""Words that exclude each other, a line for each matter and a bar between its sides. A line that begins with
a bar goes on. Pure data."""

from __future__ import annotations

_LINES = """
on|off
enable activate|disable deactivate
open opened|close closed shut
start begin launch|stop end finish terminate|pause|restart|resume
increase raise grow rise boost improve gain
| decrease reduce lower shrink fall drop lessen decline lose
add insert include append|remove delete erase exclude drop
create make build|delete destroy
buy buying purchase|sell selling|rent|lease
borrow|lend
send sent|receive received
import|export
upload|download
encode|decode
encrypt|decrypt
compress zip|decompress unzip extract
install|uninstall remove|update upgrade|downgrade
lock|unlock
login logon log-in|logout logoff
accept approve|reject decline refuse deny
allow permit legal lawful|forbid deny block prohibit ban illegal unlawful
more bigger larger greater higher longer faster stronger|less fewer smaller lower shorter slower weaker
most max maximum largest biggest highest greatest longest tallest fastest
|least min minimum smallest lowest shortest slowest
best better top|worst worse bottom
first initial earliest|last final latest
before prior|after following|during
above over|below under beneath
up upward upwards|down downward downwards
left|right
north northern|south southern|east eastern|west western
in|out
inside indoor internal inner|outside outdoor external outer
hot warm heat|cold cool freeze
high tall|low short
big large great|small little tiny
long|short brief
fast quick rapid|slow
new newer newest modern latest|old older oldest ancient
early|late
young younger|old older elderly
good|bad
safe secure harmless|unsafe dangerous risky harmful
positive|negative|neutral
true correct right|false wrong incorrect
win winner won|lose loser lost
pros pro advantage advantages benefit benefits strengths
|cons con disadvantage disadvantages drawback drawbacks risks weaknesses
cause causes|effect effects consequence consequences symptoms|treatment treat cure
question|answer
male man men boy boys|female woman women girl girls
father dad husband son brother uncle king|mother mom mum wife daughter sister aunt queen
morning|evening|night tonight|noon afternoon
this current|last previous|next
few|many|several
part half|whole entire full
sentence|paragraph|page|line|word
happy|sad|angry
polite|rude
some any|all
weekend weekends|weekday weekdays
to|from|about
input|output
client|server
public|private
sync synchronous|async asynchronous
ascending asc|descending desc
horizontal horizontally|vertical vertically
row rows|column columns
read reading|write writing
push|pull
get fetch|set put|post
cheap cheapest inexpensive affordable|expensive costly luxury
easy easiest|hard difficult hardest
hardware|software
natural|artificial|synthetic
active|passive
singular|plural
past|present|future
love|hate
like|dislike
pass|fail
success succeed|failure fail
profit|loss
debit|credit
deposit|withdraw withdrawal
income revenue|expense expenses spending|tax taxes
assets|liabilities
gross|net
full|empty
wet|dry
heavy|light
dark|light bright
strong|weak
rich|poor
alive living life|dead death die died
born birth|died death
marry marriage|divorce
arrive arrival|depart departure leave
enter entry entrance|exit leave
attack|defend defense
show display|hide
mute|unmute
subscribe|unsubscribe cancel
follow|unfollow
connect|disconnect
attach|detach
mount|unmount
do|undo|redo
employer|employee
teacher|student
parent parents|child children
doctor|patient
landlord|tenant
summer|winter|spring|autumn fall
mitosis|meiosis
latitude|longitude
domestic|international foreign
urban|rural
online|offline
temporary|permanent
mandatory required|optional
major|minor
multiply product|divide quotient|add sum|subtract difference
even|odd
area|perimeter|volume|circumference
mean average|median|mode
gain|lose
lose losing loss|gain gaining
breakfast|lunch|dinner
cat cats|dog dogs
indoors|outdoors
renew|cancel terminate
return refund|exchange
order ordered|cancel
is are am do does has have|was were did had
was were did had|will shall
will shall|would
has have|will shall
would|did was were
i me my mine we us our|he him his|she her hers|they them their
to|from
with|without
who|whom
am|pm
summarize summarise summary summarization|translate translation|explain explanation|proofread
| rewrite rephrase paraphrase reword|shorten condense|expand elaborate lengthen|extract|critique
| classify categorize categorise|refactor|optimize optimise|debug|test|compare contrast
| define definition|calculate compute|rank|outline
eat food|drink
humans human people|animals animal
adults adult|children kids
input|output
an ein einschalten anschalten|aus ausschalten abschalten
aktivieren aktiviere einschalten|deaktivieren deaktiviere ausschalten
öffnen öffne|schließen schließe
mehr größer höher länger|weniger kleiner niedriger kürzer
vor vorher|nach nachher danach
größte größten höchste höchsten längste meisten|kleinste kleinsten niedrigste niedrigsten kürzeste wenigsten
beste besten besser|schlechteste schlechtesten schlechter
links|rechts
oben|unten
kaufen kaufe|verkaufen verkaufe|mieten miete|vermieten vermiete
hinzufügen hinzu|entfernen entferne löschen lösche
erhöhen erhöhe steigern|senken senke verringern reduzieren
erlaubt erlauben|verboten verbieten
groß große|klein kleine
alt alte älter|neu neue jung jünger
warm heiß|kalt
hoch|niedrig tief
schnell|langsam
vorteile|nachteile
anmelden anmeldung|abmelden abmeldung
hochladen|herunterladen
importieren|exportieren
installieren|deinstallieren
erste ersten erster|letzte letzten letzter
teuer|billig günstig
mit|ohne
ist sind hat|war waren hatte
war waren hatte|wird werden
ich mir mich mein meine|er ihm ihn|wir uns unser
zusammenfassen fasse zusammenfassung|übersetzen übersetze übersetzung|erklären erkläre
anfang beginn beginnt|ende endet
kündigen kündigung kündige|verlängern verlängerung verlängere
activer active activez|désactiver désactive désactivez
ouvrir ouvre|fermer ferme
plus|moins
avant|après
meilleur meilleure mieux|pire
gauche|droite
acheter achète|vendre vends|louer
ajouter ajoute|supprimer supprime enlever retirer
augmenter augmente|réduire réduis diminuer baisser
grand grande|petit petite
chaud|froid
avantages|inconvénients
premier première|dernier dernière
cher|bon-marché
avec|sans
résumer résume|traduire traduis|expliquer explique
résilier annuler|renouveler
encender activar activa activo|apagar desactivar desactiva desactivo
abrir abre|cerrar cierra
más mayor|menos menor
antes|después
mejor mejores|peor peores
izquierda|derecha
comprar compro|vender vendo|alquilar
añadir agregar añado|eliminar borrar quitar elimino
aumentar aumento subir|reducir reduzco bajar disminuir
grande|pequeño pequeña
caliente|frío
ventajas|desventajas
primero primera|último última
caro|barato
con|sin
resumir resume|traducir traduce|explicar explica
cancelar cancelo|renovar renuevo
"""

RIVALS: tuple[tuple[tuple[str, ...], ...], ...] = tuple(
    tuple(tuple(side.split()) for side in line.split("|"))
    for line in _LINES.strip().replace("\n|", "|").splitlines()
)
