"""What lark could not read, said so that a model's author knows where and what to do."""

from __future__ import annotations

import re

from lark import Lark, Token, UnexpectedCharacters

from boundgen.errors import ModelSyntaxError, Place, Source, did_you_mean
from boundgen.language.printed import PARTS, PRIVATE
from boundgen.language.scope import shortened
from boundgen.language.tree import HOW_TO_START, STATEMENTS
from boundgen.language.values import ONE_LINE
from boundgen.rendering.characters import character_name, first_unplain

DEEPEST = 60
WRITTEN_ORDER = "source variable confounded unconfounded observe parameter assume define estimand claim".split()
_FRIENDLY = {
    "_NEWLINE": "the end of the statement",
    "$END": "the end of the text",
    "NAME": "a name",
    "NUMBER": "a number",
    "STRING": "a text in quotes",
    "EQUAL": "'='",
}


def check_depth(source: Source) -> None:
    """Brackets deeper than any model needs are refused before anything recurses."""
    depth = 0
    for match in re.finditer(r'"[^"\n]*"|#[^\n]*|[(\[{]|[)\]}]', source.text):
        symbol = match.group()
        if symbol in "([{":
            depth += 1
        elif symbol in ")]}":
            depth -= 1
        if depth > DEEPEST:
            raise ModelSyntaxError(
                f"brackets are nested more than {DEEPEST} deep",
                _place(source, match.start(), 1),
                "Split the expression into several statements.",
            )


def check_texts(source: Source) -> None:
    """Texts in quotes hold nothing that some output cannot keep; comments go nowhere and may hold anything."""
    for match in re.finditer(r'"[^"\n]*"|#[^\n]*', source.text):
        text = match.group()
        at = first_unplain(text) if text.startswith('"') else None
        if at is not None:
            what = f"a text in quotes holds {character_name(text[at])}"
            raise ModelSyntaxError(what, _place(source, match.start() + at, 1), ONE_LINE)


def refuse_private(source: Source) -> None:
    """Characters of private use stand for printed symbols inside boundgen, and mean nothing in what others write."""
    for part in PARTS.finditer(source.text):
        found = None if part.group()[0] in '"#' else PRIVATE.search(part.group())
        if found:
            position = part.start() + found.start()
            raise ModelSyntaxError(
                f"unexpected character {source.text[position]!r}",
                _place(source, position, 1),
                "It is not part of the language.",
            )


def _place(source: Source, position: int, length: int) -> Place:
    before = source.text[:position]
    return Place(source, before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1, length)


WRITE_INSTEAD = {
    "&": "Formulas are joined by and, or, not, ->.",
    "^": "Powers are written as products: Y(1) * Y(1).",
    ".": "Decimals start with a digit: 0.5. Ranges have two dots: 0..3.",
}
RELATIONS = ("=", "!=", "<=", ">=", "<", ">")
PRINTED_SYMBOL = re.compile(r"\b[pq]_?[0-9]+$")
CLAIM_LINES = ("lower", "upper", "expect", "holds")


def unexpected_character(error: UnexpectedCharacters, source: Source) -> ModelSyntaxError:
    """A character that no word of the language has."""
    position = error.pos_in_stream or 0
    character = source.text[position]
    where = _place(source, position, 1)
    if character == '"':
        return ModelSyntaxError("a text in quotes does not end on its line", where, "Texts have no line breaks.")
    if PRINTED_SYMBOL.search(source.text[:position]):
        remedy = "It is no symbol of this model's output in a claim: write the probability out, P(Y=1, M=0 | A=1)."
        return ModelSyntaxError(f"unexpected character {character!r}", where, remedy)
    if ord(character) > 127:
        return ModelSyntaxError(
            f"unexpected character {character!r}",
            where,
            "Names and operators are ASCII: letters, digits, underscores; <=, >=, !=, ->. "
            "Other characters may stand in comments and quoted texts.",
        )
    remedy = WRITE_INSTEAD.get(character, "It is not part of the language.")
    return ModelSyntaxError(f"unexpected character {character!r}", where, remedy)


def unexpected_token(token: Token, accepts: set[str], source: Source, grammar: Lark) -> ModelSyntaxError:
    """A word that cannot stand where it stands."""
    if token.type in ("$END", "_NEWLINE"):
        return _too_early(token, accepts, source, grammar)
    assert token.start_pos is not None
    where = _place(source, token.start_pos, len(token))
    margin = not source.line(where.line)[: where.column - 1].strip()
    first = not source.text[: token.start_pos].strip()
    # What was written, not what stands for it.
    shown = shortened(source.text[token.start_pos : token.start_pos + len(token)])
    if "VARIABLE" in accepts and margin:
        if token in CLAIM_LINES:
            return ModelSyntaxError(f"unexpected '{token}'", where, "The lines of a claim are indented below it.")
        if _starts_the_text(token, source):
            return ModelSyntaxError(f"unexpected '{shown}'", where, HOW_TO_START)
        if token.type == "NAME":
            known = ", ".join(kind for kind in WRITTEN_ORDER if kind != "model")
            return ModelSyntaxError(
                f"unknown statement '{shown}'", where, f"{did_you_mean(shown, STATEMENTS)}statements: {known}"
            )
    if token in STATEMENTS and margin and not first:
        return ModelSyntaxError(
            f"'{token}' starts a statement inside another one",
            where,
            "An indented line continues the one above it; statements start at the left margin.",
        )
    reserved = " (a reserved word)" if str(token).isidentifier() and token.type != "NAME" and "NAME" in accepts else ""
    return ModelSyntaxError(f"unexpected '{shown}'{reserved}", where, _remedy(token, accepts, source, grammar))


def _remedy(token: Token, accepts: set[str], source: Source, grammar: Lark) -> str:
    expected = _expected(accepts, grammar)
    before = source.text[: token.start_pos or 0].rstrip()[-1:]
    if token in RELATIONS and before in tuple("=<>!"):
        return "Relations are =, !=, <=, >=, < and >."
    if token == ";":
        return "A statement ends at its line's end; in E[Y; M=0] an event stands behind it."
    if token == "for" and re.search(r"\bfor\s+all\b", _begun(token, source)):
        return "One 'for all' says all that is quantified, with commas: for all x in X, a > b in X."
    if token == "|":
        return "One bar stands in P(event | arm) or E[... | arm]; what stands behind it is joined by commas."
    in_claim = _claim_remedy(token, accepts, _claim_line(token, source))
    if in_claim or token not in RELATIONS:
        return in_claim or expected
    return expected + ("; the probability of a formula is P(formula)" if "RSQB" in accepts else "")


def _claim_remedy(token: Token, accepts: set[str], line: str) -> str:
    """What the lines of a claim hold; empty where nothing special can be said."""
    if line == "holds" and (token in RELATIONS or token in ("max", "min")):
        return "A 'holds' line is one comparison of linear expressions; write a line for each."
    if line not in ("lower", "upper"):
        return ""
    if token in RELATIONS:
        return "A side is an expression, not a comparison: lower max(a, b), upper min(a, b)."
    return "Several terms stand in max(...) or min(...)." if token == "," and "LOWER" in accepts else ""


def _claim_line(token: Token, source: Source) -> str:
    """The word that starts the line of a claim in which a word stands; empty outside claims."""
    statement = _begun(token, source)
    words = re.findall(rf"\b({'|'.join(CLAIM_LINES)})\b", statement)
    return words[-1] if words and statement.startswith("claim") else ""


def _begun(token: Token, source: Source) -> str:
    """What stands of a statement before a word, without quoted texts and comments."""
    statements = re.split(r"\n(?=[^\s#])", source.text[: token.start_pos or 0])
    return re.sub(r'"[^"\n]*"|#[^\n]*', "", statements[-1])


def _starts_the_text(token: Token, source: Source) -> bool:
    """Whether nothing but comments stands above."""
    above = source.text[: token.start_pos or 0].split("\n")
    return all(not line.strip() or line.lstrip().startswith("#") for line in above)


def _too_early(token: Token, accepts: set[str], source: Source, grammar: Lark) -> ModelSyntaxError:
    end = len(source.text) if token.type == "$END" else token.start_pos or 0
    # Comments and blanks at the end are not what the statement lacks.
    words = [m for m in re.finditer(r'"[^"\n]*"|#[^\n]*|[^\s"#]+', source.text[:end]) if not m.group().startswith("#")]
    where = _place(source, words[-1].end() if words else 0, 1)
    if token.type == "$END":
        return ModelSyntaxError("the text ends in the middle of a statement", where, _expected(accepts, grammar))
    going_on = "; a line that goes on is followed by indented ones"
    return ModelSyntaxError("the statement ends too early", where, _expected(accepts, grammar) + going_on)


def _expected(accepts: set[str], grammar: Lark) -> str:
    terminals = {t.name: t for t in grammar.terminals}
    words = set()
    # Where a name may stand, so may a value in quotation marks: they are needed for few labels.
    hidden = {"PRINTED", "AT_MOST", "AT_LEAST", "MAX", "MIN", *(["STRING"] if "NAME" in accepts else [])}
    for name in accepts - hidden:
        pattern = terminals[name].pattern.value if name in terminals else name
        words.add(_FRIENDLY.get(name) or f"'{pattern}'")
    return "expected " + " or ".join(sorted(words, key=lambda word: (word.startswith("'"), word)))
