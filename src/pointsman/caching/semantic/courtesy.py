"""Words that say nothing of what is asked, and words that only look so. Pure data."""

from __future__ import annotations

from .tables import word_set

STARTERS = word_set(
    """
    the a an of to in on at for from with by about into and or but if as so some any all i you he she it
    we they  me my your his her its our their this that these those there what's please yes no hi hello
    hey dear thanks  thank let let's tell give show list name write draft compose create make generate
    build produce design plan  explain describe define discuss outline summarize summarise translate
    convert rewrite rephrase paraphrase  correct fix check review compare contrast analyze analyse
    calculate compute solve find help suggest recommend  provide propose state identify classify extract
    sort rank count choose pick select answer ask say read use  add remove edit improve shorten expand
    simplify i'm i've i'd i'll it's that's there's who's how's where's  is are was were am do does did
    can could should would might must has have had shall won't which who  whom whose what when where why
    how give need want looking should like assuming suppose imagine consider  between during after
    before under over without although because since while once until despite according  steps ways way
    tips best good briefly quickly currently actually basically question quick simply just also  erkläre
    erkläre erklären beschreibe nenne schreibe schreib gib gib zeige zeig sag sage übersetze fasse liste
    erstelle mache mach vergleiche berechne hilf wie was wer wann wo warum welche welcher welches kann
    können soll  ist sind der die das ein eine ich du sie wir bitte hallo gibt wieso weshalb wem wen
    wozu woher wohin muss darf  explique expliquez décris décrivez écris écrivez donne donnez montre
    montrez traduis traduisez résume résumez  quel quelle quels quelles qui que quoi quand où pourquoi
    comment combien est-ce est peux peut puis je le la les  un une des bonjour salut merci dis dites
    fais faites comparez calcule calculez dans pour y-a faut dois  explica explique describe escribe
    escribir dame da muestra traduce resume haz calcula compara dime qué quién  cuál cuáles cuándo dónde
    cómo cuánto cuántos cuántas por puedo puede es son el la los las un una hola gracias  hay debo en
    para si por¿ delete cancel reset change update open close send buy repair mend order book start stop turn
    switch move copy install uninstall download upload enable disable am whom by
    """
)
"""Words that a sentence begins with and that are no names, though they are written with a capital there."""
PRONOUNS = frozenset(
    {"i", "i'm", "i've", "i'd", "i'll", "sie", "ihnen", "ihr", "ihre", "ihren", "ihrem", "ihrer"}
)
"""Written with a capital wherever they stand."""
GREETINGS = word_set(
    """
    hi hello hey please thanks bitte hallo danke bonjour salut merci hola gracias
    """
)
POLITE = word_set(
    """
    please kindly thanks thank hi hello hey dear bitte danke hallo merci bonjour salut svp gracias hola
    favor also simply really actually basically quickly maybe perhaps denn eigentlich mal
    go about look looks mean means meaning say said tell show explain describe give know want need find
    way ways possible allowed able use used using called there
    erkläre heißt nenne zeige dime explica explique puis-je
    """
)
POLITE_HAN = frozenset("请问您你我们的了吗呢吧啊呀一下么嗎請？，。！、？,.!? ")
COURTESY = word_set(
    """
    please kindly thanks thank hi hello hey dear bitte danke hallo merci bonjour salut svp gracias hola
    favor also simply really actually basically maybe perhaps denn eigentlich mal mean means
    there erkläre heißt explain nenne zeige dime explica explique
    """
)
"""What says nothing of what is asked, wherever it stands."""
WEIGHTY = word_set("want wants need needs give tell describe more less use used")
"""Small words, but the answer may hang on them where they do not just ask for it."""
