"""Whether a table holds micro-data, counts or probabilities, and in which column: by names, by values, or by asking.

A table of counts that is read as micro-data gives bounds of as many units as it has rows, and nothing looks wrong. So
what could be a table is never taken for micro-data: it is recognised, declared, or refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from math import prod

from boundgen.data.table import Table
from boundgen.data.tally import count_value, probability_value
from boundgen.data.texts import Text, as_number, is_missing, listed, looks_numeric
from boundgen.errors import DataError
from boundgen.work.limits import Report

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
# Larger files are no tables, and more columns than these are no table's.
MOST_ROWS, MOST_FURTHER = 5_000, 8
MOST_CELLS_PER_ROW = 4


@dataclass(frozen=True)
class Said:
    """What the caller says about amounts.

    Parameters
    ----------
    kind : {"auto", "microdata", "counts", "probabilities"}
    counts, probabilities, weights : str or None
        Columns.
    takes_probabilities : bool
        Whether probabilities can be used.
    """

    kind: str
    counts: str | None = None
    probabilities: str | None = None
    weights: str | None = None
    takes_probabilities: bool = True

    def declared(self, columns: Sequence[str]) -> tuple[str, str] | None:
        """The kind and column that an option names, where the table has it."""
        named = {"counts": self.counts, "probabilities": self.probabilities}
        found = [(kind, column) for kind, column in named.items() if column is not None and column in columns]
        return found[0] if found else None


@dataclass(frozen=True)
class Read:
    """The columns of a table that are read.

    Parameters
    ----------
    variables : tuple of str
        Those of which all possible values are declared.
    others : tuple of str
        Any others: cut variables, conditions, covariates, clusters.
    known : tuple of str
        Columns that have a meaning without being read.
    """

    variables: tuple[str, ...]
    others: tuple[str, ...] = ()
    known: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.variables, *self.others)))


# ---------------------------------------------------------------- by names
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


# ---------------------------------------------------------------- what is decided
def kind_of(table: Table, read: Read, said: Said, report: Report) -> tuple[str, str | None]:
    """What a table holds, and the column of amounts; None for micro-data.

    Raises
    ------
    DataError
        Where it could be several, and for options that contradict each other.
    """
    _check_said(table, read, said)
    declared = said.declared(table.columns)
    if declared:
        return declared
    if said.kind == "microdata":
        return "microdata", None
    free = [column for column in table.columns if column not in {*read.all, *read.known}]
    if said.kind == "auto":
        return _guessed(table, read, said, [column for column in free if column != said.weights], report)
    return said.kind, _only(table, said.kind, free)


def _check_said(table: Table, read: Read, said: Said) -> None:
    if said.counts is not None and said.probabilities is not None:
        raise DataError("--counts and --probabilities exclude each other", remedy="Name one column.")
    for kind, column in (("counts", said.counts), ("probabilities", said.probabilities)):
        if column is None:
            continue
        if said.kind not in ("auto", kind):
            raise DataError(f"--{kind} and --kind {said.kind} exclude each other", remedy="Leave --kind out.")
        if column in (*read.all, *read.known):
            raise DataError(
                f"column '{column}' cannot be both what is analysed and the {kind}", remedy="Name another column."
            )
        if column in table.columns:
            table.check(column, f" for {kind}", "")


def _only(table: Table, kind: str, free: Sequence[str]) -> str:
    """The column of amounts, where their kind was said."""
    found = sure_amounts(free)[kind] or possible_amounts(free)[kind]
    if not found:
        raise DataError(
            f"{table.name}: no column is known to hold {kind}",
            remedy=f"Name it: --{kind} COLUMN; columns: {listed(table.columns)}",
        )
    if len(found) > 1:
        raise DataError(f"{table.name}: columns {listed(found)} could hold the {kind}", remedy=f"--{kind} COLUMN.")
    return found[0]


def _guessed(table: Table, read: Read, said: Said, free: Sequence[str], report: Report) -> tuple[str, str | None]:
    if said.weights:
        _refuse_counts_as_weights(table, read, said.weights, report)
        return "microdata", None
    sure, perhaps = sure_amounts(free), possible_amounts(free)
    amounts = [*sure["counts"], *sure["probabilities"]]
    numbering = _numbering(table, report)
    beside = [column for column in free if column not in amounts and column not in numbering]
    if amounts:
        if len(amounts) > 1 or beside:
            raise _which(table, said, amounts)
        if _repeats(table, read, report):
            raise _repeated(table, read, said, amounts[0])
        return _by_values(table, amounts[0], "counts" if sure["counts"] else "probabilities", report), amounts[0]
    found = table_column(table, read, report)
    hinted = [*perhaps["counts"], *perhaps["probabilities"]]
    if len(hinted) == 1 and beside == hinted:
        if found is None:
            raise _which(table, said, hinted)
        return _by_values(table, hinted[0], "counts" if perhaps["counts"] else "probabilities", report), hinted[0]
    if found is not None:
        raise _table(table, read, said, found)
    return "microdata", None


def _repeats(table: Table, read: Read, report: Report) -> bool:
    """Whether two of the first rows are alike in all that is read: rows of a table are not, units are."""
    keys = [column for column in read.all if table.columns.count(column) == 1]
    met: set[tuple[Text, ...]] = set()
    rows = 0
    for chunk in _rows(table, keys, report) if keys else ():
        for row in chunk:
            key = tuple(row.values())
            if key in met and not any(text is None or is_missing(text) for text in key):
                return True
            met.add(key)
        rows += len(chunk)
        if rows > MOST_ROWS:
            return False
    return False


def _by_values(table: Table, column: str, kind: str, report: Report) -> str:
    """R calls shares ``Freq`` too: numbers up to one that are not all counts are probabilities."""
    table.check(column, f" for {kind}", "")
    if kind == "probabilities":
        return kind
    texts = [(text or "").strip() for chunk in table.chunks([column], report) for text in set(chunk[0])]
    if all(count_value(text) is not None for text in texts):
        return kind
    return "probabilities" if all(probability_value(text) is not None for text in texts) else kind


def _refuse_counts_as_weights(table: Table, read: Read, weights: str, report: Report) -> None:
    """Weights are of single units: counts as weights would make a sample of as many units as there are rows."""
    counts = weights in sure_amounts([weights])["counts"]
    if counts and table.columns.count(weights) == 1 and table_column(table, read, report, (weights,)) is not None:
        raise DataError(
            f"{table.name}: column '{weights}' holds counts, not weights of units",
            remedy=f"--counts '{weights}', or --kind microdata with --weights if each row is one unit.",
        )


def _which(table: Table, said: Said, amounts: Sequence[str]) -> DataError:
    beside = f"columns {listed(tuple(amounts))}" if len(amounts) > 1 else f"a column '{amounts[0]}' beside others"
    if not said.takes_probabilities:
        remedy = "Say it: --kind microdata or --counts COLUMN."
        return DataError(f"{table.name}: {beside}: are these micro-data or counts?", remedy=remedy)
    return DataError(
        f"{table.name}: {beside}: are these micro-data, counts or probabilities?",
        remedy="Say it: --kind microdata, --counts COLUMN or --probabilities COLUMN.",
    )


def _repeated(table: Table, read: Read, said: Said, column: str) -> DataError:
    others = ", --counts COLUMN or --probabilities COLUMN." if said.takes_probabilities else " or --counts COLUMN."
    return DataError(
        f"{table.name}: column '{column}' may number units or count them: rows of a table differ in "
        f"{listed(read.all, 6)}, and some of these do not",
        remedy=f"Say what they are: --kind microdata{others}",
    )


def _table(table: Table, read: Read, said: Said, column: str) -> DataError:
    return DataError(
        f"{table.name}: this looks like a table and not like micro-data: every combination of "
        f"{listed(read.all, 6)} stands there once, beside numbers in column '{column}'",
        remedy=f"Say what they are: --counts '{column}'"
        + (f" or --probabilities '{column}'; " if said.takes_probabilities else "; ")
        + "or --kind microdata, if each row is one unit.",
    )


# ---------------------------------------------------------------- by rows
@dataclass
class _Guess:
    """That one column is an amount and others are what it is the amount of; kept until two rows are alike."""

    column: str
    keys: tuple[str, ...]
    declared: bool
    met: set[tuple[Text, ...]]

    def holds(self, rows: Sequence[Mapping[str, Text]]) -> bool:
        """Whether no combination came twice, and the column still holds numbers that amounts may be."""
        for row in rows:
            key = tuple(row[name] for name in self.keys)
            if all(text is None or is_missing(text) for text in (*key, row[self.column])):
                continue
            if key in self.met or not _may_be_amount(row[self.column]):
                return False
            self.met.add(key)
        return True

    def is_table(self, variables: Collection[str]) -> bool:
        """Whether combinations are dense enough to be a table's; those of values that a model declares always are."""
        if self.declared:
            return True
        rows = len(self.met)
        sizes = {name: len({key[i] for key in self.met}) for i, name in enumerate(self.keys)}
        many = any(size > max(2, rows // 2) for name, size in sizes.items() if name not in variables)
        return not many and prod(sizes.values()) <= MOST_CELLS_PER_ROW * rows


def table_column(table: Table, read: Read, report: Report, amounts: Sequence[str] = ()) -> str | None:
    """The column of amounts, if this looks like a table: few rows, no combination twice, and numbers beside."""
    unique = [column for column in table.columns if table.columns.count(column) == 1]
    keys = tuple(column for column in read.all if column in unique)
    numbering = _numbering(table, report)
    further = [*amounts] or [column for column in unique if column not in read.all and column not in numbering]
    if not further or not keys or len(keys) < len(read.all):
        return None
    guesses = list(_guesses(read, keys, further))
    rows = 0
    constant = dict.fromkeys(further, True)
    for chunk in _rows(table, [*keys, *further], report):
        rows += len(chunk)
        guesses = [guess for guess in guesses if guess.holds(chunk)] if rows <= MOST_ROWS else []
        if not guesses:
            return None
        for name in further:
            constant[name] = constant[name] and all(as_number(row[name] or "1") == 1 for row in chunk)
    # Counts that are all one are micro-data.
    found = [g for g in guesses if rows > 1 and not constant[g.column] and g.is_table(read.variables)]
    return found[0].column if found else None


def _numbering(table: Table, report: Report) -> list[str]:
    """The first columns that name or number rows; one that is called so and holds other numbers may be an amount."""
    found: list[str] = []
    for column in table.columns:
        if not is_index(column) or (table.columns.count(column) == 1 and not _numbers_rows(table, column, report)):
            break
        found.append(column)
    return found


def _numbers_rows(table: Table, column: str, report: Report) -> bool:
    """Whether the first rows have names, or numbers one after the other."""
    first = next(_rows(table, [column], report), [])
    texts = [row[column] for row in first]
    if all(map(is_missing, texts)):
        return True
    numbers = [as_number(text or "") for text in texts]
    if any(number is None and not is_missing(text) for number, text in zip(numbers, texts, strict=True)):
        return True
    return any(numbers == [*range(start, start + len(numbers))] for start in (0, 1))


def _guesses(read: Read, keys: tuple[str, ...], further: Sequence[str]) -> Iterator[_Guess]:
    """Each further column may be the amount of all others, or of what is read alone (with other amounts beside)."""
    declared = set(keys) <= set(read.variables)
    for column in further[:MOST_FURTHER]:
        yield _Guess(column, keys, declared, set())
    if 1 < len(further) <= MOST_FURTHER:
        for column in further:
            yield _Guess(column, (*keys, *(other for other in further if other != column)), False, set())


def _rows(table: Table, columns: Sequence[str], report: Report) -> Iterator[list[dict[str, Text]]]:
    """A few rows at a time, since most files show at once that they are no tables."""
    names = list(dict.fromkeys(columns))
    for chunk in table.chunks(names, report):
        rows = (dict(zip(names, map(_stripped, texts), strict=True)) for texts in zip(*chunk, strict=True))
        while some := list(islice(rows, 200)):
            yield some


def _stripped(text: Text) -> Text:
    return None if text is None else text.strip()


def _may_be_amount(text: Text) -> bool:
    """Whether a number may be counts or a share; spreadsheets leave cells of no units empty."""
    if text is None or is_missing(text):
        return True
    number = as_number(text)
    if number is not None:
        return number >= 0
    return probability_value(text) is not None or (looks_numeric(text) and not text.startswith("-"))
