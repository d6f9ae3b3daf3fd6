"""Certificates of bounds with known weights, shares, divisors and selections hold; what is changed in them is found."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import pytest

from boundgen import Model, catalogue, certify, derive
from boundgen.verification.certificate import certified
from boundgen.verification.check_certificate import Malformed, Wrong, check
from boundgen.verification.weighted_certificate import add_unprinted
from support.catalogue import WITH_PIECES
from support.certificates import Json, Path_, leaves, parent, signed
from support.piece_models import CONFOUNDED, INSTRUMENT, MEDIATION, STOPS

Change = Callable[[Json], object]
SHARES = f"{CONFOUNDED}assume mts: E[Y(x) | X=1] >= E[Y(x) | X=0] for all x in X\n"
TEXTS = {
    # Shares of groups as weights and divisors.
    "shares": f"{SHARES}estimand ate = E[Y(1) - Y(0)]\n",
    # The law of an instrument, and a divisor that is a sum of products.
    "law": f"{INSTRUMENT}observe P(Z)\nestimand pn = P(Y(0)=0 | X=1, Y=1)\n",
    # Parameters of either sign: two chambers.
    "pay": f"{CONFOUNDED}observe P(Y | do(X))\nparameter b in (-inf, inf)\nparameter c in [0, 2]\n"
    "estimand benefit = b * P(Y(1)=1, Y(0)=0) - c * P(Y(1)=0, Y(0)=1)\n",
    # A known divisor of either sign.
    "divisor": f"{MEDIATION}estimand mediated = E[Y(0, M(1)) - Y(0, M(0))] / TE\n",
    "within": f"{STOPS}estimand stopped = E[Y(D=1) - Y(D=0) | M=1]\n",
    "beside": f"{STOPS}observe P(M)\nestimand ate = E[Y(D=1) - Y(D=0)]\n",
    # An assumption that is a row of numbers only with the help of observed ones.
    "survivors": """
variable A in {0, 1} randomized
variable S(A) in {0, 1}
variable Y(A) in {0, 1}
observe P(Y, S=1 | A)
assume S(1) >= S(0)
assume order: E[Y(1) | S(0)=1, S(1)=1] >= E[Y(1) | S(0)=0, S(1)=1]
estimand sace = E[Y(1) - Y(0) | S(0)=1, S(1)=1]
""",
}
QUICK = {"mtr_mts_ate", "paf_bounds", "police_records", "risk_ratio"}
EVERY = pytest.mark.parametrize("name", TEXTS)
# How many changes are tried: a few, and where there is time nearly all.
FEW, MANY = 3, 80
SOME = pytest.mark.parametrize(
    ("name", "most"),
    [pytest.param(n, m, marks=pytest.mark.slow) if m == MANY else (n, m) for n in TEXTS for m in (FEW, MANY)],
)
SIDES = ("lower", "upper")
# Others would prove as much.
FREE = {"point", "empty", "proof", "superfluous", "implied", "broken", "equal"}


@pytest.fixture(scope="module")
def made() -> dict[str, Json]:
    found = {name: certify(Model.parse(f"model {name}\n{text.strip()}\n")) for name, text in TEXTS.items()}
    return {name: json.loads(json.dumps(document)) for name, document in found.items()}


def holds(document: Json) -> bool:
    """Whether a document with the digest that fits it holds."""
    try:
        return check(signed(document)).endswith("Every step holds.")
    except (Wrong, Malformed):
        return False


def changed(document: Json, change: Change) -> Json:
    """A copy with the proof of the one estimand changed."""
    copied = copy.deepcopy(document)
    change(copied["weighted"][0])
    return copied


# ---------------------------------------------------------------- what is made holds
@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.slow) if n not in QUICK else n for n in sorted(WITH_PIECES)]
)
def test_the_catalogue_has_certificates_of_all_estimands(name: str) -> None:
    model = catalogue.load(name)
    document, without = certified(model)
    assert not without
    assert check(json.loads(json.dumps(document))).endswith("Every step holds.")
    derived = {each.name: each.json() for each in derive(model).closed_forms}
    for entry in document.get("weighted", []):
        own = derived[entry["name"]]
        assert entry["printed"]["denominator"] == own["denominator"]
        for side in SIDES:
            shown = own[side].get("pieces") or [[term] for term in own[side]["terms"]]
            assert len(entry["printed"][side]) == len(shown)
            assert "pieces" not in own[side] or entry["printed"][side] == shown


@EVERY
def test_they_hold_and_say_what_is_printed(name: str, made: dict[str, Json]) -> None:
    report = check(made[name])
    assert report.endswith("Every step holds.")
    (entry,) = made[name]["weighted"]
    assert f"{entry['name']} = {entry['expression']}" in report.splitlines()
    (bounds,) = derive(Model.parse(f"model {name}\n{TEXTS[name].strip()}\n")).piecewise
    assert {side: bounds.json()[side]["pieces"] for side in SIDES} == {side: entry["printed"][side] for side in SIDES}


def test_the_small_ones_have_every_kind_of_part(made: dict[str, Json]) -> None:
    entries = [document["weighted"][0] for document in made.values()]
    found = {key for entry in entries for path, _ in leaves(entry) for key in path if isinstance(key, str)}
    assert {"superfluous", "positive", "negative", "if", "others", "scale", "identified"} <= found
    assert any(len(entry["lower"]["pieces"]) > 1 for entry in entries)
    assert any(len(row["of"]) > 1 for entry in entries for row in entry["rows"])


def test_a_ratio_of_what_is_seen_in_a_selection() -> None:
    document = certify(Model.parse(f"model stops\n{STOPS.strip()}\nestimand ate = E[Y(D=1) - Y(D=0)]\n"))
    assert "testable implications: none" in check(document).splitlines()
    text = document["text"].replace("P(D, Y | M=1)", "P(D, Y, M=1)")
    assert text != document["text"]
    assert not holds({**document, "text": text})


def test_an_end_that_unseen_units_have_is_the_constant() -> None:
    """Units outside of the selection may outweigh all others: another constant, which is valid too, is no bound."""
    document = certify(Model.parse(f"model stops\n{STOPS.strip()}\nestimand ate = E[Y(D=1) - Y(D=0)]\n"))
    upper = document["ratios"][0]["upper"]
    assert upper["constant"]["value"] == "1"
    upper["constant"]["value"] = "2"
    upper["constant"]["proof"] = {}
    with pytest.raises(Wrong, match="its ratio may be the bound, and it is not the constant"):
        check(signed(document))


# ---------------------------------------------------------------- cases that are never needed
@pytest.fixture(scope="module")
def divided() -> Json:
    """Pieces that a direction inside cuts at the data of the model alone: all of them are listed, and not printed."""
    text = f"{CONFOUNDED}assume mts: E[Y(1) | X=1] >= E[Y(1) | X=0]\nparameter b in [-2, 0]\n"
    text += "estimand e = P(Y(1)=1, Y(0)=0) + b * P(Y(0)=1, Y(1)=0)"
    return certify(Model.parse(f"model divided\n{text.strip()}\n"))


def test_pieces_that_are_cut_are_not_printed(divided: Json) -> None:
    (entry,) = divided["weighted"]
    cuts = {side: len(entry[side].get("cut", ())) for side in SIDES}
    assert any(cuts.values())
    assert holds(divided)
    for side in SIDES:
        assert len(entry["printed"][side]) == len(entry[side]["pieces"]) - cuts[side]
    assert "no part of this proof" not in check(divided)


def test_changed_cuts_are_found(divided: Json) -> None:
    for side in SIDES:
        for k, cut in enumerate(divided["weighted"][0][side].get("cut", ())):
            changes: list[Change] = [
                lambda cuts, k=k: cuts.pop(k),
                lambda cuts, k=k: cuts.append(cuts[k]),
                lambda cuts, k=k, d=cut["direction"]: cuts[k].update(direction=d - 1 if d else d + 1),
                lambda cuts, k=k: cuts[k]["means"].pop(),
                lambda cuts, k=k: cuts[k]["means"][0].update(weights={}),
                lambda cuts, k=k, p=cut["piece"]: cuts[k].update(piece=p - 1 if p else p + 1),
            ]
            for change in changes:
                assert not holds(changed(divided, lambda entry, side=side, c=change: c(entry[side]["cut"])))


def test_what_is_proved_and_not_printed_is_named(divided: Json) -> None:
    """Without a proof that they are never needed all pieces have to be in the report."""
    document = copy.deepcopy(divided)
    (entry,) = document["weighted"]
    for side in SIDES:
        entry[side].pop("cut", None)
    assert not holds(document)
    add_unprinted(entry, document)
    assert "that these are never needed is no part of this proof" in check(signed(document))
    for side in SIDES:
        for k in range(len(entry["printed"]["beside"][side])):
            assert not holds(changed(document, lambda e, side=side, k=k: e["printed"]["beside"][side].pop(k)))


# ---------------------------------------------------------------- forgeries: what is left out
def without(*path: str | int) -> Change:
    def change(entry: Json) -> None:
        del parent(entry, path)[path[-1]]

    return change


def parts(entry: Json) -> Iterator[Path_]:
    """Rows, columns, weights, options, pieces, and what is printed, one by one."""
    for key in ("rows", "columns", "others"):
        yield from ((key, k) for k in range(len(entry[key])))
    for side in SIDES:
        node = entry[side]
        for key in ("weights", "identified", "pieces"):
            yield from ((side, key, k) for k in range(len(node[key])))
        for d, direction in enumerate(node["directions"]):
            shown = [k for k, option in enumerate(direction["options"]) if "superfluous" not in option]
            yield from ((side, "directions", d, "options", k) for k in shown)
        for p, piece in enumerate(entry["printed"][side]):
            yield "printed", side, p
            yield from (("printed", side, p, "if", k) for k in range(len(piece["if"])))
            for s, summand in enumerate(piece["sum"]):
                yield "printed", side, p, "sum", s
                yield from (("printed", side, p, "sum", s, "options", k) for k in range(len(summand["options"])))


@SOME
def test_what_is_left_out_is_found(name: str, most: int, made: dict[str, Json]) -> None:
    everything = list(parts(made[name]["weighted"][0]))
    for path in everything[:: max(1, len(everything) // most)]:
        assert not holds(changed(made[name], without(*path))), path


@pytest.mark.parametrize("name", ["shares", "pay", "within", pytest.param("divisor", marks=pytest.mark.slow)])
def test_an_option_that_is_left_out_everywhere_is_found(name: str, made: dict[str, Json]) -> None:
    """It is neither printed nor listed, as a forger would leave it out."""
    entry = made[name]["weighted"][0]
    for side in SIDES:
        for d, direction in enumerate(entry[side]["directions"]):
            several = [k for k, option in enumerate(direction["options"]) if "superfluous" not in option]
            for k in several if len(several) > 1 else ():
                forged = changed(made[name], without(side, "directions", d, "options", k))
                for option in forged["weighted"][0][side]["directions"][d]["options"]:
                    option.pop("superfluous", None)
                pieces = forged["weighted"][0]["printed"][side]
                for p in range(len(pieces)):
                    fewer = copy.deepcopy(forged)
                    del fewer["weighted"][0]["printed"][side][p]
                    assert not holds(fewer)
                assert not holds(forged)


def test_a_chamber_that_is_left_out_is_found(made: dict[str, Json]) -> None:
    for side in SIDES:
        for one, other in (("positive", "negative"), ("negative", "positive")):
            for cells in ({"empty": ["1"]}, lambda tree, o=other: tree[o]):
                document = copy.deepcopy(made["pay"])
                node = document["weighted"][0][side]
                tree = node["cells"]
                tree[one] = cells if isinstance(cells, dict) else cells(tree)
                assert not holds(document)
        document = copy.deepcopy(made["pay"])
        node = document["weighted"][0][side]
        # One chamber for all weights.
        node["cells"] = node["cells"]["positive"]
        assert not holds(document)


# ---------------------------------------------------------------- forgeries: what is changed
@SOME
def test_no_changed_leaf_passes(name: str, most: int, made: dict[str, Json]) -> None:
    # Units that are not seen may have no entry and no cost: another stratum, and another scale, are as good.
    free = FREE | ({"stratum", "scale"} if name in ("within", "beside") else set())
    everything = [(path, value) for path, value in leaves(made[name]["weighted"][0]) if not free & {*path}]
    for path, value in everything[:: max(1, len(everything) // most)]:

        def change(entry: Json, path: Path_ = path, value: Any = value) -> None:
            parent(entry, path)[path[-1]] = other(value)

        assert not holds(changed(made[name], change)), path


def other(value: Any) -> Any:
    if value is None or isinstance(value, int):
        return 0 if value is None else value + 1
    try:
        return str(Fraction(value) + 1)
    except ValueError:
        return {"cell": "assumption", "=": "<=", "<=": "=", ">": "<", "max": "min", "min": "max"}.get(
            value, value + "x"
        )


@SOME
def test_printed_numbers_that_are_changed_are_found(name: str, most: int, made: dict[str, Json]) -> None:
    printed = [path for path, _ in leaves(made[name]["weighted"][0]) if path[0] == "printed" and path[-1] != "op"]
    for path in printed[:: max(1, len(printed) // most)]:

        def change(entry: Json, path: Path_ = path) -> None:
            place = parent(entry, path)
            if place[path[-1]] is not None and path[-1] != "relation":
                place[path[-1]] = str(Fraction(place[path[-1]]) / 2 + 3)
            else:
                del place[path[-1]]

        assert not holds(changed(made[name], change)), path


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("shares", "E[Y(x) | X=1] >= E[Y(x) | X=0]", "E[Y(x) | X=1] <= E[Y(x) | X=0]"),
        ("shares", "E[Y(1) - Y(0)]", "E[Y(0) - Y(1)]"),
        ("law", "observe P(Z)\n", ""),
        ("law", "P(Y(0)=0 | X=1, Y=1)", "P(Y(0)=0 | X=1)"),
        ("pay", "parameter c in [0, 2]", "parameter c in [-1, 2]"),
        ("pay", "b * P(Y(1)=1, Y(0)=0)", "b * P(Y(1)=1)"),
        ("divisor", "/ TE", "/ 2"),
        ("within", "observe P(D, Y | M=1)", "observe P(D, Y, M=1)"),
        ("within", "observe P(D, Y | M=1)", "observe P(D, Y | M=0)"),
        ("within", "Y(D=0) | M=1]", "Y(D=0) | M=1, D=1]"),
        ("beside", "| M=1", "| M=0"),
        ("survivors", "assume S(1) >= S(0)", "assume S(1) <= S(0)"),
        ("survivors", "S(0)=0, S(1)=1", "S(0)=1, S(1)=0"),
    ],
)
def test_another_model_is_found(name: str, before: str, after: str, made: dict[str, Json]) -> None:
    document = copy.deepcopy(made[name])
    assert before in document["text"]
    document["text"] = document["text"].replace(before, after)
    (entry,) = document["weighted"]
    entry["expression"] = document["text"].split(f"estimand {entry['name']} = ")[1].splitlines()[0]
    assert not holds(document)


def test_a_guard_of_a_divisor_of_either_sign_is_strict(made: dict[str, Json]) -> None:
    def change(entry: Json) -> None:
        for piece in entry["printed"]["lower"]:
            for guard in piece["if"]:
                guard["relation"] = ">="

    assert not holds(changed(made["divisor"], change))


def test_it_is_not_taken_for_another_kind(made: dict[str, Json]) -> None:
    for kind in ("estimands", "ratios"):
        document = copy.deepcopy(made["law"])
        document[kind] = document.pop("weighted")
        assert not holds(document)


@pytest.mark.parametrize("value", [None, 1, [], {}, "x", True, "999999", "0"])
def test_values_of_another_kind_never_end_in_another_error(value: Any, made: dict[str, Json]) -> None:
    document = made["pay"]
    entry = document["weighted"][0]
    paths = {path[:k] for path, _ in leaves(entry) for k in range(1, len(path) + 1)}
    for path in sorted(paths, key=str)[::83]:

        def change(entry: Json, path: Path_ = path) -> None:
            parent(entry, path)[path[-1]] = value

        if parent(entry, path)[path[-1]] != value and not FREE & {*path}:
            assert not holds(changed(document, change)), path
