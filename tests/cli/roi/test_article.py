from __future__ import annotations

from datetime import date

from rich.console import Console

from pointsman.catalog import load_catalog
from pointsman.cli.roi.article import article_data, article_tables

TODAY = date(2026, 11, 23)
NOW_US = 1_795_435_200_000_000
CATALOG = load_catalog()


def test_the_tables_have_the_right_figures_beside_the_printed_ones() -> None:
    console = Console(width=80, highlight=False)
    with console.capture() as captured:
        console.print(article_tables(CATALOG, NOW_US, TODAY))
    lines = [" ".join(line.split()) for line in captured.get().splitlines()]
    assert max(map(len, captured.get().splitlines())) <= 80
    for line in (
        "Claude Opus 4 18.50 45.00 −26.50 claude-opus-5-5 12.00",
        "Claude Sonnet 4 4.20 9.00 −4.80 claude-sonnet-5-5 6.00",
        "Claude Haiku 4 1.15 2.40 −1.25 claude-haiku-4-5 3.00",
        "DeepSeek V3.2 0.18 0.28 −0.10 deepseek-flash 0.75",
        "Gemini 2.5 Flash 0.85 1.425 −0.575 gemini-3.8-flash 2.25",
        "all at the middle model, a month 4,200.00 7,800.00 −3,600.00 5,200.00",
        "the mix, a month 1,890.00 7,488.00 −5,598.00 4,160.00",
        "saved a year 27,720.00 3,744.00 +23,976.00 12,480.00",
        "saving 55 % 4 % 20 %",
        "haiku-4 54.55 %, sonnet-4 45.45 % (55 to 45 saves 40.3 %)",
        "haiku-4 81.82 %, sonnet-4 18.18 % (82 to 18 saves 60.1 %)",
        "and without opus-4, 70 to 30: saves 51.3 %",
        "No mix of these saves 60 %: claude-haiku-4-5 alone saves 50 %.",
    ):
        assert line in lines
    assert 'promises "40-60%"' in " ".join(lines) and "= $2.40, 4 %, or $876.00 a year" in " ".join(lines)


def test_the_same_as_data() -> None:
    data = article_data(CATALOG, NOW_US)
    assert [row["difference_usd"] for row in data["per_1k_queries"]] == [
        "-26.5",
        "-4.8",
        "-1.25",
        "-0.1",
        "-0.575",
    ]
    roi = data["roi"]
    assert (roi["printed_saving"], roi["right"]["saving"], roi["today"]["saving"]) == (0.55, 0.04, 0.2)
    assert f"{roi['without_large']['saving']:.0%}" == "51%"
    assert [len(target["mixes"]) for target in roi["reaching_today"]] == [3, 0]
    assert data["estimate_savings"]["saving"] == 0.04
