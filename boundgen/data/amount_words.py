"""Columns that hold counts or probabilities, by their names: the words of many programs and languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence

# What R, Stata, SAS, SPSS, pandas, polars, SQL and spreadsheets write, then the same in other languages; without
# accents, in lower case, and with a space for whatever is neither letter nor digit.
COUNT_WORDS = frozenset(
    """count|counts|n|nn|freq|freqs|frequency|frequencies|frequence|abs freq|absolute frequency|abs frequency|n obs|
    nobs|n rows|nrow|num rows|row count|n cases|n units|n count|n freq|n break|number of units|number of cases|
    number of observations|number of rows|no of units|no of cases|no of observations|count star|countstar|
    anzahl|haufigkeit|haeufigkeit|haufigkeiten|haeufigkeiten|absolute haufigkeit|absolute haeufigkeit|fallzahl|
    effectif|effectifs|frequence absolue|frecuencia|frecuencias|frecuencia absoluta|conteo|recuento|cantidad|
    frequencia|frequencia absoluta|contagem|quantidade|frequenza|frequenze|frequenza assoluta|conteggio|
    aantal|frequentie|antal|antall|frekvens|hyppighed|lukumaara|frekvenssi|liczba|liczebnosc|czestosc|pocet|cetnost|
    darab|gyakorisag|numar|frecventa|adet|sayi|frekans|siklik|broj|frekvencija|число|количество|частота|кількість|
    αριθμος|συχνοτητα|数量|件数|人数|个数|個數|频数|頻數|频率|度数|頻度|개수|빈도|도수|عدد|תדירות|
    jumlah|so luong|tan so""".replace("\n    ", "").split("|")
)
PROBABILITY_WORDS = frozenset(
    """probability|probabilities|prob|probs|proba|pr|proportion|proportions|prop|props|relative frequency|rel freq|
    rel frequency|relfreq|percent|percents|percentage|percentages|pct|perc|pcnt|
    wahrscheinlichkeit|relative haufigkeit|relative haeufigkeit|prozent|anteil|anteile|
    probabilite|probabilites|frequence relative|pourcentage|probabilidad|probabilidades|frecuencia relativa|
    porcentaje|proporcion|probabilidade|frequencia relativa|porcentagem|percentagem|proporcao|
    probabilita|frequenza relativa|percentuale|proporzione|kans|waarschijnlijkheid|procent|prosent|prosentti|
    sannolikhet|sandsynlighed|sannsynlighet|andel|prawdopodobienstwo|pravdepodobnost|olasilik|yuzde|
    вероятность|доля|процент|πιθανοτητα|ποσοστο|概率|機率|比例|百分比|確率|割合|확률|비율""".replace(
        "\n    ", ""
    ).split("|")
)
# Words that name a covariate as often as an amount: they are amounts only where nothing else can be meant.
PERHAPS_COUNTS = frozenset(
    """size|len|length|total|totals|total count|num|number|cases|obs|observations|units|persons|people|subjects|
    respondents|participants|somme|summe|gesamt|nombre|numero|suma|totale|totaal|cas|falle|faelle|casos|casi|
    fw|fweight|freq weight|frequency weight|v1|合计|合計|总数""".replace("\n    ", "").split("|")
)
PERHAPS_PROBABILITIES = frozenset(("p", "share", "shares", "fraction", "fractions", "part", "parts", "phat", "p hat"))
COUNT_OF = re.compile(r"(count|counts|anzahl|number|nombre|recuento|conteo|conteggio|contagem) (of|von|de|di) .+")
INDEX = re.compile(r"|unnamed: ?\d+|rownames|row[._ ]names?|\.rownames|index|level_\d+", re.IGNORECASE)


def plain_word(column: str) -> str:
    """
    >>> plain_word("_freq"), plain_word("COUNT(*)"), plain_word("Häufigkeit")
    ('freq', 'count', 'haufigkeit')
    """
    apart = unicodedata.normalize("NFKD", column).replace("%", " percent ").casefold()
    # Marks of other scripts than Latin and Greek are part of the letter.
    kept = "".join(c for c in apart if not "\u0300" <= c <= "\u036f")
    return " ".join(re.sub(r"[\W_]+", " ", unicodedata.normalize("NFC", kept)).split())


def _plain_words(words: Collection[str]) -> frozenset[str]:
    return frozenset(map(plain_word, words))


_SURE = {"counts": _plain_words(COUNT_WORDS), "probabilities": _plain_words(PROBABILITY_WORDS)}
_PERHAPS = {"counts": _plain_words(PERHAPS_COUNTS), "probabilities": _plain_words(PERHAPS_PROBABILITIES)}


def is_index(column: str) -> bool:
    """Whether a column of this name numbers the rows, as R and pandas write them."""
    return INDEX.fullmatch(column.strip()) is not None


def sure_amounts(columns: Sequence[str]) -> dict[str, list[str]]:
    """The columns whose names are words for counts and for probabilities.

    >>> sure_amounts(["A", "Freq", "_percent", "size"])
    {'counts': ['Freq'], 'probabilities': ['_percent']}
    """
    found = {kind: [column for column in columns if plain_word(column) in words] for kind, words in _SURE.items()}
    found["counts"] += [c for c in columns if COUNT_OF.fullmatch(plain_word(c)) and c not in found["counts"]]
    return found


def possible_amounts(columns: Sequence[str]) -> dict[str, list[str]]:
    """Those whose names may be such words, or covariates."""
    return {kind: [column for column in columns if plain_word(column) in words] for kind, words in _PERHAPS.items()}
