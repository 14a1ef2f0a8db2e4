"""What the simulator has to say, by language: sentences about a topic, and code about a name."""

from __future__ import annotations

from collections.abc import Mapping


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SENTENCES: Mapping[str, tuple[str, ...]] = {
    "en": (
        "The short answer is that {topic} depends on what you want to achieve.",
        "Start with the simplest version that could work, and measure it before you change anything.",
        "Most people who work with {topic} find that the first few steps matter more than the last ones.",
        "There are three things to look at: what goes in, what comes out, and what may go wrong between.",
        "If time is short, leave the details of {topic} for later and agree on the goal first.",
        "A small example makes it clearer: change one thing, keep the rest, and compare the results.",
        "It also helps to write down what you expect before you look at {topic} again.",
        "The costs are easy to underestimate, so set aside about a fifth more than you first thought.",
        "In practice, {topic} works best when one person is responsible and everyone else can see the state.",
        "None of this is hard, but it has to be done in the right order.",
        "Some sources disagree about {topic}; the newer ones tend to be more careful.",
        "Once that is in place, the rest follows without much effort.",
    ),
    "de": (
        "Kurz gesagt hängt {topic} davon ab, was Sie erreichen möchten.",
        "Beginnen Sie mit der einfachsten Lösung und messen Sie, bevor Sie etwas ändern.",
        "Bei {topic} sind die ersten Schritte meist wichtiger als die letzten.",
        "Drei Dinge sind zu beachten: was hineingeht, was herauskommt und was dazwischen schiefgehen kann.",
        "Ein kleines Beispiel macht es deutlicher: Ändern Sie nur eine Sache und vergleichen Sie.",
        "Die Kosten von {topic} werden leicht unterschätzt, planen Sie daher etwas mehr ein.",
    ),
    "fr": (
        "En bref, {topic} dépend de ce que vous souhaitez obtenir.",
        "Commencez par la version la plus simple et mesurez avant de changer quoi que ce soit.",
        "Avec {topic}, les premières étapes comptent souvent plus que les dernières.",
        "Trois points sont à vérifier : l'entrée, la sortie et ce qui peut échouer entre les deux.",
        "Un petit exemple aide : changez une seule chose, gardez le reste et comparez.",
        "Les coûts de {topic} sont faciles à sous-estimer, prévoyez donc une marge.",
    ),
    "es": (
        "En resumen, {topic} depende de lo que quiera conseguir.",
        "Empiece por la versión más sencilla y mida antes de cambiar nada.",
        "Con {topic}, los primeros pasos suelen importar más que los últimos.",
        "Hay tres cosas que revisar: lo que entra, lo que sale y lo que puede fallar en medio.",
        "Un ejemplo pequeño ayuda: cambie una sola cosa y compare los resultados.",
        "El coste de {topic} se subestima con facilidad, así que reserve un poco más.",
    ),
    "it": (
        "In breve, {topic} dipende da ciò che si vuole ottenere.",
        "Conviene iniziare dalla versione più semplice e misurare prima di cambiare qualcosa.",
        "Con {topic} i primi passi contano spesso più degli ultimi.",
        "Un piccolo esempio aiuta: si cambia una cosa sola e si confrontano i risultati.",
    ),
    "pt": (
        "Em resumo, {topic} depende do que se quer alcançar.",
        "Comece pela versão mais simples e meça antes de mudar qualquer coisa.",
        "Com {topic}, os primeiros passos costumam importar mais do que os últimos.",
        "Um pequeno exemplo ajuda: mude uma só coisa e compare os resultados.",
    ),
    "nl": (
        "Kort gezegd hangt {topic} af van wat u wilt bereiken.",
        "Begin met de eenvoudigste versie en meet voordat u iets verandert.",
        "Bij {topic} zijn de eerste stappen vaak belangrijker dan de laatste.",
        "Een klein voorbeeld helpt: verander één ding en vergelijk de uitkomsten.",
    ),
    "pl": (
        "Krótko mówiąc, {topic} zależy od tego, co chcesz osiągnąć.",
        "Zacznij od najprostszej wersji i zmierz wynik, zanim coś zmienisz.",
        "Mały przykład pomaga: zmień jedną rzecz i porównaj wyniki.",
    ),
    "tr": (
        "Kısacası {topic}, neye ulaşmak istediğinize bağlıdır.",
        "En basit sürümle başlayın ve bir şeyi değiştirmeden önce ölçün.",
        "Küçük bir örnek yardımcı olur: tek bir şeyi değiştirin ve sonuçları karşılaştırın.",
    ),
    "ru": (
        "Если коротко, {topic} зависит от того, чего вы хотите достичь.",
        "Начните с самого простого варианта и измерьте его, прежде чем что-то менять.",
        "Небольшой пример помогает: измените что-то одно и сравните результаты.",
    ),
    "el": (
        "Με λίγα λόγια, {topic} εξαρτάται από το τι θέλετε να πετύχετε.",
        "Ξεκινήστε με την πιο απλή εκδοχή και μετρήστε πριν αλλάξετε κάτι.",
    ),
    "zh": (
        "简单来说，{topic}取决于您想要达到的目标。",
        "先从最简单的方案开始，在修改之前先测量结果。",
        "一个小例子会更清楚：只改变一个因素，然后比较结果。",
    ),
    "ja": (
        "簡単に言うと、{topic}は目的によって変わります。",
        "まず最も簡単な方法から始め、変更する前に結果を測ってください。",
        "小さな例で考えると分かりやすくなります。",
    ),
    "ko": (
        "간단히 말해 {topic}은 목표에 따라 달라집니다.",
        "가장 단순한 방법으로 시작하고, 바꾸기 전에 먼저 측정하세요.",
        "작은 예를 들어 보면 더 분명해집니다.",
    ),
    "ar": (
        "باختصار، يعتمد {topic} على ما تريد تحقيقه.",
        "ابدأ بأبسط نسخة وقم بالقياس قبل أن تغيّر أي شيء.",
    ),
    "hi": (
        "संक्षेप में, {topic} इस पर निर्भर करता है कि आप क्या पाना चाहते हैं।",
        "सबसे सरल तरीके से शुरू करें और कुछ भी बदलने से पहले मापें।",
    ),
}

SCRIPTS = (
    ("ja", "\u3040", "\u30ff"),
    ("ko", "\uac00", "\ud7a3"),
    ("zh", "\u4e00", "\u9fff"),
    ("ru", "\u0400", "\u04ff"),
    ("el", "\u0370", "\u03ff"),
    ("ar", "\u0600", "\u06ff"),
    ("hi", "\u0900", "\u097f"),
)
"""Languages that show by their letters; Japanese stands before Chinese because it uses both."""

COMMON_WORDS: Mapping[str, frozenset[str]] = {
    "en": frozenset(
        [
            "the",
            "and",
            "of",
            "to",
            "is",
            "what",
            "how",
            "in",
            "a",
            "for",
            "with",
            "you",
            "that",
            "this",
            "are",
            "it",
            "can",
            "why",
        ]
    ),
    "de": frozenset(
        [
            "der",
            "die",
            "das",
            "und",
            "ist",
            "wie",
            "was",
            "ein",
            "eine",
            "ich",
            "nicht",
            "mit",
            "für",
            "auf",
            "wir",
            "sie",
            "bitte",
        ]
    ),
    "fr": frozenset(
        [
            "le",
            "la",
            "les",
            "des",
            "est",
            "une",
            "et",
            "que",
            "pour",
            "dans",
            "qui",
            "avec",
            "vous",
            "je",
            "comment",
            "quel",
        ]
    ),
    "es": frozenset(
        [
            "el",
            "los",
            "las",
            "una",
            "que",
            "por",
            "para",
            "con",
            "cómo",
            "qué",
            "es",
            "en",
            "del",
            "cuál",
            "está",
        ]
    ),
    "it": frozenset(
        ["il", "lo", "gli", "che", "per", "una", "con", "come", "cosa", "è", "sono", "della", "nel", "perché"]
    ),
    "pt": frozenset(
        [
            "o",
            "os",
            "um",
            "uma",
            "que",
            "para",
            "com",
            "como",
            "não",
            "são",
            "é",
            "em",
            "por",
            "você",
            "do",
            "da",
        ]
    ),
    "nl": frozenset(
        [
            "het",
            "een",
            "van",
            "en",
            "is",
            "wat",
            "hoe",
            "niet",
            "met",
            "voor",
            "ik",
            "je",
            "zijn",
            "dat",
            "de",
        ]
    ),
    "pl": frozenset(
        ["jak", "co", "jest", "nie", "się", "na", "do", "czy", "w", "z", "dla", "jaki", "proszę", "i"]
    ),
    "tr": _words("bir ve ne nasıl için bu mi mı ile çok olan nedir"),
}

CODE: Mapping[str, str] = {
    "python": (
        "def {name}(items: list[int]) -> int:\n"
        '    """Return the sum of all even items."""\n'
        "    return sum(item for item in items if item % 2 == 0)\n\n\n"
        "print({name}([1, 2, 3, 4]))"
    ),
    "javascript": (
        "export function {name}(items) {{\n"
        "  return items.filter((item) => item % 2 === 0).reduce((sum, item) => sum + item, 0);\n"
        "}}\n\n"
        "console.log({name}([1, 2, 3, 4]));"
    ),
    "sql": (
        "SELECT {name}.id, COUNT(*) AS orders\n"
        "FROM {name}\n"
        "JOIN orders ON orders.{name}_id = {name}.id\n"
        "GROUP BY {name}.id\n"
        "ORDER BY orders DESC;"
    ),
    "rust": (
        "fn {name}(items: &[i64]) -> i64 {{\n"
        "    items.iter().filter(|item| *item % 2 == 0).sum()\n"
        "}}\n\n"
        'fn main() {{\n    println!("{{}}", {name}(&[1, 2, 3, 4]));\n}}'
    ),
    "go": (
        "func {name}(items []int) int {{\n"
        "\tsum := 0\n"
        "\tfor _, item := range items {{\n"
        "\t\tif item%2 == 0 {{\n\t\t\tsum += item\n\t\t}}\n"
        "\t}}\n"
        "\treturn sum\n"
        "}}"
    ),
    "bash": (
        "#!/usr/bin/env bash\n"
        "set -euo pipefail\n\n"
        "{name}() {{\n"
        '  printf "%s\\n" "$@" | sort -u\n'
        "}}\n\n"
        '{name} "$@"'
    ),
}
